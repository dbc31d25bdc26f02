/** Isolating and releasing a machine: read first, and act once at most. */
import { z } from 'zod';
import { path } from '../../domain/builders/path.js';
import { ResponderError } from '../../domain/errors.js';
import type { ActionContext, RunResult } from '../define.js';
import { sha256Hex } from '../hash.js';
import { readAfterLostAnswer } from '../lost-answer.js';
import type { MachineInput } from './found-machine.js';
import {
  type Isolation,
  isOpen,
  isolationOf,
  type MachineAction,
  machineActionSchema,
  readIsolations,
  readMachineAction,
} from './machine-actions.js';

export const isolationOutputSchema = z.object({
  machineId: z.string(),
  device: z.string(),
  machineActionId: z
    .string()
    .optional()
    .describe('The machine action that does or did it; none where none was needed'),
  ours: z.boolean().describe('This action asked for it; false: somebody else had, and undo leaves it alone'),
  before: z.enum(['isolated', 'isolating', 'releasing', 'not-isolated']).describe('State before acting'),
});
export type IsolationOutput = z.infer<typeof isolationOutputSchema>;

export type Want = 'Isolate' | 'Unisolate';
interface Goal {
  readonly reached: Isolation['state'];
  readonly underWay: Isolation['state'];
  readonly opposed: Isolation['state'];
  readonly words: string;
}
export const GOALS: Readonly<Record<Want, Goal>> = {
  Isolate: { reached: 'isolated', underWay: 'isolating', opposed: 'releasing', words: 'isolation' },
  Unisolate: { reached: 'not-isolated', underWay: 'releasing', opposed: 'isolating', words: 'release' },
};

/**
 * Brings a machine into the wanted state. A repeated request would make an action that hangs, and may take effect
 * after a later release: nothing is sent where the state is already there or on its way.
 * @throws ResponderError `opposite-action-in-progress`; those of the client.
 */
export async function changeIsolation(
  want: Want,
  { machineId, device }: MachineInput,
  ctx: ActionContext,
): Promise<RunResult<IsolationOutput>> {
  const goal = GOALS[want];
  const reference = await referenceOf(ctx);
  const before = isolationOf(await readIsolations(machineId, ctx));
  const result = (state: RunResult<unknown>['state'], action: MachineAction | undefined, asked: boolean) => ({
    state,
    output: {
      machineId,
      device,
      ...(action ? { machineActionId: action.id } : {}),
      ours: asked || (action?.requestorComment?.includes(reference) ?? false),
      before: before.state,
    },
    evidence: evidenceOf(action),
  });
  if (before.state === goal.reached) {
    const done = result('already-done', before.by, false);
    // Where an earlier attempt of this very response did it, its answer was lost: it is ours, and ours to take back.
    return want === 'Isolate' && done.output.ours ? { ...done, state: 'requested' } : done;
  }
  if (before.state === goal.underWay) return result('already-in-progress', before.by, false);
  if (before.state === goal.opposed) throw opposed(want, before.by);
  try {
    const action = await request(want, machineId, reference, ctx);
    return result('requested', action, true);
  } catch (error) {
    const read = await readAfterLostAnswer(error, () => readIsolations(machineId, ctx));
    const after = read.filter(({ type }) => type === want);
    const own = after.find(
      (action) => action.requestorComment?.includes(reference) && action.id !== before.by?.id,
    );
    if (own) return result('requested', own, true);
    const open = after.find(isOpen);
    if (open) return result('already-in-progress', open, false);
    throw error;
  }
}

/**
 * https://learn.microsoft.com/defender-endpoint/api/isolate-machine
 * https://learn.microsoft.com/defender-endpoint/api/unisolate-machine
 */
async function request(
  want: Want,
  machineId: string,
  reference: string,
  ctx: ActionContext,
): Promise<MachineAction> {
  const { defender } = ctx.clients;
  const { number } = ctx.incident;
  const Comment = `Incident ${number ?? 'of Microsoft Sentinel'}, by sentinel-responder (${reference})`;
  const { signal } = ctx;
  const { body } =
    want === 'Isolate'
      ? await defender.post(
          path`/api/machines/${machineId}/isolate`,
          { Comment, IsolationType: 'Full' },
          machineActionSchema,
          { signal },
        )
      : await defender.post(path`/api/machines/${machineId}/unisolate`, { Comment }, machineActionSchema, {
          signal,
        });
  return body;
}

export const opposite = (want: Want) => GOALS[want === 'Isolate' ? 'Unisolate' : 'Isolate'].words;

/** Ends the isolation that an earlier run asked for, and no other; one that has not taken effect yet never will. */
export async function undoIsolation(
  { machineId, device, machineActionId, ours }: IsolationOutput,
  ctx: ActionContext,
): Promise<RunResult<unknown>> {
  const left = (why: string) => ({ state: 'already-done', output: {}, evidence: { left: why } }) as const;
  if (!ours) return left('the device had been isolated by somebody else');
  const { state, by } = isolationOf(await readIsolations(machineId, ctx));
  if ((state === 'isolated' || state === 'isolating') && by?.id !== machineActionId) {
    return left(`the device was isolated anew by machine action ${by?.id}`);
  }
  if (state === 'isolating' && by !== undefined) return cancel(by, ctx);
  return changeIsolation('Unisolate', { machineId, device }, ctx);
}

/** https://learn.microsoft.com/defender-endpoint/api/cancel-machine-action */
async function cancel(open: MachineAction, ctx: ActionContext): Promise<RunResult<unknown>> {
  const Comment = `Undone by sentinel-responder (${await referenceOf(ctx)})`;
  const done = (action: MachineAction) =>
    ({ state: 'requested', output: {}, evidence: evidenceOf(action) }) as const;
  try {
    const where = path`/api/machineactions/${open.id}/cancel`;
    const { signal } = ctx;
    return done((await ctx.clients.defender.post(where, { Comment }, machineActionSchema, { signal })).body);
  } catch (error) {
    // Just then it came to its end: the next attempt sees how, and releases the device if it must.
    if (error instanceof ResponderError && error.info.httpStatus === 400) throw opposed('Unisolate', open);
    const after = await readAfterLostAnswer(error, () => readMachineAction(open.id, ctx));
    if (isOpen(after)) throw error;
    return done(after);
  }
}

/** By this mark in its comment a machine action is known as ours, also after an answer was lost. */
async function referenceOf({ idempotencyKey }: ActionContext): Promise<string> {
  return `ref ${(await sha256Hex(idempotencyKey)).slice(0, 16)}`;
}

export function evidenceOf(action: MachineAction | undefined): Record<string, string> {
  if (!action) return {};
  const { id, type, status, scope, requestor, creationDateTimeUtc } = action;
  return {
    machineActionId: id,
    type,
    status,
    ...(scope ? { scope } : {}),
    ...(requestor ? { requestor } : {}),
    requestedAt: creationDateTimeUtc,
  };
}

function opposed(want: Want, by: MachineAction | undefined): ResponderError {
  return new ResponderError({
    code: 'opposite-action-in-progress',
    message: `The device has a ${opposite(want)} under way (machine action ${by?.id ?? 'unknown'}).`,
    blame: 'caller',
    retry: 'later',
    next: 'Wait until it has ended or cancel it in the Defender portal.',
  });
}
