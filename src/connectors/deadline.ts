/** A signal that aborts with the caller's signal or after a time, whichever is first. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Rejects at the deadline, even if the work ignores the signal, as the sign-in library does. */
  limit<T>(work: Promise<T>): Promise<T>;
  /** Must be called after the call, or the timer keeps the process alive. */
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
        const onAbort = (): void => reject(controller.signal.reason);
        if (controller.signal.aborted) onAbort();
        controller.signal.addEventListener('abort', onAbort, { once: true });
        work.then(resolve, reject).finally(() => controller.signal.removeEventListener('abort', onAbort));
      }),
    end: () => {
      clearTimeout(timer);
      caller?.removeEventListener('abort', stop);
    },
  };
}
