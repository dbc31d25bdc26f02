/** The one way to call an action: input and output checked, a deadline, and failures as values. */
import type { z } from 'zod';
import { type ErrorInfo, ResponderError, toErrorInfo } from '../domain/errors.js';
import type { RecordRef, TargetRecord } from '../domain/target.js';
import type {
  ActionContext,
  Confirmation,
  Enrichment,
  Looked,
  NotOurs,
  Permission,
  Response,
  RunResult,
  Undo,
} from './define.js';
import { assertUnchanged, type ResolvedTarget, recordOf, targetOf } from './resolve.js';

/** What came of a call. `durationMs` is measured with the context's clock. */
export type ActionEnvelope<T> =
  | { readonly ok: true; readonly value: T; readonly durationMs: number }
  | { readonly ok: false; readonly error: ErrorInfo; readonly durationMs: number };

/** Everything an action is given but the signal; the deadline makes that. */
export interface CallContext extends Omit<ActionContext, 'signal'> {
  /** Milliseconds of real time for the whole action. Default 30000 for reading, 60000 for acting. */
  readonly deadlineMs?: number;
  /** What was decided about: read again before anything is done, and nothing is done where it is another. */
  readonly record?: TargetRecord;
}

type AnyResponse = Response<unknown, unknown>;
const READING_MS = 30_000;
const ACTING_MS = 60_000;

/** The same for every repetition of one action on one target of one incident. */
export function idempotencyKeyOf(incidentKey: string, action: string, targetKey: string): string {
  return `${incidentKey}|${action}|${targetKey}`;
}

export type EnrichmentEnvelope =
  | (Extract<ActionEnvelope<Record<string, unknown>>, { ok: true }> & { readonly record: RecordRef })
  | Extract<ActionEnvelope<never>, { ok: false }>;

/** Runs an enrichment on the one record of its query. A failure is a value: what could not be found out is unknown. */
export async function runEnrichment(
  action: Enrichment,
  query: unknown,
  context: CallContext,
): Promise<EnrichmentEnvelope> {
  const envelope = await call(action, context, READING_MS, 'later', async (ctx) => {
    const asked = checked(action.resolver.query, query, 'input', action.name);
    const { found, record } = recordOf(await action.resolver.resolve(asked, ctx));
    const output = checked(action.output, await action.run(found, ctx), 'output', action.name);
    const { kind, id, name } = record;
    return { output: output as Record<string, unknown>, record: { kind, id, name } };
  });
  if (!envelope.ok) return envelope;
  const { value, ...rest } = envelope;
  return { ...rest, value: value.output, record: value.record };
}

/** The record that a response would be carried out on, and the input for it. What is refused is a value of its own. */
export function resolveTarget(
  action: AnyResponse,
  query: unknown,
  context: CallContext,
): Promise<ActionEnvelope<ResolvedTarget>> {
  return call(action, context, READING_MS, 'later', (ctx) => targetOf(action, query, ctx));
}

/** Acts. `error.retry` is `read-first` where it is not known whether the service acted: run it again, it reads first. */
export function runResponse(
  action: AnyResponse,
  input: unknown,
  context: CallContext,
): Promise<ActionEnvelope<RunResult<unknown> | Looked>> {
  return call(action, context, ACTING_MS, 'read-first', async (ctx) => {
    const given = checked(action.input, input, 'input', action.name);
    if (context.record) await assertUnchanged(action, given, context.record, ctx);
    const result = await action.run(given, ctx);
    if (result.state === 'looked') return onlyOnce(action, result, ctx);
    return { ...result, output: checked(action.output, result.output, 'output', action.name) };
  });
}

/** Reads the state back. `output` is what `runResponse` gave. */
export function confirmResponse(
  action: AnyResponse,
  input: unknown,
  output: unknown,
  context: CallContext,
): Promise<ActionEnvelope<Confirmation>> {
  return call(action, context, READING_MS, 'later', (ctx) => {
    const [given, got] = checkedPair(action, input, output);
    return action.confirm(given, got, ctx);
  });
}

/**
 * Takes back what `runResponse` did, for this incident or for those that `others` are the outputs of, and nothing else.
 * Fails with `irreversible` where that cannot be.
 */
