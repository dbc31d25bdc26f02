/** Whether an identifier of a host belongs to a machine of Defender. */
import { lowerCase } from '../../domain/letters.js';
import type { ActionContext } from '../define.js';
import { AGREES, type Check, type Claim, DIFFERS, isSame, UNCHECKED } from '../identifiers.js';
import {
  labelOf,
  type Machine,
  machineOfId,
  machinesOfEntraId,
  machinesOfFullName,
  machinesOfHostName,
  nameOf,
} from './machines.js';

/** NetBIOS names end after 15 characters. https://learn.microsoft.com/troubleshoot/windows-server/active-directory/naming-conventions-for-computer-domain-site-ou */
const NETBIOS_LENGTH = 15;
const MDE_ID = /^[0-9a-f]{40}$/i;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Where the record does not say it, Defender is asked whose the identifier is. */
export async function checkMachine(machine: Machine, claim: Claim, ctx: ActionContext): Promise<Check> {
  const value = lowerCase(claim.value);
  const name = lowerCase(nameOf(machine));
  switch (claim.id) {
    case 'mdeId':
      if (isSame(machine.id, value)) return AGREES;
      return MDE_ID.test(value) ? otherThan(machine, [await machineOfId(value, ctx)]) : DIFFERS;
    case 'aadDeviceId':
      if (isSame(machine.aadDeviceId, value)) return AGREES;
      return GUID.test(value) ? otherThan(machine, await machinesOfEntraId(value, ctx)) : DIFFERS;
    case 'azureId':
      return checkAzureId(machine, value, ctx);
    case 'fqdn':
      return name === value ? AGREES : fullName(machine, value, ctx);
    case 'hostName':
      return labelOf(name) === labelOf(value)
        ? AGREES
        : otherThan(machine, await machinesOfHostName(value, ctx));
    case 'netBiosName':
      return labelOf(name) === value || labelOf(name).slice(0, NETBIOS_LENGTH) === value
        ? AGREES
        : otherThan(machine, await machinesOfHostName(value, ctx));
    case 'dnsDomain':
      if (!name.includes('.')) return UNCHECKED;
      return name.endsWith(`.${value}`) ? AGREES : DIFFERS;
    case 'friendlyName':
      return checkCalled(machine, value, ctx);
    default:
      return UNCHECKED;
  }
}

/** Defender cannot be asked by it, and does not say it of every machine. Its last part is mostly the machine's name. */
async function checkAzureId(machine: Machine, azureId: string, ctx: ActionContext): Promise<Check> {
  if (isSame(machine.vmMetadata?.resourceId, azureId)) return AGREES;
  const name = azureId.split('/').at(-1) ?? '';
  const named = name === '' ? [] : await machinesOfHostName(name, ctx);
  const theirs = named.filter(({ vmMetadata }) => isSame(vmMetadata?.resourceId, azureId));
  return otherThan(machine, theirs, machine.vmMetadata?.resourceId ? DIFFERS : UNCHECKED);
}

/** What it is shown as may be anything: it counts against a machine only where it is another one's id or name. */
async function checkCalled(machine: Machine, value: string, ctx: ActionContext): Promise<Check> {
  const name = nameOf(machine);
  if ([machine.id, machine.aadDeviceId, name, labelOf(name)].some((one) => isSame(one, value))) return AGREES;
  if (MDE_ID.test(value)) return otherThan(machine, [await machineOfId(value, ctx)], UNCHECKED);
  if (GUID.test(value)) return otherThan(machine, await machinesOfEntraId(value, ctx), UNCHECKED);
  const [full, bare] = [machinesOfFullName, machinesOfHostName];
  return otherThan(machine, await (value.includes('.') ? full : bare)(value, ctx), UNCHECKED);
}

/** A machine that has joined no domain has a bare name: its domain is then what nobody knows. */
async function fullName(machine: Machine, fqdn: string, ctx: ActionContext): Promise<Check> {
  const [other] = await machinesOfFullName(fqdn, ctx);
  if (other !== undefined) return { state: 'differs', of: { id: other.id, name: nameOf(other) } };
  const name = lowerCase(nameOf(machine));
  return !name.includes('.') && name === labelOf(fqdn) ? UNCHECKED : DIFFERS;
}

function otherThan(
  machine: Machine,
  known: readonly (Machine | undefined)[],
  otherwise: Check = DIFFERS,
): Check {
  const other = known.find((one) => one !== undefined && one.id !== machine.id);
  return other === undefined ? otherwise : { state: 'differs', of: { id: other.id, name: nameOf(other) } };
}
