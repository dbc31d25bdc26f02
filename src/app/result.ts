import type { ActionResult } from '../actions/call.js';
import { cleanErrorText } from '../domain/error-text.js';
import { type ErrorInfo, toErrorInfo } from '../domain/errors.js';
import type { Result } from '../orchestrator/index.js';

/** Runs the work and returns its value or error as a Result. */
export function toResult<T>(work: () => T | Promise<T>): Promise<Result<T>> {
  return resultFrom(async () => ({ ok: true, value: await work() }));
}

/** Converts thrown errors into a Result, and removes text that looks like a credential. */
export async function resultFrom<T>(work: () => Promise<Result<T> | ActionResult<T>>): Promise<Result<T>> {
  try {
    const result = await work();
    return result.ok ? { ok: true, value: result.value } : { ok: false, error: clean(result.error) };
  } catch (thrown) {
    return { ok: false, error: clean(toErrorInfo(thrown)) };
  }
}

function clean(error: ErrorInfo): ErrorInfo {
  return { ...error, message: cleanErrorText(error.message) };
}
