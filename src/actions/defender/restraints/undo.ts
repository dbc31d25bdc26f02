/** Ends restraints that the responder requested, and no other. */
import type { ActionContext, Confirmation, RunResult, UndoSkipped } from '../../define.js';
import type { MachineAction } from '../machines/machine-actions.js';
import { evidenceOf, hasReference, referenceOf } from '../machines/machine-requests.js';
import { lift } from './impose.js';
import { cancel } from './requests.js';
import { describeAction, type Restraint, type RestraintOutput } from './restraint.js';
import { type RestraintState, readState } from './state.js';

interface Current {
  readonly state: RestraintState;
  /** In force or in progress. */
  readonly ownActions: readonly MachineAction[];
  readonly foreignActions: readonly MachineAction[];
}

/**
 * Ends the restraint, or cancels one that no device has fetched yet, if only the responder requested it.
 * `others`: outputs of other incidents whose restraint also ends.
 */
export async function undoRestraint(
  restraint: Restraint,
  output: RestraintOutput,
  ctx: ActionContext,
  others: readonly RestraintOutput[],
): Promise<RunResult<unknown> | UndoSkipped> {
  const { machineId, device } = output;
  const { state, ownActions, foreignActions } = await readCurrent(restraint, output, ctx, others);
  const [other] = foreignActions;
  if (other) {
    const reason = `${device} was left ${restraint.words.inForce}: ${describeAction(restraint, other)}, cannot be attributed to the responder.`;
    return { state: 'not-ours', reason, evidence: evidenceOf(other) };
  }
  const open = ownActions.filter((action) => state.beginning.includes(action));
  let cancelled: MachineAction | undefined;
  for (const action of open) cancelled = await cancel(restraint, action, await referenceOf(ctx), ctx);
  if (cancelled && ownActions.length === open.length) {
    return { state: 'requested', output: {}, evidence: evidenceOf(cancelled) };
  }
  return lift(restraint, { machineId, device }, ctx);
}

/** Proves that no restraint by the responder is in force any more. */
export async function confirmUndone(
  restraint: Restraint,
  output: RestraintOutput,
  ctx: ActionContext,
  others: readonly RestraintOutput[],
): Promise<Confirmation> {
  const { device } = output;
  const { words } = restraint;
  const { state, ownActions, foreignActions } = await readCurrent(restraint, output, ctx, others);
  const [ending] = state.ending;
  if (ending) return { state: 'pending', status: `Machine action ${ending.id} is ${ending.status}.` };
  const [still] = ownActions;
  if (still) {
    const reason = `${device} is still ${words.inForce} by machine action ${still.id}.`;
    return { state: 'failed', reason };
  }
  const again = foreignActions[0]
    ? `; since then it was ${words.inForce} again: ${describeAction(restraint, foreignActions[0])}`
    : '';
  const { lastEnd } = state;
  const cancelled = state.actions.find(
    ({ id, status }) => id === output.machineActionId && status === 'Cancelled',
  );
  const by = cancelled ?? lastEnd;
  const proof = cancelled
    ? `${capital(words.begin)} ${cancelled.id} of ${device} was read back as Cancelled, and no ${words.begin} by the responder is in force${again}.`
    : lastEnd
      ? `${capital(words.end)} ${lastEnd.id} of ${device}, requested by ${lastEnd.requestor || 'somebody'}, was read back as Succeeded${again}.`
      : `No ${words.begin} of ${device} by the responder is in force${again}.`;
  return { state: 'confirmed', proof, evidence: evidenceOf(by) };
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

async function readCurrent(
  restraint: Restraint,
  output: RestraintOutput,
  ctx: ActionContext,
  others: readonly RestraintOutput[],
): Promise<Current> {
  const reference = await referenceOf(ctx);
  const ownActionIds = [output, ...others].flatMap(({ initiatedByUs, machineActionId }) =>
    initiatedByUs ? [machineActionId] : [],
  );
  const isOwn = (action: MachineAction) =>
    ownActionIds.includes(action.id) || hasReference(action, reference);
  const state = await readState(restraint, output.machineId, ctx);
  const present = [...state.beginning, ...state.inForce];
  return {
    state,
    ownActions: present.filter(isOwn),
    foreignActions: present.filter((action) => !isOwn(action)),
  };
}
