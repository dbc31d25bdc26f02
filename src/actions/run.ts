/** The one way to run an action: its input and output are checked. */
import { ResponderError } from '../domain/errors.js';
import { type ReadRecord, recordRef } from '../domain/target.js';
import { type ActionResult, type CallContext, call, type Declared } from './call.js';
import type {
  ActionContext,
  Confirmation,
  Enrichment,
  PrecheckResult,
  Response,
  RunResult,
  Undo,
  UndoSkipped,
} from './define.js';
import { parseOrThrow } from './parse-or-throw.js';
import { assertUnchanged, type ResolvedTarget, requireRecord, resolveResponseTarget } from './resolve.js';

type AnyResponse = Response<unknown, unknown>;
const READING_MS = 30_000;
const ACTING_MS = 60_000;

/** The same for every repetition of one action on one target of one incident. */
export function idempotencyKeyOf(incidentKey: string, action: string, targetKey: string): string {
  return `${incidentKey}|${action}|${targetKey}`;
}

export type EnrichmentActionResult =
  | (Extract<ActionResult<Record<string, unknown>>, { ok: true }> & { readonly record: ReadRecord })
  | Extract<ActionResult<never>, { ok: false }>;

/** Runs an enrichment on the one record of its query. A failure is a value: the finding is then unknown. */
export async function runEnrichment(
  action: Enrichment,
  query: unknown,
  context: CallContext,
): Promise<EnrichmentActionResult> {
  const envelope = await call(action, context, READING_MS, 'later', async (ctx) => {
    const parsedQuery = parseOrThrow(action.resolver.query, query, 'input', action.name);
    const { found, record } = requireRecord(await action.resolver.resolve(parsedQuery, ctx));
    const output = parseOrThrow(action.output, await action.run(found, ctx), 'output', action.name);
    return { output: output as Record<string, unknown>, record: { ...recordRef(record), ids: record.ids } };
  });
  if (!envelope.ok) return envelope;
  const { value, ...rest } = envelope;
  return { ...rest, value: value.output, record: value.record };
}

/** The record that a response would act on, and the input for it. A refusal is a value, not an error. */
export function resolveTarget(
  action: AnyResponse,
  query: unknown,
  context: CallContext,
): Promise<ActionResult<ResolvedTarget>> {
  return call(action, context, READING_MS, 'later', (ctx) => resolveResponseTarget(action, query, ctx));
}

/** Acts. `error.retry` is `check-before-retry` if the outcome is unknown: call it again, it reads the state first. */
export function runResponse(
  action: AnyResponse,
  input: unknown,
  context: CallContext,
): Promise<ActionResult<RunResult<unknown> | PrecheckResult>> {
  return call(action, context, ACTING_MS, 'check-before-retry', async (ctx) => {
    const parsedInput = parseOrThrow(action.input, input, 'input', action.name);
    if (context.record) await assertUnchanged(action, parsedInput, context.record, ctx);
    const result = await action.run(parsedInput, ctx);
    if (result.state === 'prechecked') return refuseSecondPrecheck(action, result, ctx);
    return { ...result, output: parseOrThrow(action.output, result.output, 'output', action.name) };
  });
}

/** Reads the state back. `output` is that of `runResponse`. */
export function confirmResponse(
  action: AnyResponse,
  input: unknown,
  output: unknown,
  context: CallContext,
): Promise<ActionResult<Confirmation>> {
  return call(action, context, READING_MS, 'later', (ctx) => {
    const [parsedInput, parsedOutput] = parseInputAndOutput(action, input, output);
    return action.confirm(parsedInput, parsedOutput, ctx);
  });
}

/**
 * Reverts what `runResponse` did, for this incident and for those whose outputs are in `others`, and nothing else.
 * Fails with `irreversible` if the action has no undo.
 */
export function undoResponse(
  action: AnyResponse,
  input: unknown,
  output: unknown,
  context: CallContext,
  others: readonly unknown[] = [],
): Promise<ActionResult<RunResult<unknown> | UndoSkipped>> {
  return call(action, context, ACTING_MS, 'check-before-retry', (ctx) => {
    const [parsedInput, parsedOutput] = parseInputAndOutput(action, input, output);
    return undoOf(action).run(parsedInput, parsedOutput, ctx, parseOutputs(action, others));
  });
}

/** Reads back whether the undo took effect. */
export function confirmUndo(
  action: AnyResponse,
  input: unknown,
  output: unknown,
  context: CallContext,
  others: readonly unknown[] = [],
): Promise<ActionResult<Confirmation>> {
  return call(action, context, READING_MS, 'later', (ctx) => {
    const [parsedInput, parsedOutput] = parseInputAndOutput(action, input, output);
    return undoOf(action).confirm(parsedInput, parsedOutput, ctx, parseOutputs(action, others));
  });
}

/** Ignores outputs of another version of the action that this one cannot parse: their changes are not reverted. */
function parseOutputs(action: AnyResponse, others: readonly unknown[]): unknown[] {
  return others.flatMap((other) => {
    const parsed = action.output.safeParse(other);
    return parsed.success ? [parsed.data] : [];
  });
}

/** Prevents an endless precheck loop. */
function refuseSecondPrecheck(
  action: Declared,
  result: PrecheckResult,
  { prechecked }: ActionContext,
): PrecheckResult {
  if (!prechecked) return result;
  throw new ResponderError({
    code: 'prechecked-twice',
    message: `${action.name} returned a second precheck instead of acting.`,
    fault: 'responder',
    retry: 'no',
  });
}

function undoOf(action: AnyResponse): Undo<unknown, unknown> {
  if (!('irreversible' in action.undo)) return action.undo;
  throw new ResponderError({
    code: 'irreversible',
    message: `${action.name} cannot be undone: ${action.undo.irreversible}`,
    fault: 'caller',
    retry: 'no',
  });
}

function parseInputAndOutput(action: AnyResponse, input: unknown, output: unknown): [unknown, unknown] {
  return [
    parseOrThrow(action.input, input, 'input', action.name),
    parseOrThrow(action.output, output, 'output', action.name),
  ];
}
