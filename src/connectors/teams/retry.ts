/** Retries of calls to the Bot Connector: 412, 429, 502 and 504, as Microsoft requires of bots. */
import { type ErrorInfo, ResponderError } from '../../domain/errors.js';
import type { Sleep } from '../retry.js';

/** https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit */
const RETRYABLE_STATUSES: readonly (number | undefined)[] = [412, 429, 502, 504];
const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 500;
/** All pauses together. Longer waits belong to the orchestration, whose timers survive a restart. */
const LONGEST_TOTAL_MS = 10_000;

/**
 * Calls `work` again after a transient error: after the service's `Retry-After` if there is one, else with exponential
 * backoff and jitter. A post that is repeated after 502 or 504 may create a second card: clicks on either are accepted.
 * @throws ResponderError of the last attempt; transient ones have `retry: 'later'`.
 */
export async function retryCall<T>(work: () => Promise<T>, sleep: Sleep, signal: AbortSignal): Promise<T> {
  let waited = 0;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ResponderError) || !RETRYABLE_STATUSES.includes(error.info.httpStatus))
        throw error;
      const transient: ErrorInfo = { ...error.info, retry: 'later' };
      const ms = error.info.retryAfterMs ?? withJitter(FIRST_PAUSE_MS * 2 ** (attempt - 1));
      if (attempt === ATTEMPTS || waited + ms > LONGEST_TOTAL_MS || signal.aborted) {
        throw new ResponderError(transient);
      }
      waited += ms;
      await sleep(ms, signal);
    }
  }
}

/** Between half and all of the delay, so many cards are not sent at the same moment again. */
function withJitter(ms: number): number {
  return Math.round(ms * (0.5 + Math.random() / 2));
}
