/** Calls an action with a deadline, and returns its failure as a value. */
import { type ErrorInfo, ResponderError, toErrorInfo } from '../domain/errors.js';
import type { TargetRecord } from '../domain/target.js';
import type { ActionContext, Permission } from './define.js';

/** The result of a call. `durationMs` is measured with the context's clock. */
export type ActionResult<T> =
  | { readonly ok: true; readonly value: T; readonly durationMs: number }
  | { readonly ok: false; readonly error: ErrorInfo; readonly durationMs: number };

/** Everything in an action's context except the signal, which is made from the deadline. */
export interface CallContext extends Omit<ActionContext, 'signal'> {
  /** Milliseconds of real time for the whole action. Default 30000 for reading, 60000 for acting. */
  readonly deadlineMs?: number;
  /** Aborts at the deadline. Default: after that time. */
  readonly deadline?: AbortSignal;
  /** The approved target: read again before the act, which does not happen if the record differs. */
  readonly record?: TargetRecord;
}

/** What a call needs of an action. */
export interface Declared {
  readonly name: string;
  readonly permissions: readonly Permission[];
}

/** `onTimeout`: how an error is retried whose cause is the deadline. */
export async function call<T>(
  action: Declared,
  context: CallContext,
  defaultMs: number,
  onTimeout: ErrorInfo['retry'],
  work: (ctx: ActionContext) => Promise<T>,
): Promise<ActionResult<T>> {
  const { deadlineMs = defaultMs, deadline, record: _record, ...given } = context;
  const started = context.clock.now();
  const signal = deadline ?? AbortSignal.timeout(deadlineMs);
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

/** Ends the wait even if an action ignores the signal. */
function expiry(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function timedOut(name: string, deadlineMs: number, retry: ErrorInfo['retry']): ErrorInfo {
  const message = `${name} timed out after ${deadlineMs} ms.`;
  return { code: 'timed-out', message, fault: 'service', retry };
}

/** The service only reports that a permission is missing; the declaration has its name. */
function withPermissions(action: Declared, error: ErrorInfo): ErrorInfo {
  if (error.code === 'not-licensed') return error;
  if (error.httpStatus !== 403 && error.code !== 'forbidden') return error;
  const needed = action.permissions.map(({ api, name }) => `${name} (${api})`).join(', ');
  return {
    ...error,
    message: `${error.message} ${action.name} needs ${needed}.`,
    next: error.next ?? `Grant the responder's identity: ${needed}.`,
  };
}
