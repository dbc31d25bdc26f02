import { ResponderError } from '../domain/errors.js';

/**
 * Reads the state after a write with unknown outcome; every other failure is rethrown. If the state cannot be read either,
 * the error of the write is thrown: it may have taken effect.
 */
export async function readAfterUnknownOutcome<T>(failure: unknown, read: () => Promise<T>): Promise<T> {
  if (!(failure instanceof ResponderError) || failure.info.retry !== 'check-before-retry') throw failure;
  try {
    return await read();
  } catch (error) {
    const retryAfterMs = error instanceof ResponderError ? error.info.retryAfterMs : undefined;
    throw new ResponderError({ ...failure.info, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  }
}
