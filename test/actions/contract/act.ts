/** Carries a response out as the orchestration does: finds its record, looks, acts, reads back. */

import { z } from 'zod';
import type { ActionResult, CallContext } from '../../../src/actions/call.js';
import type { Enrichment, PrecheckResult, Response, RunResult } from '../../../src/actions/define.js';
import { confirmResponse, resolveTarget, runResponse } from '../../../src/actions/run.js';
import { path } from '../../../src/domain/builders/path.js';
import type { TargetRecord } from '../../../src/domain/target.js';
import { type Contoso, withContoso } from '../contoso.js';
import type { EnrichmentCase, ResponseCase } from './case.js';
import { RECORDS } from './records.js';

/** Longer than any effect in the simulated tenant takes. */
export const SETTLED_SECONDS = 200;
type Acted = ActionResult<RunResult<unknown>>;
type Failed = Extract<Acted, { ok: false }>;

/** What was approved: the record that was found, and the input for it. */
export interface Approved {
  readonly input: unknown;
  /** Absent: the response is about the incident itself. */
  readonly record?: TargetRecord;
}

/** Identifiers of the record. */
export function queryOf(action: Enrichment | Response, given: EnrichmentCase | ResponseCase): object {
  const resolver = action.kind === 'response' ? action.target?.resolver : action.resolver;
  if (given.query !== undefined) return given.query;
  if (resolver === undefined) throw new Error(`${action.name} has no record; its case needs an \`input\`.`);
  return RECORDS[resolver.kind].query;
}

/** @throws Error if the record is not found, or not accepted. */
export async function approve(action: Response, given: ResponseCase, contoso: Contoso): Promise<Approved> {
  if (action.target === undefined) return { input: given.input };
  const context = contoso.context(action.name, 'target');
  const found = await resolveTarget(action, queryOf(action, given), context);
  refuseUnknownCalls(contoso);
  if (!found.ok) throw new Error(found.error.message);
  if (!found.value.ok) throw new Error(`${found.value.code}: ${found.value.reason}`);
  return { input: withSettings(found.value.input, given), record: found.value.record };
}

/** As in the step of a plan. */
export function withSettings(input: unknown, { settings }: ResponseCase): unknown {
  return settings === undefined ? input : { ...Object(input), settings };
}

/** A tenant in which the response has something to do, and the record that was approved for it. */
export function inTenant(
  action: Response,
  given: ResponseCase,
  test: (contoso: Contoso, approved: Approved) => Promise<void>,
): Promise<void> {
  return withContoso([], async (contoso) => {
    if (given.prepare !== undefined) contoso.change(given.prepare);
    await test(contoso, await approve(action, given, contoso));
  });
}

/** One attempt: the precheck, if there is one, and the act. */
export async function act(
  action: Response,
  { input, record }: Approved,
  contoso: Contoso,
  more: Partial<CallContext> = {},
): Promise<Acted> {
  const context = contoso.context(action.name, 'target', { ...(record && { record }), ...more });
  const before = contoso.writes().length;
  const first = await runResponse(action, input, context);
  refuseUnknownCalls(contoso);
  if (!first.ok || first.value.state !== 'prechecked') return first as Acted;
  if (contoso.writes().length > before) throw new Error('The precheck sent a write.');
  const result = acted(await runResponse(action, input, { ...context, prechecked: true }));
  refuseUnknownCalls(contoso);
  return result;
}

/** One attempt that must succeed. */
export async function actNow(
  action: Response,
  approved: Approved,
  contoso: Contoso,
): Promise<RunResult<unknown>> {
  const result = await act(action, approved, contoso);
  if (!result.ok) throw new Error(`${action.name} failed: ${result.error.message}`);
  return result.value;
}

/**
 * The act once more, as after a crash: the history holds what the precheck found, and nothing of the act.
 * @returns the result of the repeated call.
 */
export async function actTwice(
  action: Response,
  { input, record }: Approved,
  contoso: Contoso,
): Promise<Acted> {
  const context = contoso.context(action.name, 'target', { ...(record && { record }) });
  const first = await runResponse(action, input, context);
  refuseUnknownCalls(contoso);
  const prechecked = first.ok && first.value.state === 'prechecked';
  if (prechecked) await runResponse(action, input, { ...context, prechecked });
  return acted(await runResponse(action, input, { ...context, prechecked }));
}

/** The attempt after a failure: what the precheck found and that the outcome is unknown are in the history. */
export async function actAgain(
  action: Response,
  { input, record }: Approved,
  contoso: Contoso,
  failed: Failed,
): Promise<Acted> {
  const outcomeUnknown = failed.error.retry === 'check-before-retry';
  const more = { ...(record && { record }), outcomeUnknown, prechecked: true };
  return acted(await runResponse(action, input, contoso.context(action.name, 'target', more)));
}

/** What is read back, or why it cannot be: `confirmed`, `pending`, `failed`, `unread`. */
export async function readBack(
  action: Response,
  { input }: Approved,
  output: unknown,
  contoso: Contoso,
): Promise<string> {
  const result = await confirmResponse(action, input, output, contoso.context(action.name, 'target'));
  return result.ok ? result.value.state : 'unread';
}

/** Some round trips: an action that does not wait for an answer has returned by then. */
export async function roundTrips(clients: CallContext['clients'], count = 40): Promise<void> {
  for (let i = 0; i < count; i++)
    await clients.defender.get(path`/api/machineactions`, z.unknown()).catch(() => undefined);
}

/** Round trips until something has happened. @throws Error after very many. */
export async function until(clients: CallContext['clients'], has: () => boolean): Promise<void> {
  for (let i = 0; i < 10_000; i++) {
    if (has()) return;
    await roundTrips(clients, 1);
  }
  throw new Error('It did not happen.');
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

function acted(result: ActionResult<RunResult<unknown> | PrecheckResult>): Acted {
  if (result.ok && result.value.state === 'prechecked')
    throw new Error('A second precheck instead of an act.');
  return result as Acted;
}
