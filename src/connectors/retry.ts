/** Brief retries of reads. Longer waits belong to the orchestrator, whose timers survive a restart. */
import { setTimeout as wait } from 'node:timers/promises';
import { ResponderError } from '../domain/errors.js';

const PAUSES_MS = [200, 600];
const LONGEST_TOTAL_MS = 2000;

/** Waits for some milliseconds, or until the signal. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

/** Real time: the pauses are short, and the host's clock does not control timers of an activity. */
export const realSleep: Sleep = async (ms, signal) => {
  await wait(ms, undefined, { signal }).catch(() => undefined);
};

/**
 * Calls `read` again after a transient error, at most twice. If the service requests a wait that ends more than two
 * seconds after the first error, the error is thrown at once.
 */
export async function retryRead<T>(read: () => Promise<T>, signal: AbortSignal, sleep: Sleep): Promise<T> {
  let waited = 0;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await read();
    } catch (error) {
      const ms = retryDelay(error, attempt);
      if (ms === undefined || waited + ms > LONGEST_TOTAL_MS || signal.aborted) throw error;
      waited += ms;
      await sleep(ms, signal);
    }
  }
}

function retryDelay(error: unknown, attempt: number): number | undefined {
  const base = PAUSES_MS[attempt];
  if (base === undefined || !(error instanceof ResponderError)) return undefined;
  if (error.info.retry !== 'later' || error.info.code === 'timed-out') return undefined;
  // With jitter, so parallel reads do not retry at the same moment.
  return (error.info.retryAfterMs ?? base) + Math.floor(Math.random() * 50);
}
