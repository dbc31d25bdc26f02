import { recordWords } from '../../../domain/target.js';
import { type MachineTarget, machineResolver } from './machine-resolver.js';
import { findSuccessor, machineNameOf } from './machines.js';

export { type MachineInput, machineInputSchema } from './machine-resolver.js';

/** The machine of a host, if it is identified with certainty and Defender can act on it. */
export const machineTarget: MachineTarget = {
  resolver: machineResolver,
  async accept({ machine }, record, ctx) {
    const { onboardingStatus, mergedIntoMachineId } = machine;
    if (mergedIntoMachineId) {
      const reason = `Defender has merged the device into machine ${mergedIntoMachineId}.`;
      return { ok: false, code: 'unsupported-target', reason };
    }
    if (!onboardingStatus) {
      const reason = 'Defender does not say whether the device is onboarded.';
      return { ok: false, code: 'target-unknown', reason };
    }
    if (onboardingStatus !== 'Onboarded') {
      return { ok: false, code: 'unsupported-target', reason: 'The device is not onboarded to Defender.' };
    }
    const successor = await findSuccessor(machine, ctx);
    if (successor !== undefined) {
      const words = recordWords({ id: successor.id, name: machineNameOf(successor) });
      const reason = `The device was set up again: its record in Defender is now ${words}.`;
      return { ok: false, code: 'unsupported-target', reason };
    }
    return { ok: true, input: { machineId: machine.id, device: recordWords(record) } };
  },
};
