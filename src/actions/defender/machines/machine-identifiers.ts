/** Whether an identifier of a host belongs to a machine of Defender. */
import { lowerCase } from '../../../domain/unicode-text.js';
import type { ActionContext } from '../../define.js';
import { AGREES, type Check, type Claim, DIFFERS, isSame, UNCHECKED } from '../../identifiers.js';
import { currentRecord } from './machine-lineage.js';
import { findMachinesByAzureId } from './machine-search.js';
import {
  findMachineById,
  findMachinesByEntraId,
  findMachinesByFullName,
  findMachinesByHostName,
  labelOf,
  type Machine,
  machineNameOf,
} from './machines.js';

/** NetBIOS names have at most 15 characters. https://learn.microsoft.com/troubleshoot/windows-server/active-directory/naming-conventions-for-computer-domain-site-ou */
const NETBIOS_LENGTH = 15;
const MDE_ID = /^[0-9a-f]{40}$/i;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** If the record does not contain an identifier, Defender is queried for its owner. */
export async function checkMachine(machine: Machine, claim: Claim, ctx: ActionContext): Promise<Check> {
  const value = lowerCase(claim.value);
  const name = lowerCase(machineNameOf(machine));
  switch (claim.id) {
    case 'mdeId':
      if (isSame(machine.id, value)) return AGREES;
      if (!MDE_ID.test(value)) return DIFFERS;
      return differsIfAnother(machine, [await findMachineById(value, ctx)], ctx);
    case 'aadDeviceId':
      return checkEntraId(machine, value, ctx);
    case 'azureId':
      return checkAzureId(machine, value, ctx);
    case 'fqdn':
      return name === value ? AGREES : checkFullName(machine, value, ctx);
    case 'hostName':
      return labelOf(name) === labelOf(value)
        ? AGREES
        : differsIfAnother(machine, await findMachinesByHostName(value, ctx), ctx);
    case 'netBiosName':
      return labelOf(name) === value || labelOf(name).slice(0, NETBIOS_LENGTH) === value
        ? AGREES
        : differsIfAnother(machine, await findMachinesByHostName(value, ctx), ctx);
    case 'dnsDomain':
      if (!name.includes('.')) return UNCHECKED;
      return name.endsWith(`.${value}`) ? AGREES : DIFFERS;
    case 'friendlyName':
      return checkDisplayName(machine, value, ctx);
    default:
      return UNCHECKED;
  }
}

/** Defender does not have it for every machine: then only another machine that has it counts against this one. */
async function checkEntraId(machine: Machine, deviceId: string, ctx: ActionContext): Promise<Check> {
  if (isSame(machine.aadDeviceId, deviceId)) return AGREES;
  if (!GUID.test(deviceId)) return DIFFERS;
  const theirs = await findMachinesByEntraId(deviceId, ctx);
  return differsIfAnother(machine, theirs, ctx, machine.aadDeviceId ? DIFFERS : UNCHECKED);
}

/** Defender does not report it for every machine. */
async function checkAzureId(machine: Machine, azureId: string, ctx: ActionContext): Promise<Check> {
  if (isSame(machine.vmMetadata?.resourceId, azureId)) return AGREES;
  const theirs = await findMachinesByAzureId(azureId, undefined, ctx);
  return differsIfAnother(machine, theirs, ctx, machine.vmMetadata?.resourceId ? DIFFERS : UNCHECKED);
}

/** A display name is arbitrary: it counts against a machine only if it is another machine's id or name. */
async function checkDisplayName(machine: Machine, value: string, ctx: ActionContext): Promise<Check> {
  const name = machineNameOf(machine);
  if ([machine.id, machine.aadDeviceId, name, labelOf(name)].some((one) => isSame(one, value))) return AGREES;
  const owners = async () => {
    if (MDE_ID.test(value)) return [await findMachineById(value, ctx)];
    if (GUID.test(value)) return findMachinesByEntraId(value, ctx);
    return value.includes('.') ? findMachinesByFullName(value, ctx) : findMachinesByHostName(value, ctx);
  };
  return differsIfAnother(machine, await owners(), ctx, UNCHECKED);
}

/** A machine outside any domain has a bare name; its domain is then unknown. */
async function checkFullName(machine: Machine, fqdn: string, ctx: ActionContext): Promise<Check> {
  const name = lowerCase(machineNameOf(machine));
  const isShort = !name.includes('.') && name === labelOf(fqdn);
  return differsIfAnother(
    machine,
    await findMachinesByFullName(fqdn, ctx),
    ctx,
    isShort ? UNCHECKED : DIFFERS,
  );
}

/**
 * Whether an identifier belongs to another machine. A record that Defender has merged into this one is this one.
 * @param owners the machines that have it.
 * @param otherwise the result if no machine has it.
 */
async function differsIfAnother(
  machine: Machine,
  owners: readonly (Machine | undefined)[],
  ctx: ActionContext,
  otherwise: Check = DIFFERS,
): Promise<Check> {
  let isOwn = false;
  for (const owner of owners) {
    if (owner === undefined) continue;
    const current = (await currentRecord(owner, ctx)).machine ?? owner;
    if (current.id !== machine.id) {
      return { state: 'differs', of: { id: current.id, name: machineNameOf(current) } };
    }
    isOwn ||= owner.id !== machine.id;
  }
  return isOwn ? AGREES : otherwise;
}
