import type { Clock } from '../../src/types.js';

/** A clock that moves when the test says so. */
export class ManualClock implements Clock {
  readonly kind = 'virtual' as const;
  #entries: { dueAt: number; fire: () => void }[] = [];
  readonly holds = new Set<symbol>();

  constructor(private time = Date.UTC(2026, 0, 1)) {}

  now(): number {
    return this.time;
  }

  at(dueAt: number, fire: () => void): () => void {
    const entry = { dueAt, fire };
    this.#entries.push(entry);
    return () => {
      this.#entries = this.#entries.filter((other) => other !== entry);
    };
  }

  hold(reason: string): () => void {
    const key = Symbol(reason);
    this.holds.add(key);
    return () => void this.holds.delete(key);
  }

  onJump(): () => void {
    return () => undefined;
  }

  /** Times that something waits for, as milliseconds from now. */
  get waits(): number[] {
    return this.#entries.map(({ dueAt }) => dueAt - this.time).sort((a, b) => a - b);
  }

  /** Moves on and fires what is due on the way, in order. */
  advance(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const next = this.#entries.filter(({ dueAt }) => dueAt <= end).sort((a, b) => a.dueAt - b.dueAt)[0];
      if (next === undefined) break;
      this.#entries = this.#entries.filter((entry) => entry !== next);
      this.time = Math.max(this.time, next.dueAt);
      next.fire();
    }
    this.time = end;
  }
}
