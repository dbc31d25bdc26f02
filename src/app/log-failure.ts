import type { InvocationContext } from '@azure/functions';
import { cleanErrorText } from '../domain/error-text.js';

/**
 * Logs what went wrong by its text alone. An error of the durable client carries its whole request, and with it the
 * host's key: written out as an object it would stand in the log.
 */
export function logFailure(context: InvocationContext, what: string, thrown: unknown): void {
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  context.error(`${what}: ${cleanErrorText(text)}`);
}
