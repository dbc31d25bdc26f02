/** Isolates and releases a machine: reads the state first, and acts at most once. */
import { z } from 'zod';
import { ResponderError } from '../../../domain/errors.js';
import type { ActionContext, RunResult } from '../../define.js';
import {
  isOpen,
  isolationStateOf,
  type MachineAction,
  readIsolations,
  summariseIsolation,
} from '../machines/machine-actions.js';
import {
  evidenceOf,
  hasReference,
  isOfThisDecision,
  referenceOf,
  sendMachineAction,
} from '../machines/machine-requests.js';
import type { MachineInput } from '../machines/machine-target.js';
import { describeAction, ISOLATE, oppositeActionInProgress, RELEASE } from './isolation-requests.js';

export const isolationOutputSchema = z.object({
  machineId: z.string(),
  device: z.string(),
  machineActionId: z
    .string()
    .optional()
    .describe('The machine action of the effect; absent if none was needed'),
  initiatedByUs: z
    .boolean()
    .describe('This incident requested it; false: someone else did, and the undo does not revert it'),
  before: z.enum(['isolated', 'isolating', 'releasing', 'not-isolated']).describe('State before acting'),
});
export type IsolationOutput = z.infer<typeof isolationOutputSchema>;

/**
 * Isolates a machine fully. A repeated request would create an action that hangs, and may take effect after a later
 * release: nothing is sent if a full isolation is in force or in progress. It is not documented what Defender does with
 * a request for full isolation of a selectively isolated machine: that case is left to an analyst.
 * @throws ResponderError `lesser-isolation`, `opposite-action-in-progress`; those of the client.
 */
export async function isolate(input: MachineInput, ctx: ActionContext): Promise<RunResult<IsolationOutput>> {
  const { machineId } = input;
  const reference = await referenceOf(ctx);
  const actions = await readIsolations(machineId, ctx);
  const summary = summariseIsolation(actions);
  const result = resultOf(input, isolationStateOf(summary), reference, ctx);
  const [release] = summary.openReleases;
  if (release) throw oppositeActionInProgress(release);
  const present =
    summary.inForce[0] ?? summary.openIsolations.find(isFull(reference)) ?? summary.openIsolations[0];
  if (present) {
    if (!isFull(reference)(present)) throw notFullyIsolated(present);
    return result(isOpen(present) ? 'already-in-progress' : 'already-done', present);
  }
  const sent = await sendMachineAction(ISOLATE, { machineId, before: actions, reference }, ctx);
  if (sent.own) return { ...result('requested', sent.own), began: true };
  const open = sent.others.filter(isOpen);
  const full = open.find(isFull(reference));
  if (full) return result('already-in-progress', full);
  if (open[0]) throw notFullyIsolated(open[0]);
  throw sent.failure;
}

/**
 * Releases a machine.
 * @throws ResponderError `opposite-action-in-progress`; those of the client.
 */
export async function release(input: MachineInput, ctx: ActionContext): Promise<RunResult<IsolationOutput>> {
  const { machineId } = input;
  const reference = await referenceOf(ctx);
  const actions = await readIsolations(machineId, ctx);
  const summary = summariseIsolation(actions);
  const result = resultOf(input, isolationStateOf(summary), reference, ctx);
  const [isolation] = summary.openIsolations;
  if (isolation) throw oppositeActionInProgress(isolation);
  const [open] = summary.openReleases;
  if (open) return result('already-in-progress', open);
  if (summary.inForce.length === 0) return result('already-done', summary.lastRelease);
  const sent = await sendMachineAction(RELEASE, { machineId, before: actions, reference }, ctx);
  if (sent.own) return result('requested', sent.own);
  const other = sent.others.find(isOpen);
  if (other) return result('already-in-progress', other);
  throw sent.failure;
}

/** An effect that is in force or in progress is attributed to this decision if its mark and its time prove that. */
function resultOf(
  { machineId, device }: MachineInput,
  before: IsolationOutput['before'],
  reference: string,
  ctx: ActionContext,
): (state: RunResult<unknown>['state'], action: MachineAction | undefined) => RunResult<IsolationOutput> {
  return (state, action) => {
    const initiatedByUs = action !== undefined && hasReference(action, reference);
    const output = {
      machineId,
      device,
      ...(action ? { machineActionId: action.id } : {}),
      initiatedByUs,
      before,
    };
    const evidence = evidenceOf(action);
    // This decision requested it, so it was not in force before.
    if (initiatedByUs && isOfThisDecision(action, ctx))
      return { state: 'requested', output, evidence, began: true };
    return { state, output, evidence };
  };
}

/** The responder's own isolation is full, even if Defender does not report the kind. */
function isFull(reference: string): (action: MachineAction) => boolean {
  return (action) => (action.scope ? action.scope.toLowerCase() === 'full' : hasReference(action, reference));
}

function notFullyIsolated(present: MachineAction): ResponderError {
  return new ResponderError({
    code: 'lesser-isolation',
    message: `The device is not isolated fully, as was approved: ${describeAction(present)}${present.scope ? '' : ', of an unknown kind'}.`,
    fault: 'caller',
    retry: isOpen(present) ? 'later' : 'no',
    next: 'Check in the Defender portal whether that is enough. Otherwise release the device there and isolate it fully.',
  });
}
