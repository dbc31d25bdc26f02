/** Machines of Defender for Endpoint. https://learn.microsoft.com/defender-endpoint/api/machine */

import { z } from 'zod';
import type { Raw } from '../../../domain/builders/path.js';
import { guid, odata, path } from '../../../domain/builders/path.js';
import { ResponderError } from '../../../domain/errors.js';
import { lowerCase } from '../../../domain/unicode-text.js';
import type { ActionContext } from '../../define.js';
import { isSame } from '../../identifiers.js';
import { completeList, odataListSchema } from '../../odata-list.js';

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
  /** This record was merged into another one. */
  mergedIntoMachineId: z.string().nullish(),
  /** Defender supposes that it is a second record of another device. */
  isPotentialDuplication: z.boolean().nullish(),
  /** Somebody has excluded it, e.g. as a duplicate. https://learn.microsoft.com/defender-endpoint/exclude-devices */
  isExcluded: z.boolean().nullish(),
  rbacGroupName: z.string().nullish(),
  machineTags: z.array(z.string()).nullish(),
  firstSeen: z.string().nullish(),
  lastSeen: z.string().nullish(),
  lastIpAddress: z.string().nullish(),
  lastExternalIpAddress: z.string().nullish(),
});
export type Machine = z.infer<typeof machineSchema>;
const listSchema = odataListSchema(machineSchema);
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const NONE = /^[0-]+$/;

/** Undefined if Defender has no machine with that id. */
export async function findMachineById(id: string, ctx: ActionContext): Promise<Machine | undefined> {
  const { clients, signal } = ctx;
  const found = await unlessMissing(
    clients.defender.get(path`/api/machines/${id}`, machineSchema, { signal }),
  );
  if (found !== undefined && !isSame(found.body.id, id)) throw anotherMachine();
  return found?.body;
}

export async function findMachinesByEntraId(
  deviceId: string,
  ctx: ActionContext,
): Promise<readonly Machine[]> {
  const found = await queryMachines(odata`aadDeviceId eq ${guid(deviceId)}`, ctx);
  return found.filter(({ aadDeviceId }) => isSame(aadDeviceId, deviceId));
}

export async function findMachinesByFullName(name: string, ctx: ActionContext): Promise<readonly Machine[]> {
  const found = await queryMachines(odata`computerDnsName eq ${lowerCase(name)}`, ctx);
  return found.filter((machine) => isSame(machineNameOf(machine), name));
}

/** By the name before the first dot. A name that only has the same prefix is another machine. */
export async function findMachinesByHostName(name: string, ctx: ActionContext): Promise<readonly Machine[]> {
  const label = lowerCase(name);
  const found = await queryMachines(odata`startswith(computerDnsName,${label})`, ctx);
  return found.filter((machine) => labelOf(machineNameOf(machine)) === label);
}

/** Other records with the name or the Entra id of this one, without those that were merged into it. */
export async function findOtherRecords(machine: Machine, ctx: ActionContext): Promise<readonly Machine[]> {
  const { id, aadDeviceId } = machine;
  const name = machineNameOf(machine);
  const named = name === '' ? [] : await findMachinesByFullName(name, ctx);
  const same =
    aadDeviceId && GUID.test(aadDeviceId) && !NONE.test(aadDeviceId)
      ? await findMachinesByEntraId(aadDeviceId, ctx)
      : [];
  return [...named, ...same].filter((one) => one.id !== id && !isSame(one.mergedIntoMachineId, id));
}

export const machineNameOf = ({ computerDnsName }: Machine): string => computerDnsName?.trim() ?? '';
export const labelOf = (name: string): string => lowerCase(name).split('.', 1)[0] ?? '';

/** Defender may answer 404 instead of an empty list. https://learn.microsoft.com/defender-endpoint/api/get-machines */
async function queryMachines(filter: Raw, ctx: ActionContext): Promise<readonly Machine[]> {
  const { clients, signal } = ctx;
  const found = await unlessMissing(
    clients.defender.get(path`/api/machines?$filter=${filter}`, listSchema, { signal }),
  );
  return found === undefined ? [] : completeList(found.body, 'Defender for Endpoint');
}

async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ResponderError && error.info.code === 'not-found') return undefined;
    throw error;
  }
}

function anotherMachine(): ResponderError {
  return new ResponderError({
    code: 'bad-answer',
    message: 'Defender for Endpoint returned another machine than the requested one.',
    fault: 'service',
    retry: 'later',
  });
}
