import type { ErrorInfo } from '../domain/errors.js';
import type { ActivityInput, ActivityName, ActivityOutput, Envelope } from './activities.js';
import type { Process } from './process.js';
import type { Waiting } from './waiting.js';

export interface RetryPolicy {
  readonly attempts: number;
  readonly firstMs: number;
  readonly longestMs: number;
  /** A service that asks for a longer pause than this is not waited for. */
  readonly patienceMs?: number;
}

/** For activities that only compute: what can pass is that a worker died. */
export const COMPUTE: RetryPolicy = { attempts: 6, firstMs: 2_000, longestMs: 60_000 };

/** The longest quota of the services is one of an hour: what asks for more than twice that is mistaken. */
const LONGEST_ASKED_MS = 2 * 3_600_000;

/** How long to wait after that many failed attempts (from 1): doubled each time, or as long as the service asks for. */
export function pauseAfter(failed: number, policy: RetryPolicy, error?: ErrorInfo): number {
  const own = Math.min(policy.firstMs * 2 ** Math.min(failed - 1, 30), policy.longestMs);
  return Math.max(own, Math.min(error?.retryAfterMs ?? 0, LONGEST_ASKED_MS));
}

/** Only time or a restart got in the way; nothing is known about the work itself. */
export function wasInterrupted({ code }: ErrorInfo): boolean {
  return code === 'deadline-exceeded' || code === 'activity-failed';
}

/** Runs an activity until it works, cannot work, or has had its attempts; pauses are durable timers. `onRetry` is called before each. */
export function* callWithRetries<N extends ActivityName>(
  waiting: Waiting,
  name: N,
  input: ActivityInput<N>,
  policy: RetryPolicy,
  onRetry: (error: ErrorInfo) => void = () => undefined,
): Process<Envelope<ActivityOutput<N>>> {
  for (let attempt = 1; ; attempt++) {
    const result = yield* waiting.call(name, input);
    if (result.ok || result.error.retry === 'no' || attempt >= policy.attempts) return result;
    const pause = pauseAfter(attempt, policy, result.error);
    if (policy.patienceMs !== undefined && pause > policy.patienceMs) return result;
    onRetry(result.error);
    yield* waiting.sleep(pause);
  }
}
