/**
 * Instances between two turns. Most come back soon, so their histories stay in memory for a while: the least
 * recently used are forgotten first, and those with nothing else going on leave memory altogether.
 */
import type { Instance } from './instance.js';

/** Characters of history text; parsed, it takes about four times as many bytes. */
const LIMIT = 4_000_000;

export class Resting {
  readonly #sizes = new Map<Instance, number>();
  #total = 0;

  /** @param forget called for an instance whose history was forgotten and that has nothing else going on. */
  constructor(private readonly forget: (instance: Instance) => void) {}

  rest(instance: Instance): void {
    this.wake(instance);
    const size = instance.historySize;
    this.#sizes.set(instance, size);
    this.#total += size;
    for (const [oldest] of this.#sizes) {
      if (this.#total <= LIMIT && this.#sizes.size <= LIMIT / 1000) return;
      this.wake(oldest);
      oldest.forgetHistory();
      if (oldest.idle) this.forget(oldest);
    }
  }

  wake(instance: Instance): void {
    this.#total -= this.#sizes.get(instance) ?? 0;
    this.#sizes.delete(instance);
  }
}
