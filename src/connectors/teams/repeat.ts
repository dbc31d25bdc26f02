/** Repetition of calls to the Bot Connector: 412, 429, 502 and 504 are repeated, as Microsoft asks of bots. */
import { type ErrorInfo, ResponderError } from '../../domain/errors.js';
import type { Pause } from '../repeat.js';

/** https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit */
const REPEATED: readonly (number | undefined)[] = [412, 429, 502, 504];
const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 500;
/** All pauses together. What must wait longer goes to the orchestration, whose timers survive a restart. */
const LONGEST_TOTAL_MS = 10_000;

/**
 * Calls `work` again after a passing fault: after the service's own time where it gives one, else after a time that
 * doubles and varies. A post that is repeated after 502 or 504 may leave a second card: clicks on either are taken.
 * @throws ResponderError of the last attempt; those of this kind have `retry: 'later'`.
 */
export async function repeatCall<T>(work: () => Promise<T>, pause: Pause, signal: AbortSignal): Promise<T> {
  let waited = 0;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ResponderError) || !REPEATED.includes(error.info.httpStatus)) throw error;
      const passing: ErrorInfo = { ...error.info, retry: 'later' };
      const ms = error.info.retryAfterMs ?? spread(FIRST_PAUSE_MS * 2 ** (attempt - 1));
      if (attempt === ATTEMPTS || waited + ms > LONGEST_TOTAL_MS || signal.aborted) {
        throw new ResponderError(passing);
      }
      waited += ms;
      await pause(ms, signal);
    }
  }
}

/** Between half of it and all of it, so that many cards are not sent at the same moment again. */
function spread(ms: number): number {
  return Math.round(ms * (0.5 + Math.random() / 2));
}
