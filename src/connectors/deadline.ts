/** A signal that ends with the caller's own or after a time, whichever is first. */
export interface Deadline {
  readonly signal: AbortSignal;
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
    end: () => {
      clearTimeout(timer);
      caller?.removeEventListener('abort', stop);
    },
  };
}
