import { recordWords, type TargetRecord } from '../../../domain/target.js';
import { isInUse } from './machine-choice.js';
import { type MachineTarget, machineResolver } from './machine-resolver.js';
import { findOtherRecords, type Machine, machineNameOf } from './machines.js';
import { refusalOn, type SystemSupport } from './system-support.js';

export { type MachineInput, machineInputSchema } from './machine-resolver.js';

/** On which devices Defender supports a response. */
export interface Eligibility {
  /** Absent: on all operating systems, as far as is documented. */
  readonly systems?: SystemSupport;
  /** Only devices that are not onboarded. Absent: only those that are. */
  readonly unmanaged?: true;
}

/** The machine of a host, if it is identified with certainty and Defender can act on it. */
export const machineTarget = machineTargetOn({});

/** The same for a response that Defender supports on some devices only. */
export function machineTargetOn({ systems, unmanaged }: Eligibility): MachineTarget {
  return {
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
      if ((unmanaged ?? false) === (onboardingStatus === 'Onboarded')) {
        const reason = unmanaged
          ? 'The device is onboarded to Defender: isolate it instead.'
          : 'The device is not onboarded to Defender.';
        return { ok: false, code: 'unsupported-target', reason };
      }
      const refusal = systems && refusalOn(machine, systems);
      if (refusal) return refusal;
      const others = await findOtherRecords(machine, ctx);
      const successor = others.find((other) => isSuccessor(other, machine));
      if (successor !== undefined) {
        const reason = `The device was set up again: its record in Defender is now ${wordsOf(successor)}.`;
        return { ok: false, code: 'unsupported-target', reason };
      }
      const back = others.find((other) => isLeftOut(other, record) && isInUse(other, ctx.clock.now()));
      if (back !== undefined) {
        const reason = `Another record of the device in Defender, ${wordsOf(back)}, is in use again.`;
        return { ok: false, code: 'ambiguous-target', reason };
      }
      return { ok: true, input: { machineId: machine.id, device: recordWords(record) } };
    },
  };
}

/** It was first seen after the other was last seen: the device was set up again, and requests never reach the other. */
const isSuccessor = ({ firstSeen }: Machine, machine: Machine): boolean =>
  Date.parse(firstSeen ?? '') > Date.parse(machine.lastSeen ?? '');

/** The notes name the records that were not chosen, because they were stale or merged. */
const isLeftOut = ({ id }: Machine, { notes = [] }: Pick<TargetRecord, 'notes'>): boolean =>
  notes.some((note) => note.includes(id));

const wordsOf = (machine: Machine): string => recordWords({ id: machine.id, name: machineNameOf(machine) });
