/** The identifiers of a host by which Defender is queried, and that are compared with its record. */
import { z } from 'zod';
import { type EntityOf, furtherIdSchema } from '../../../domain/entities.js';
import type { InputOrRefusal } from '../../define.js';
import { type Claim, claimsOf } from '../../identifiers.js';

const text = z.string().min(1).optional();
export const machineQuerySchema = z
  .object({
    mdeId: text.describe("Defender's machine id"),
    aadDeviceId: text.describe('Device id in Entra'),
    azureId: text.describe('ARM id of the virtual machine'),
    fqdn: text.describe('Full DNS name'),
    hostName: text.describe('Bare host name'),
    dnsDomain: text,
    further: z
      .array(furtherIdSchema)
      .optional()
      .describe('Further identifiers, and further ones of the same kinds'),
  })
  .refine(hasIdentifier, { error: 'an id or a name of the machine is needed' });
export type MachineQuery = z.infer<typeof machineQuerySchema>;

type Identifiers = Partial<Pick<EntityOf<'host'>, 'mdeId' | 'aadDeviceId' | 'azureId' | 'fqdn' | 'hostName'>>;

function hasIdentifier({ mdeId, aadDeviceId, azureId, fqdn, hostName }: Identifiers): boolean {
  return [mdeId, aadDeviceId, azureId, fqdn, hostName].some((id) => id !== undefined);
}

export function machineQuery(host: EntityOf<'host'>): InputOrRefusal<MachineQuery> {
  const { mdeId, aadDeviceId, azureId, fqdn, hostName, dnsDomain, further } = host;
  if (!hasIdentifier(host)) {
    return {
      ok: false,
      code: 'target-unknown',
      reason: 'Defender has no machine with the identifiers of this host.',
    };
  }
  const given = { mdeId, aadDeviceId, azureId, fqdn, hostName, dnsDomain, further };
  const input = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ok: true, input };
}

/** Best identifier first. */
export function claimsOfHost(query: MachineQuery): Claim[] {
  const { mdeId, aadDeviceId, azureId, fqdn, hostName, dnsDomain, further } = query;
  return claimsOf(
    [
      ['mdeId', mdeId],
      ['aadDeviceId', aadDeviceId],
      ['azureId', azureId],
      ['fqdn', fqdn],
      ['hostName', hostName],
      ['dnsDomain', dnsDomain],
    ],
    further,
  );
}
