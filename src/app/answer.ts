import type { ActionEnvelope } from '../actions/run.js';
import { cleanErrorText } from '../domain/error-text.js';
import { type ErrorInfo, toErrorInfo } from '../domain/errors.js';
import type { Envelope } from '../orchestrator/index.js';

/** The result of some work as an envelope. */
export function answer<T>(work: () => T | Promise<T>): Promise<Envelope<T>> {
  return answerFrom(async () => ({ ok: true, value: await work() }));
}

/** Whatever is thrown becomes a value, without anything in it that looks like a credential. */
export async function answerFrom<T>(
  work: () => Promise<Envelope<T> | ActionEnvelope<T>>,
): Promise<Envelope<T>> {
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
