/** Ending an isolation that the responder asked for, and no other. */
import type { ActionContext, Confirmation, NotOurs, RunResult } from '../define.js';
import { type IsolationOutput, release } from './isolation.js';
import { cancel, describe, evidenceOf, hasReference, referenceOf } from './isolation-requests.js';
import { type Isolation, isolationOf, type MachineAction, readIsolations } from './machine-actions.js';

interface Present {
  readonly actions: readonly MachineAction[];
  readonly found: Isolation;
  /** In force or on their way. */
  readonly own: readonly MachineAction[];
  readonly foreign: readonly MachineAction[];
}

/**
 * Releases the machine, or cancels an isolation that has not taken effect yet, if nobody but the responder asked for
 * it. `others`: outputs of other incidents whose isolation is to end, too.
 */
export async function undoIsolation(
  output: IsolationOutput,
  ctx: ActionContext,
  others: readonly IsolationOutput[],
): Promise<RunResult<unknown> | NotOurs> {
  const { machineId, device } = output;
  const { found, own, foreign } = await readPresent(output, ctx, others);
  const [other] = foreign;
  if (other) {
    const reason = `${device} was left isolated: ${describe(other)}, is not known to be of the responder's making.`;
    return { state: 'not-ours', reason, evidence: evidenceOf(other) };
  }
  const open = own.filter((action) => found.openIsolations.includes(action));
  let cancelled: MachineAction | undefined;
  for (const action of open) cancelled = await cancel(action, await referenceOf(ctx), ctx);
  if (cancelled && own.length === open.length) {
    return { state: 'requested', output: {}, evidence: evidenceOf(cancelled) };
  }
  return release({ machineId, device }, ctx);
}

/** Proves that nothing of the responder's making isolates the machine any more. */
export async function confirmUndoneIsolation(
  output: IsolationOutput,
  ctx: ActionContext,
  others: readonly IsolationOutput[],
): Promise<Confirmation> {
  const { device } = output;
  const { actions, found, own, foreign } = await readPresent(output, ctx, others);
  const [release] = found.openReleases;
  if (release) return { state: 'pending', status: `Machine action ${release.id} is ${release.status}.` };
  const [still] = own;
  if (still) return { state: 'failed', reason: `${device} is still isolated by machine action ${still.id}.` };
  const again = foreign[0] ? `; since then it was isolated again: ${describe(foreign[0])}` : '';
  const { lastRelease } = found;
  const cancelled = actions.find(({ id, status }) => id === output.machineActionId && status === 'Cancelled');
  const by = cancelled ?? lastRelease;
  const proof = cancelled
    ? `Isolation ${cancelled.id} of ${device} was read back as Cancelled, and none of the responder's making is in force${again}.`
    : lastRelease
      ? `Release ${lastRelease.id} of ${device}, requested by ${lastRelease.requestor || 'somebody'}, was read back as Succeeded${again}.`
      : `No isolation of ${device} by the responder is in force${again}.`;
  return { state: 'confirmed', proof, evidence: evidenceOf(by) };
}

async function readPresent(
  output: IsolationOutput,
  ctx: ActionContext,
  others: readonly IsolationOutput[],
): Promise<Present> {
  const reference = await referenceOf(ctx);
  const ours = [output, ...others].flatMap(({ ours, machineActionId }) => (ours ? [machineActionId] : []));
  const isOwn = (action: MachineAction) => ours.includes(action.id) || hasReference(action, reference);
  const actions = await readIsolations(output.machineId, ctx);
  const found = isolationOf(actions);
  const present = [...found.openIsolations, ...found.inForce];
  return {
    actions,
    found,
    own: present.filter(isOwn),
    foreign: present.filter((action) => !isOwn(action)),
  };
}
