/** Brief repetition of reads. Longer waits belong to the orchestrator, whose timers survive a restart. */
import { setTimeout as wait } from 'node:timers/promises';
import { ResponderError } from '../domain/errors.js';

const PAUSES_MS = [200, 600];
const LONGEST_TOTAL_MS = 2000;

/** Waits for some milliseconds, or until the signal. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

/** Real time: the pauses are short, and no clock of the host reaches into an activity. */
export const realPause: Pause = async (ms, signal) => {
  await wait(ms, undefined, { signal }).catch(() => undefined);
};

/**
 * Calls `read` again after a passing fault, twice at most. Where the service says when to come back and that is
 * later than two seconds from the first fault, the error goes to the caller at once.
 */
export async function repeatRead<T>(read: () => Promise<T>, signal: AbortSignal, pause: Pause): Promise<T> {
  let waited = 0;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await read();
    } catch (error) {
      const ms = pauseAfter(error, attempt);
      if (ms === undefined || waited + ms > LONGEST_TOTAL_MS || signal.aborted) throw error;
      waited += ms;
      await pause(ms, signal);
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
