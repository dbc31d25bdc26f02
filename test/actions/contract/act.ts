/** Calls a response as the orchestration does. */
import type { PrecheckResult, Response, RunResult } from '../../../src/actions/define.js';
import { type ActionResult, type CallContext, runResponse } from '../../../src/actions/run.js';
import type { Contoso } from '../contoso.js';
import type { ResponseCase } from './case.js';

/** Longer than any effect in the simulated tenant takes. */
export const SETTLED_SECONDS = 200;
type Acted = ActionResult<RunResult<unknown>>;

/** One attempt: the precheck, if there is one, and the act. */
export async function act(
  action: Response,
  { input }: ResponseCase,
  contoso: Contoso,
  more: Partial<CallContext> = {},
): Promise<Acted> {
  const context = contoso.context(action.name, 'target', more);
  const first = await runResponse(action, input, context);
  if (!first.ok || first.value.state !== 'prechecked') return first as Acted;
  return acted(await runResponse(action, input, { ...context, prechecked: true }));
}

/** The attempt after a failure: what the precheck found and that the outcome is unknown are in the history. */
export async function actAgain(
  action: Response,
  given: ResponseCase,
  contoso: Contoso,
  failed: Extract<Acted, { ok: false }>,
): Promise<Acted> {
  const outcomeUnknown = failed.error.retry === 'check-before-retry';
  const context = contoso.context(action.name, 'target', { outcomeUnknown, prechecked: true });
  return acted(await runResponse(action, given.input, context));
}

function acted(result: ActionResult<RunResult<unknown> | PrecheckResult>): Acted {
  if (result.ok && result.value.state === 'prechecked')
    throw new Error('a second precheck instead of an act');
  return result as Acted;
}
