import type { InvocationContext } from '@azure/functions';
import { cleanErrorText } from '../domain/error-text.js';

/**
 * Logs only the text of an error. An error of the durable client contains its request with the host's key, which would
 * appear in the log if the object were logged.
 */
export function logFailure(context: InvocationContext, what: string, thrown: unknown): void {
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  context.error(`${what}: ${cleanErrorText(text)}`);
}
