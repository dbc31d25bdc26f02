import { z } from 'zod';
import type { EntityOf } from '../../domain/entities.js';
import type { Finding } from '../../domain/finding.js';
import type { Target } from '../define.js';

/** What a response on a device is given: the machine that the enrichment found. */
export const machineInputSchema = z.object({
  machineId: z.string().min(1).describe("Defender's machine id"),
  device: z.string().describe('Name of the device, for people'),
});
export type MachineInput = z.infer<typeof machineInputSchema>;

const deviceFindingSchema = z.object({
  machineId: z.string(),
  matchedBy: z.enum(['mde-id', 'fqdn', 'host-name']),
  aadDeviceId: z.string().optional(),
  computerDnsName: z.string(),
  onboardingStatus: z.string().optional(),
});

/** The one machine that `defender.device` found for this host; refused where it found several, or failed. */
export function foundMachine(entity: EntityOf<'host'>, findings: readonly Finding[]): Target<MachineInput> {
  const finding = findings.find((one) => one.action === 'defender.device' && one.entityKey === entity.key);
  if (finding?.status === 'failed' && finding.error.code === 'ambiguous-device') {
    return { ok: false, code: 'ambiguous-target', reason: finding.error.message };
  }
  const device = finding?.status === 'ok' ? deviceFindingSchema.safeParse(finding.output) : undefined;
  if (!device?.success) {
    return { ok: false, code: 'target-unknown', reason: 'The device could not be looked up in Defender.' };
  }
  const { machineId, matchedBy, aadDeviceId, computerDnsName, onboardingStatus } = device.data;
  const agreed = entity.aadDeviceId && aadDeviceId?.toLowerCase() === entity.aadDeviceId;
  if (entity.aadDeviceId && aadDeviceId && !agreed) {
    return {
      ok: false,
      code: 'ambiguous-target',
      reason: 'The incident and Defender name different devices.',
    };
  }
  // Whatever else identifies the host, Defender was asked by a name that others may share.
  if (matchedBy === 'host-name' && !agreed) {
    return { ok: false, code: 'weak-identity', reason: 'The device was found by its bare name only.' };
  }
  if (onboardingStatus === undefined) {
    return {
      ok: false,
      code: 'target-unknown',
      reason: 'Defender does not say whether the device is onboarded.',
    };
  }
  if (onboardingStatus !== 'Onboarded') {
    return { ok: false, code: 'unsupported-target', reason: 'The device is not onboarded to Defender.' };
  }
  return { ok: true, input: { machineId, device: computerDnsName || entity.display } };
}
