/** Follows the records that Defender has merged into others. */
import type { ActionContext } from '../../define.js';
import { findMachineById, type Machine } from './machines.js';

/** A machine with the ids of the records that led to it, or the reason why they lead to none. */
export type Lineage =
  | { readonly machine: Machine; readonly merged: readonly Machine[] }
  | { readonly machine: undefined; readonly reason: string };

/** More merges in a row than any device has. */
const LONGEST = 10;

/** The record that this one was merged into, through all steps. No other record of a merged device receives actions. */
export async function currentRecord(machine: Machine, ctx: ActionContext): Promise<Lineage> {
  const merged: Machine[] = [];
  let now = machine;
  while (now.mergedIntoMachineId) {
    const next = now.mergedIntoMachineId;
    merged.push(now);
    if (merged.length > LONGEST || merged.some(({ id }) => id.toLowerCase() === next.toLowerCase())) {
      return { machine: undefined, reason: `Defender's records of ${machine.id} are merged in a circle.` };
    }
    const found = await findMachineById(next, ctx);
    if (found === undefined) {
      const reason = `Defender has merged ${now.id} into machine ${next}, which it does not have.`;
      return { machine: undefined, reason };
    }
    now = found;
  }
  return { machine: now, merged };
}
