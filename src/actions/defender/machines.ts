/** Machines of Defender for Endpoint. https://learn.microsoft.com/defender-endpoint/api/machine */

import { z } from 'zod';
import type { Raw } from '../../domain/builders/path.js';
import { guid, odata, path } from '../../domain/builders/path.js';
import { ResponderError } from '../../domain/errors.js';
import { lowerCase } from '../../domain/letters.js';
import type { ActionContext } from '../define.js';
import { isSame } from '../identifiers.js';
import { listOf, wholeList } from '../page.js';

export const machineSchema = z.looseObject({
  id: z.string().min(1),
  computerDnsName: z.string().nullish(),
  osPlatform: z.string().nullish(),
  healthStatus: z.string().nullish(),
  onboardingStatus: z.string().nullish(),
  riskScore: z.string().nullish(),
  exposureLevel: z.string().nullish(),
  deviceValue: z.string().nullish(),
  aadDeviceId: z.string().nullish(),
  /** Where the machine runs in Azure, or is connected to it. */
  vmMetadata: z.looseObject({ resourceId: z.string().nullish() }).nullish(),
  /** This record was given up for another one. */
  mergedIntoMachineId: z.string().nullish(),
  rbacGroupName: z.string().nullish(),
  machineTags: z.array(z.string()).nullish(),
  firstSeen: z.string().nullish(),
  lastSeen: z.string().nullish(),
  lastIpAddress: z.string().nullish(),
  lastExternalIpAddress: z.string().nullish(),
});
export type Machine = z.infer<typeof machineSchema>;
const listSchema = listOf(machineSchema);
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const NONE = /^[0-]+$/;

/** Undefined where Defender has no machine of that id. */
export async function machineOfId(id: string, ctx: ActionContext): Promise<Machine | undefined> {
  try {
    const { body } = await ctx.clients.defender.get(path`/api/machines/${id}`, machineSchema, {
      signal: ctx.signal,
    });
    if (!isSame(body.id, id)) throw anotherMachine();
    return body;
  } catch (error) {
    if (error instanceof ResponderError && error.info.code === 'not-found') return undefined;
    throw error;
  }
}

export async function machinesOfEntraId(deviceId: string, ctx: ActionContext): Promise<readonly Machine[]> {
  const found = await listed(odata`aadDeviceId eq ${guid(deviceId)}`, ctx);
  return found.filter(({ aadDeviceId }) => isSame(aadDeviceId, deviceId));
}

export async function machinesOfFullName(name: string, ctx: ActionContext): Promise<readonly Machine[]> {
  const found = await listed(odata`computerDnsName eq ${lowerCase(name)}`, ctx);
  return found.filter((machine) => isSame(nameOf(machine), name));
}

/** By the name before the first dot. A name that only starts the same is another machine. */
export async function machinesOfHostName(name: string, ctx: ActionContext): Promise<readonly Machine[]> {
  const label = lowerCase(name);
  const found = await listed(odata`startswith(computerDnsName,${label})`, ctx);
  return found.filter((machine) => labelOf(nameOf(machine)) === label);
}

/**
 * The record of the same device, by its name or its id of Entra's, that came after this one was seen last: the device
 * was set up again, and what is asked of this record never reaches it.
 */
export async function successorOf(machine: Machine, ctx: ActionContext): Promise<Machine | undefined> {
  const { id, aadDeviceId, lastSeen } = machine;
  const seenLast = Date.parse(lastSeen ?? '');
  if (Number.isNaN(seenLast)) return undefined;
  const name = nameOf(machine);
  const named = name === '' ? [] : await machinesOfFullName(name, ctx);
  const same =
    aadDeviceId && GUID.test(aadDeviceId) && !NONE.test(aadDeviceId)
      ? await machinesOfEntraId(aadDeviceId, ctx)
      : [];
  return [...named, ...same].find((one) => one.id !== id && Date.parse(one.firstSeen ?? '') > seenLast);
}

export const nameOf = ({ computerDnsName }: Machine): string => computerDnsName?.trim() ?? '';
export const labelOf = (name: string): string => lowerCase(name).split('.', 1)[0] ?? '';

async function listed(filter: Raw, ctx: ActionContext): Promise<readonly Machine[]> {
  const { body } = await ctx.clients.defender.get(path`/api/machines?$filter=${filter}`, listSchema, {
    signal: ctx.signal,
  });
  return wholeList(body, 'Defender for Endpoint');
}

function anotherMachine(): ResponderError {
  return new ResponderError({
    code: 'bad-answer',
    message: 'Defender for Endpoint was asked for one machine and answered with another.',
    blame: 'service',
    retry: 'later',
  });
}
