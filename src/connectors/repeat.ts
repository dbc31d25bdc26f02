/** Brief repetition of reads. Longer waits belong to the orchestrator, whose timers survive a restart. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ResponderError } from '../domain/errors.js';

const PAUSES_MS = [200, 600];
const LONGEST_TOTAL_MS = 2000;

/**
 * Calls `read` again after a passing fault, twice at most. Where the service says when to come back and that is
 * later than two seconds from the first fault, the error goes to the caller at once.
 */
export async function repeatRead<T>(read: () => Promise<T>, signal: AbortSignal): Promise<T> {
  let waited = 0;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await read();
    } catch (error) {
      const pause = pauseAfter(error, attempt);
      if (pause === undefined || waited + pause > LONGEST_TOTAL_MS || signal.aborted) throw error;
      waited += pause;
      // An abort ends the pause; the next attempt then reports it.
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }
}

function pauseAfter(error: unknown, attempt: number): number | undefined {
  const base = PAUSES_MS[attempt];
  if (base === undefined || !(error instanceof ResponderError)) return undefined;
  if (error.info.retry !== 'later' || error.info.code === 'timed-out') return undefined;
  // Spread, so that parallel reads do not come back at the same moment.
  return (error.info.retryAfterMs ?? base) + Math.floor(Math.random() * 50);
}
