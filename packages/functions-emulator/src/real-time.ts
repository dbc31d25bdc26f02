/** Real time for the host's own sake, whatever clock the app runs on: durations, deferred work and time limits. */

/** Monotonic real milliseconds, for measuring how long the host itself takes. */
export const monotonicNow = (): number => performance.now();

/** Calls `run` after the given real time; with 0, once pending I/O has been handled. */
export function defer(pauseMs: number, run: () => void): void {
  if (pauseMs > 0) setTimeout(run, pauseMs);
  else setImmediate(run);
}

/** Resolves when the work is done, or after so much real time; never rejects. */
export async function withTimeout(longestMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, longestMs);
  });
  await Promise.race([work.catch(() => undefined), limit]);
  clearTimeout(timer);
}
