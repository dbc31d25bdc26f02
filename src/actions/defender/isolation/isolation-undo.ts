/** Ends isolations that the responder requested, and no other. */
import type { ActionContext, Confirmation, RunResult, UndoSkipped } from '../../define.js';
import {
  type IsolationSummary,
  type MachineAction,
  readIsolations,
  summariseIsolation,
} from '../machines/machine-actions.js';
import { evidenceOf, hasReference, referenceOf } from '../machines/machine-requests.js';
import { type IsolationOutput, release } from './isolation.js';
import { cancel, describeAction } from './isolation-requests.js';

interface CurrentIsolation {
  readonly actions: readonly MachineAction[];
  readonly summary: IsolationSummary;
  /** In force or in progress. */
  readonly ownActions: readonly MachineAction[];
  readonly foreignActions: readonly MachineAction[];
}

/**
 * Releases the machine, or cancels an isolation that has not taken effect yet, if only the responder requested it.
 * `others`: outputs of other incidents whose isolation also ends.
 */
export async function undoIsolation(
  output: IsolationOutput,
  ctx: ActionContext,
  others: readonly IsolationOutput[],
): Promise<RunResult<unknown> | UndoSkipped> {
  const { machineId, device } = output;
  const { summary, ownActions, foreignActions } = await readCurrentIsolation(output, ctx, others);
  const [other] = foreignActions;
  if (other) {
    const reason = `${device} was left isolated: ${describeAction(other)}, cannot be attributed to the responder.`;
    return { state: 'not-ours', reason, evidence: evidenceOf(other) };
  }
  const open = ownActions.filter((action) => summary.openIsolations.includes(action));
  let cancelled: MachineAction | undefined;
  for (const action of open) cancelled = await cancel(action, await referenceOf(ctx), ctx);
  if (cancelled && ownActions.length === open.length) {
    return { state: 'requested', output: {}, evidence: evidenceOf(cancelled) };
  }
  return release({ machineId, device }, ctx);
}

/** Proves that no isolation by the responder is in force any more. */
export async function confirmUndoneIsolation(
  output: IsolationOutput,
  ctx: ActionContext,
  others: readonly IsolationOutput[],
): Promise<Confirmation> {
  const { device } = output;
  const { actions, summary, ownActions, foreignActions } = await readCurrentIsolation(output, ctx, others);
  const [release] = summary.openReleases;
  if (release) return { state: 'pending', status: `Machine action ${release.id} is ${release.status}.` };
  const [still] = ownActions;
  if (still) return { state: 'failed', reason: `${device} is still isolated by machine action ${still.id}.` };
  const again = foreignActions[0]
    ? `; since then it was isolated again: ${describeAction(foreignActions[0])}`
    : '';
  const { lastRelease } = summary;
  const cancelled = actions.find(({ id, status }) => id === output.machineActionId && status === 'Cancelled');
  const by = cancelled ?? lastRelease;
  const proof = cancelled
    ? `Isolation ${cancelled.id} of ${device} was read back as Cancelled, and no isolation by the responder is in force${again}.`
    : lastRelease
      ? `Release ${lastRelease.id} of ${device}, requested by ${lastRelease.requestor || 'somebody'}, was read back as Succeeded${again}.`
      : `No isolation of ${device} by the responder is in force${again}.`;
  return { state: 'confirmed', proof, evidence: evidenceOf(by) };
}

async function readCurrentIsolation(
  output: IsolationOutput,
  ctx: ActionContext,
  others: readonly IsolationOutput[],
): Promise<CurrentIsolation> {
  const reference = await referenceOf(ctx);
  const ownActionIds = [output, ...others].flatMap(({ initiatedByUs, machineActionId }) =>
    initiatedByUs ? [machineActionId] : [],
  );
  const isOwn = (action: MachineAction) =>
    ownActionIds.includes(action.id) || hasReference(action, reference);
  const actions = await readIsolations(output.machineId, ctx);
  const summary = summariseIsolation(actions);
  const present = [...summary.openIsolations, ...summary.inForce];
  return {
    actions,
    summary,
    ownActions: present.filter(isOwn),
    foreignActions: present.filter((action) => !isOwn(action)),
  };
}
