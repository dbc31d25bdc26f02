/**
 * Instances between two turns. Most come back soon, so their histories stay in memory while there is room. Those that
 * wait for activities come back first, the oldest of them before the others; those that wait for something else may
 * be parked for days: the least recently used of these are forgotten first, and leave memory altogether if they can.
 */
import type { Instance } from './instance.js';

/** Characters of history text; parsed, it takes about four times as many bytes. */
const LIMIT = 4_000_000;

export class Resting {
  readonly #active = new Map<Instance, number>();
  readonly #parked = new Map<Instance, number>();
  #total = 0;

  /** @param dropped called for an instance whose history was forgotten and that has nothing else going on. */
  constructor(private readonly dropped: (instance: Instance) => void) {}

  rest(instance: Instance): void {
    this.wake(instance);
    const size = instance.historySize;
    (instance.pending > 0 ? this.#active : this.#parked).set(instance, size);
    this.#total += size;
    for (const [oldest] of this.#parked) {
      if (this.#total <= LIMIT && this.#parked.size <= LIMIT / 1000) return;
      this.#forget(oldest);
    }
    if (this.#total > LIMIT) this.#forget(instance);
  }

  wake(instance: Instance): void {
    this.#total -= this.#active.get(instance) ?? this.#parked.get(instance) ?? 0;
    this.#active.delete(instance);
    this.#parked.delete(instance);
  }

  #forget(instance: Instance): void {
    this.wake(instance);
    instance.forgetHistory();
    if (instance.idle) this.dropped(instance);
  }
}
