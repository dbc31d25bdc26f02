import { ResponderError } from '../domain/errors.js';

/**
 * What the state is after a write of which it is not known whether it took effect; every other failure is thrown on.
 * Where the state cannot be read either, the write stays what has failed: it may have taken effect all the same.
 */
export async function readAfterLostAnswer<T>(failure: unknown, read: () => Promise<T>): Promise<T> {
  if (!(failure instanceof ResponderError) || failure.info.retry !== 'read-first') throw failure;
  try {
    return await read();
  } catch (error) {
    const retryAfterMs = error instanceof ResponderError ? error.info.retryAfterMs : undefined;
    throw new ResponderError({ ...failure.info, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  }
}
