/** Changes a state of which the service does not record the author. */
import { ResponderError } from '../domain/errors.js';
import type { ActionContext, PrecheckResult, RunResult } from './define.js';
import { readAfterUnknownOutcome } from './unknown-outcome.js';

/** Whether this response changed the state. `unknown`: it, or someone else, did. */
export type ChangedByUs = boolean | 'unknown';

/** When a change was made; ISO 8601, UTC. */
export interface ChangePeriod {
  readonly from: string;
  readonly to: string;
}

export interface StateChange<S, O> {
  read(): Promise<S>;
  isInForce(state: S): boolean;
  /** The state for people, as evidence. */
  words(state: S): string;
  /** Throws if there must be no change. Only called before anything is sent. */
  check?(state: S): Promise<void>;
  /** Sends the one request. */
  send(state: S): Promise<{ readonly requestId?: string }>;
  /** @param changedAt the period of the change, if this call made it */
  output(before: S, changed: ChangedByUs, changedAt?: ChangePeriod): O;
}

/**
 * Reads the state; if there is something to do, that is recorded as `prechecked` before anything is sent. A repeated call
 * then knows that the effect was not in force before, and does not take its own for someone else's.
 * @throws ResponderError of `read`, `check` and `send`.
 */
export async function changeState<S, O>(
  change: StateChange<S, O>,
  ctx: ActionContext,
): Promise<RunResult<O> | PrecheckResult> {
  const before = await change.read();
  const isDone = change.isInForce(before);
  if (!isDone && !ctx.prechecked) {
    await change.check?.(before);
    return { state: 'prechecked', evidence: { before: change.words(before) } };
  }
  // The precheck read another state.
  const began = ctx.prechecked ? { began: true as const } : {};
  if (isDone) {
    if (!ctx.prechecked && !ctx.outcomeUnknown) {
      return {
        state: 'already-done',
        output: change.output(before, false),
        evidence: { before: change.words(before) },
      };
    }
    const evidence = { before: `${change.words(before)}, by us or by somebody else` };
    return { state: 'requested', output: change.output(before, 'unknown'), evidence, ...began };
  }
  const from = isoTime(ctx);
  const sent = () => change.output(before, true, { from, to: isoTime(ctx) });
  const evidence = { before: change.words(before) };
  try {
    const { requestId } = await change.send(before);
    const ids = requestId ? { requestId } : {};
    return { state: 'requested', output: sent(), evidence: { ...evidence, ...ids }, began: true };
  } catch (error) {
    const after = await readAfterUnknownOutcome(error, change.read);
    if (!change.isInForce(after)) throw error;
    // The service refused because it is so already: an earlier call of this response, or somebody else.
    const code = error instanceof ResponderError ? error.info.code : '';
    if (code === 'conflict' || code === 'precondition-failed') {
      const by = `${change.words(after)}, by us or by somebody else`;
      return {
        state: 'requested',
        output: change.output(before, 'unknown'),
        evidence: { now: by },
        began: true,
      };
    }
    const answer = 'lost, the effect was read back';
    return { state: 'requested', output: sent(), evidence: { ...evidence, answer }, began: true };
  }
}

const isoTime = ({ clock }: ActionContext) => new Date(clock.now()).toISOString();
