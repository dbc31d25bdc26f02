/** A fixed-window rate limit for each caller, counted in this process. */

interface Window {
  readonly endsAt: number;
  used: number;
}

/** The number of windows above which expired ones are removed. */
const MANY = 1_000;

export class RateLimiter {
  readonly #windows = new Map<string, Window>();

  constructor(private readonly limit: { readonly each: number; readonly perMs: number }) {}

  /** Counts one call. Returns 0 if it is allowed, otherwise the milliseconds until the next call is allowed. */
  take(caller: string, now: number): number {
    const { each, perMs } = this.limit;
    const window = this.#windows.get(caller);
    if (window === undefined || now >= window.endsAt) {
      if (this.#windows.size > MANY) this.#clear(now);
      this.#windows.set(caller, { endsAt: now + perMs, used: 1 });
      return 0;
    }
    if (window.used >= each) return window.endsAt - now;
    window.used++;
    return 0;
  }

  #clear(now: number): void {
    for (const [caller, { endsAt }] of this.#windows) if (now >= endsAt) this.#windows.delete(caller);
  }
}
