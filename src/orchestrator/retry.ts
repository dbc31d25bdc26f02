import type { ErrorInfo } from '../domain/errors.js';
import type { ActivityInput, ActivityName, ActivityOutput, Result } from './activities.js';
import type { Process } from './scheduler.js';
import type { Waiting } from './waiting.js';

export interface RetryPolicy {
  readonly attempts: number;
  readonly firstMs: number;
  readonly longestMs: number;
  /** If a service requests a longer pause than this, there is no further attempt. */
  readonly patienceMs?: number;
}

/** For activities that only compute: the only transient fault is a worker that stopped. */
export const COMPUTE: RetryPolicy = { attempts: 6, firstMs: 2_000, longestMs: 60_000 };

/** The services' longest quota window is one hour. A Retry-After of more than twice that is taken for an error. */
const LONGEST_RETRY_AFTER_MS = 2 * 3_600_000;

/** The pause in milliseconds after that many failed attempts (from 1): doubled each time, or the service's Retry-After if longer. */
export function pauseAfter(failed: number, policy: RetryPolicy, error?: ErrorInfo): number {
  const own = Math.min(policy.firstMs * 2 ** Math.min(failed - 1, 30), policy.longestMs);
  return Math.max(own, Math.min(error?.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS));
}

/** The sum of all pauses after that many failed attempts, in milliseconds. */
export function pausesLeft(failed: number, policy: RetryPolicy): number {
  let left = 0;
  for (let next = failed; next < policy.attempts; next++) left += pauseAfter(next, policy);
  return left;
}

/** Whether a deadline or a restart interrupted the attempt; the outcome of the call itself is unknown. */
export function wasInterrupted({ code }: ErrorInfo): boolean {
  return code === 'deadline-exceeded' || code === 'activity-failed';
}

/** Runs an activity until it succeeds, fails for good, or has no attempts left. Pauses are durable timers; `onRetry` is called before each. */
export function* callWithRetries<N extends ActivityName>(
  waiting: Waiting,
  name: N,
  input: ActivityInput<N>,
  policy: RetryPolicy,
  onRetry: (error: ErrorInfo) => void = () => undefined,
): Process<Result<ActivityOutput<N>>> {
  for (let attempt = 1; ; attempt++) {
    const result = yield* waiting.call(name, input);
    if (result.ok || result.error.retry === 'no' || attempt >= policy.attempts) return result;
    const pause = pauseAfter(attempt, policy, result.error);
    if (policy.patienceMs !== undefined && pause > policy.patienceMs) return result;
    onRetry(result.error);
    yield* waiting.sleep(pause);
  }
}
