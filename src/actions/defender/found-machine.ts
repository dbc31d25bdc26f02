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
  computerDnsName: z.string(),
  onboardingStatus: z.string(),
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
  const { machineId, computerDnsName, onboardingStatus } = device.data;
  if (!['Onboarded', 'Unknown'].includes(onboardingStatus)) {
    return { ok: false, code: 'unsupported-target', reason: 'The device is not onboarded to Defender.' };
  }
  return { ok: true, input: { machineId, device: computerDnsName || entity.display } };
}
