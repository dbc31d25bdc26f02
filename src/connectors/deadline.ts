/** A signal that ends with the caller's own or after a time, whichever is first. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Rejects when the time is over, also where the work does not heed the signal: a sign-in library does not. */
  limit<T>(work: Promise<T>): Promise<T>;
  /** Must be called once the call is over, or the timer keeps the process alive. */
  end(): void;
}

/** @param caller the caller's signal. @param ms longest time in milliseconds. */
export function startDeadline(caller: AbortSignal | undefined, ms: number): Deadline {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  const timer = setTimeout(stop, ms);
  if (caller?.aborted) stop();
  caller?.addEventListener('abort', stop, { once: true });
  return {
    signal: controller.signal,
    limit: (work) =>
      new Promise((resolve, reject) => {
        const giveUp = (): void => reject(controller.signal.reason);
        if (controller.signal.aborted) giveUp();
        controller.signal.addEventListener('abort', giveUp, { once: true });
        work.then(resolve, reject).finally(() => controller.signal.removeEventListener('abort', giveUp));
      }),
    end: () => {
      clearTimeout(timer);
      caller?.removeEventListener('abort', stop);
    },
  };
}
