/** Isolating and releasing a machine: read first, and act once at most. */
import { z } from 'zod';
import { ResponderError } from '../../domain/errors.js';
import type { ActionContext, RunResult } from '../define.js';
import { readAfterLostAnswer } from '../lost-answer.js';
import type { MachineInput } from './found-machine.js';
import {
  describe,
  evidenceOf,
  hasReference,
  isOfThisDecision,
  referenceOf,
  requestIsolation,
  requestRelease,
  underWay,
} from './isolation-requests.js';
import {
  isIsolation,
  isOpen,
  isolationOf,
  isRelease,
  type MachineAction,
  readIsolations,
  stateOf,
} from './machine-actions.js';

export const isolationOutputSchema = z.object({
  machineId: z.string(),
  device: z.string(),
  machineActionId: z
    .string()
    .optional()
    .describe('The machine action that does or did it; none where none was needed'),
  ours: z
    .boolean()
    .describe('This incident asked for it; false: somebody else had, and its undo leaves it alone'),
  before: z.enum(['isolated', 'isolating', 'releasing', 'not-isolated']).describe('State before acting'),
});
export type IsolationOutput = z.infer<typeof isolationOutputSchema>;

/**
 * Isolates a machine fully. A repeated request would make an action that hangs, and may take effect after a later
 * release: nothing is sent where a full isolation is in force or on its way. What Defender does with a request for a
 * full isolation of a machine that is isolated selectively is not documented: that is left to people.
 * @throws ResponderError `lesser-isolation`, `opposite-action-in-progress`; those of the client.
 */
export async function isolate(input: MachineInput, ctx: ActionContext): Promise<RunResult<IsolationOutput>> {
  const { machineId } = input;
  const reference = await referenceOf(ctx);
  const actions = await readIsolations(machineId, ctx);
  const found = isolationOf(actions);
  const result = resultOf(input, stateOf(found), reference, ctx);
  const [release] = found.openReleases;
  if (release) throw underWay(release);
  const present = found.inForce[0] ?? found.openIsolations.find(isFull(reference)) ?? found.openIsolations[0];
  if (present) {
    if (!isFull(reference)(present)) throw lesser(present);
    return result(isOpen(present) ? 'already-in-progress' : 'already-done', present);
  }
  try {
    const asked = await requestIsolation(machineId, reference, ctx);
    return { ...result('requested', asked), began: true };
  } catch (error) {
    const after = await readAfterLostAnswer(error, () => readIsolations(machineId, ctx));
    const fresh = after.filter((one) => isIsolation(one) && actions.every(({ id }) => id !== one.id));
    const own = fresh.find((action) => hasReference(action, reference));
    if (own) return result('requested', own);
    const open = fresh.filter(isOpen);
    const full = open.find(isFull(reference));
    if (full) return result('already-in-progress', full);
    if (open[0]) throw lesser(open[0]);
    throw error;
  }
}

/**
 * Releases a machine.
 * @throws ResponderError `opposite-action-in-progress`; those of the client.
 */
export async function release(input: MachineInput, ctx: ActionContext): Promise<RunResult<IsolationOutput>> {
  const { machineId } = input;
  const reference = await referenceOf(ctx);
  const actions = await readIsolations(machineId, ctx);
  const found = isolationOf(actions);
  const result = resultOf(input, stateOf(found), reference, ctx);
  const [isolation] = found.openIsolations;
  if (isolation) throw underWay(isolation);
  const [open] = found.openReleases;
  if (open) return result('already-in-progress', open);
  if (found.inForce.length === 0) return result('already-done', found.lastRelease);
  try {
    return result('requested', await requestRelease(machineId, reference, ctx));
  } catch (error) {
    const after = await readAfterLostAnswer(error, () => readIsolations(machineId, ctx));
    const fresh = after.filter((one) => isRelease(one) && actions.every(({ id }) => id !== one.id));
    const own = fresh.find((action) => hasReference(action, reference));
    if (own) return result('requested', own);
    const other = fresh.find(isOpen);
    if (other) return result('already-in-progress', other);
    throw error;
  }
}

/** What was found done or under way is said to be this decision's own where its mark and its time prove that. */
function resultOf(
  { machineId, device }: MachineInput,
  before: IsolationOutput['before'],
  reference: string,
  ctx: ActionContext,
): (state: RunResult<unknown>['state'], action: MachineAction | undefined) => RunResult<IsolationOutput> {
  return (state, action) => {
    const ours = action !== undefined && hasReference(action, reference);
    const output = { machineId, device, ...(action ? { machineActionId: action.id } : {}), ours, before };
    const evidence = evidenceOf(action);
    // It was asked for, so nothing was in force then.
    if (ours && isOfThisDecision(action, ctx)) return { state: 'requested', output, evidence, began: true };
    return { state, output, evidence };
  };
}

/** Of ours it is known without Defender's word for it. */
function isFull(reference: string): (action: MachineAction) => boolean {
  return (action) => (action.scope ? action.scope.toLowerCase() === 'full' : hasReference(action, reference));
}

function lesser(present: MachineAction): ResponderError {
  return new ResponderError({
    code: 'lesser-isolation',
    message: `The device is not isolated fully, as was approved: ${describe(present)}${present.scope ? '' : ', of an unknown kind'}.`,
    blame: 'caller',
    retry: isOpen(present) ? 'later' : 'no',
    next: 'See in the Defender portal whether it is enough. Otherwise release the device there and isolate it fully.',
  });
}
