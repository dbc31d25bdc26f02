/** Calls a response as the orchestration does. */

import type { ActionResult, CallContext } from '../../../src/actions/call.js';
import type { PrecheckResult, Response, RunResult } from '../../../src/actions/define.js';
import { runResponse } from '../../../src/actions/run.js';
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
  const before = contoso.writes().length;
  const first = await runResponse(action, input, context);
  refuseUnknownCalls(contoso);
  if (!first.ok || first.value.state !== 'prechecked') return first as Acted;
  if (contoso.writes().length > before) throw new Error('the precheck sent a write');
  const result = acted(await runResponse(action, input, { ...context, prechecked: true }));
  refuseUnknownCalls(contoso);
  return result;
}

/**
 * The act once more, as after a crash: the history holds what the precheck found, and nothing of the act.
 * @returns the result of the repeated call.
 */
export async function actTwice(action: Response, { input }: ResponseCase, contoso: Contoso): Promise<Acted> {
  const context = contoso.context(action.name, 'target');
  const first = await runResponse(action, input, context);
  refuseUnknownCalls(contoso);
  const prechecked = first.ok && first.value.state === 'prechecked';
  if (prechecked) await runResponse(action, input, { ...context, prechecked });
  return acted(await runResponse(action, input, { ...context, prechecked }));
}

/** For the message of a test that fails. */
export function reasonOf(result: ActionResult<unknown>): string {
  return result.ok ? 'It succeeded.' : `It failed: ${result.error.message}`;
}

/** @throws Error that says what to add to the simulated tenant. */
export function refuseUnknownCalls({ simulator }: Contoso): void {
  const [call] = simulator.unknownCalls();
  if (call === undefined) return;
  const { method, host, path } = call;
  throw new Error(
    `The simulated tenant has no answer for ${method} https://${host}${path}. Add a route to the service's folder in packages/tenant-simulator/src/services, with the permission that it checks, then run npm run build (docs/adding-an-action.md).`,
  );
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
