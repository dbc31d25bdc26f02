/** Retry policies of functions. https://learn.microsoft.com/azure/azure-functions/functions-bindings-error-pages#retry-policies */

export interface RetryPolicy {
  /** Retries after the first try; -1 = unlimited. */
  readonly maxRetryCount: number;
  /** Milliseconds to wait before the retry that follows the given number of earlier retries. */
  delayMs(retries: number): number;
}

/** The policy that the app's library registered, or undefined. */
export function parseRetryPolicy(
  options: Readonly<Record<string, unknown>> | undefined,
): RetryPolicy | undefined {
  if (!options) return undefined;
  const maxRetryCount = Number(options.maxRetryCount);
  if (!Number.isInteger(maxRetryCount)) return undefined;
  if (options.retryStrategy === 'exponentialBackoff') {
    const shortest = duration(options.minimumInterval);
    const longest = duration(options.maximumInterval);
    return {
      maxRetryCount,
      delayMs: (retries) => Math.min(longest, shortest + (2 ** retries - 1) * shortest),
    };
  }
  const delay = duration(options.delayInterval);
  return { maxRetryCount, delayMs: () => delay };
}

/** The library rounds to whole seconds, so 300 ms arrive here as 0. */
function duration(value: unknown): number {
  const seconds =
    typeof value === 'object' && value !== null && 'seconds' in value ? Number(value.seconds) : 0;
  return seconds * 1000;
}
