import { recordWords } from '../../domain/target.js';
import { type MachineTarget, machineResolver } from './machine-resolver.js';
import { nameOf, successorOf } from './machines.js';

export { type MachineInput, machineInputSchema } from './machine-resolver.js';

/** The machine of a host, where it is certain which one it is and Defender can act on it. */
export const machineTarget: MachineTarget = {
  resolver: machineResolver,
  async accept({ machine, matchedBy }, record, ctx) {
    // Whatever else identifies the host, Defender was asked by a name that others may share.
    if (matchedBy === 'host-name') {
      return { ok: false, code: 'weak-identity', reason: 'The device was found by its bare name only.' };
    }
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
    const successor = await successorOf(machine, ctx);
    if (successor !== undefined) {
      const words = recordWords({ id: successor.id, name: nameOf(successor) });
      const reason = `The device was set up again: since then Defender knows it as ${words}.`;
      return { ok: false, code: 'unsupported-target', reason };
    }
    return { ok: true, input: { machineId: machine.id, device: recordWords(record) } };
  },
};
