/** A number of calls in a time for each caller, counted in this process. */

interface Window {
  readonly endsAt: number;
  used: number;
}

/** Windows that are over are cleared away when there are more than this. */
const MANY = 1_000;

export class Allowance {
  readonly #windows = new Map<string, Window>();

  constructor(private readonly limit: { readonly each: number; readonly perMs: number }) {}

  /** Takes one call; gives 0, or the milliseconds until the next one is allowed. */
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
