/** Whether an identifier of a host belongs to a machine of Defender. */
import { lowerCase } from '../../../domain/unicode-text.js';
import type { ActionContext } from '../../define.js';
import { AGREES, type Check, type Claim, DIFFERS, isSame, UNCHECKED } from '../../identifiers.js';
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
      return MDE_ID.test(value) ? differsIfAnother(machine, [await findMachineById(value, ctx)]) : DIFFERS;
    case 'aadDeviceId':
      if (isSame(machine.aadDeviceId, value)) return AGREES;
      return GUID.test(value) ? differsIfAnother(machine, await findMachinesByEntraId(value, ctx)) : DIFFERS;
    case 'azureId':
      return checkAzureId(machine, value, ctx);
    case 'fqdn':
      return name === value ? AGREES : checkFullName(machine, value, ctx);
    case 'hostName':
      return labelOf(name) === labelOf(value)
        ? AGREES
        : differsIfAnother(machine, await findMachinesByHostName(value, ctx));
    case 'netBiosName':
      return labelOf(name) === value || labelOf(name).slice(0, NETBIOS_LENGTH) === value
        ? AGREES
        : differsIfAnother(machine, await findMachinesByHostName(value, ctx));
    case 'dnsDomain':
      if (!name.includes('.')) return UNCHECKED;
      return name.endsWith(`.${value}`) ? AGREES : DIFFERS;
    case 'friendlyName':
      return checkDisplayName(machine, value, ctx);
    default:
      return UNCHECKED;
  }
}

/** Defender cannot be queried by it, and does not report it for every machine. Its last part is usually the machine's name. */
async function checkAzureId(machine: Machine, azureId: string, ctx: ActionContext): Promise<Check> {
  if (isSame(machine.vmMetadata?.resourceId, azureId)) return AGREES;
  const name = azureId.split('/').at(-1) ?? '';
  const named = name === '' ? [] : await findMachinesByHostName(name, ctx);
  const theirs = named.filter(({ vmMetadata }) => isSame(vmMetadata?.resourceId, azureId));
  return differsIfAnother(machine, theirs, machine.vmMetadata?.resourceId ? DIFFERS : UNCHECKED);
}

/** A display name is arbitrary: it counts against a machine only if it is another machine's id or name. */
async function checkDisplayName(machine: Machine, value: string, ctx: ActionContext): Promise<Check> {
  const name = machineNameOf(machine);
  if ([machine.id, machine.aadDeviceId, name, labelOf(name)].some((one) => isSame(one, value))) return AGREES;
  if (MDE_ID.test(value)) return differsIfAnother(machine, [await findMachineById(value, ctx)], UNCHECKED);
  if (GUID.test(value)) return differsIfAnother(machine, await findMachinesByEntraId(value, ctx), UNCHECKED);
  const [full, bare] = [findMachinesByFullName, findMachinesByHostName];
  return differsIfAnother(machine, await (value.includes('.') ? full : bare)(value, ctx), UNCHECKED);
}

/** A machine outside any domain has a bare name; its domain is then unknown. */
async function checkFullName(machine: Machine, fqdn: string, ctx: ActionContext): Promise<Check> {
  const [other] = await findMachinesByFullName(fqdn, ctx);
  if (other !== undefined) return { state: 'differs', of: { id: other.id, name: machineNameOf(other) } };
  const name = lowerCase(machineNameOf(machine));
  return !name.includes('.') && name === labelOf(fqdn) ? UNCHECKED : DIFFERS;
}

function differsIfAnother(
  machine: Machine,
  known: readonly (Machine | undefined)[],
  otherwise: Check = DIFFERS,
): Check {
  const other = known.find((one) => one !== undefined && one.id !== machine.id);
  return other === undefined
    ? otherwise
    : { state: 'differs', of: { id: other.id, name: machineNameOf(other) } };
}
