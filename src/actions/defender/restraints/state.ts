/** Whether a machine is restrained, derived from its actions: Defender has no property for that. */
import type { ActionContext } from '../../define.js';
import {
  hasSucceeded,
  isOpen,
  type MachineAction,
  readMachineActions,
  updatedAt,
} from '../machines/machine-actions.js';
import { begins, ends, type Restraint } from './restraint.js';

/** An action in progress may take effect at any moment; a completed one counts from the time it took effect. */
export interface RestraintState {
  /** All actions of both types, newest first. */
  readonly actions: readonly MachineAction[];
  /** Those that took effect after the last end, the latest first. */
  readonly inForce: readonly MachineAction[];
  readonly beginning: readonly MachineAction[];
  readonly ending: readonly MachineAction[];
  readonly lastEnd: MachineAction | undefined;
}

export async function readState(
  restraint: Restraint,
  machineId: string,
  ctx: ActionContext,
): Promise<RestraintState> {
  const actions = await readMachineActions(machineId, [restraint.begin.type, restraint.end.type], ctx);
  const done = actions.filter(hasSucceeded).sort((a, b) => updatedAt(b) - updatedAt(a));
  const last = done.findIndex((action) => ends(restraint, action));
  const open = actions.filter(isOpen);
  return {
    actions,
    inForce: last < 0 ? done : done.slice(0, last),
    beginning: open.filter((action) => begins(restraint, action)),
    ending: open.filter((action) => ends(restraint, action)),
    lastEnd: done[last],
  };
}

/** An action in progress takes precedence over one in force. */
export function stateName({ before }: Restraint, { inForce, beginning, ending }: RestraintState): string {
  const [yes, soon, ceasing, no] = before;
  if (ending.length > 0) return ceasing;
  if (beginning.length > 0) return soon;
  return inForce.length > 0 ? yes : no;
}