export function undoResponse(
  action: AnyResponse,
  input: unknown,
  output: unknown,
  context: CallContext,
  others: readonly unknown[] = [],
): Promise<ActionEnvelope<RunResult<unknown> | NotOurs>> {
  return call(action, context, ACTING_MS, 'read-first', (ctx) => {
    const [given, got] = checkedPair(action, input, output);
    return undoOf(action).run(given, got, ctx, readable(action, others));
  });
}

/** Reads back whether the undoing took effect. */
export function confirmUndo(
  action: AnyResponse,
  input: unknown,
  output: unknown,
  context: CallContext,
  others: readonly unknown[] = [],
): Promise<ActionEnvelope<Confirmation>> {
  return call(action, context, READING_MS, 'later', (ctx) => {
    const [given, got] = checkedPair(action, input, output);
    return undoOf(action).confirm(given, got, ctx, readable(action, others));
  });
}

/** What another version of this action wrote and this one cannot read is not known to be ours. */
function readable(action: AnyResponse, others: readonly unknown[]): unknown[] {
  return others.flatMap((other) => {
    const parsed = action.output.safeParse(other);
    return parsed.success ? [parsed.data] : [];
  });
}

interface Declared {
  readonly name: string;
  readonly permissions: readonly Permission[];
}

async function call<T>(
  action: Declared,
  context: CallContext,
  defaultMs: number,
  onTimeout: ErrorInfo['retry'],
  work: (ctx: ActionContext) => Promise<T>,
): Promise<ActionEnvelope<T>> {
  const { deadlineMs = defaultMs, record: _record, ...given } = context;
  const started = context.clock.now();
  const signal = AbortSignal.timeout(deadlineMs);
  const done = () => Math.max(0, context.clock.now() - started);
  try {
    const value = await Promise.race([Promise.resolve({ ...given, signal }).then(work), expiry(signal)]);
    return { ok: true, value, durationMs: done() };
  } catch (thrown) {
    const late = signal.aborted && !(thrown instanceof ResponderError);
    const error = late
      ? timedOut(action.name, deadlineMs, onTimeout)
      : withPermissions(action, toErrorInfo(thrown));
    return { ok: false, error, durationMs: done() };
  }
}

/** Ends the wait also for an action that does not heed the signal. */
function expiry(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function timedOut(name: string, deadlineMs: number, retry: ErrorInfo['retry']): ErrorInfo {
  const message = `${name} was given up after ${deadlineMs} ms.`;
  return { code: 'timed-out', message, blame: 'service', retry };
}

/** The service says only that something is missing; the declaration knows what. */
function withPermissions(action: Declared, error: ErrorInfo): ErrorInfo {
  if (error.httpStatus !== 403 && error.code !== 'forbidden') return error;
  const needed = action.permissions.map(({ api, name }) => `${name} (${api})`).join(', ');
  return {
    ...error,
    message: `${error.message} ${action.name} needs ${needed}.`,
    next: error.next ?? `Grant the responder's identity: ${needed}.`,
  };
}

/** Or it would look for ever. */
function onlyOnce(action: Declared, result: Looked, { looked }: ActionContext): Looked {
  if (!looked) return result;
  throw new ResponderError({
    code: 'looked-again',
    message: `${action.name} was to act, and only looked once more.`,
    blame: 'responder',
    retry: 'no',
  });
}

function undoOf(action: AnyResponse): Undo<unknown, unknown> {
  if (!('irreversible' in action.undo)) return action.undo;
  throw new ResponderError({
    code: 'irreversible',
    message: `${action.name} cannot be undone: ${action.undo.irreversible}`,
    blame: 'caller',
    retry: 'no',
  });
}

function checkedPair(action: AnyResponse, input: unknown, output: unknown): [unknown, unknown] {
  return [
    checked(action.input, input, 'input', action.name),
    checked(action.output, output, 'output', action.name),
  ];
}

function checked<T>(schema: z.ZodType<T>, value: unknown, what: 'input' | 'output', name: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ResponderError({
    code: `bad-${what}`,
    message: `The ${what} of ${name} is not as declared: ${issue?.message ?? 'unknown mistake'}`,
    blame: what === 'input' ? 'caller' : 'responder',
    retry: 'no',
    place: issue?.path.join('.') ?? '',
  });
}
