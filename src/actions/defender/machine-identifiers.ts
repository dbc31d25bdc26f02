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
      // Defender cannot be asked by it, and does not say it of every machine.
      if (!machine.vmMetadata?.resourceId) return UNCHECKED;
      return isSame(machine.vmMetadata.resourceId, value) ? AGREES : DIFFERS;
    case 'fqdn':
      return name === value ? AGREES : fullName(machine, value, ctx);
    case 'hostName':
      return labelOf(name) === labelOf(value)
        ? AGREES
        : otherThan(machine, await machinesOfHostName(value, ctx));
    case 'netBiosName':
      return labelOf(name).slice(0, NETBIOS_LENGTH) === value.slice(0, NETBIOS_LENGTH)
        ? AGREES
        : otherThan(machine, await machinesOfHostName(value, ctx));
    case 'dnsDomain':
      if (!name.includes('.')) return UNCHECKED;
      return name.endsWith(`.${value}`) ? AGREES : DIFFERS;
    default:
      return UNCHECKED;
  }
}

/** A machine that has joined no domain has a bare name: its domain is then what nobody knows. */
async function fullName(machine: Machine, fqdn: string, ctx: ActionContext): Promise<Check> {
  const [other] = await machinesOfFullName(fqdn, ctx);
  if (other !== undefined) return { state: 'differs', of: { id: other.id, name: nameOf(other) } };
  const name = lowerCase(nameOf(machine));
  return !name.includes('.') && name === labelOf(fqdn) ? UNCHECKED : DIFFERS;
}

function otherThan(machine: Machine, known: readonly (Machine | undefined)[]): Check {
  const other = known.find((one) => one !== undefined && one.id !== machine.id);
  return other === undefined ? DIFFERS : { state: 'differs', of: { id: other.id, name: nameOf(other) } };
}
