/**
 * Instances between two turns. Most come back soon, so their histories stay in memory while there is room. Those that
 * wait for activities come back first, the oldest of them before the others; those that wait for something else may
 * be parked for days: the least recently used of these are forgotten first, and leave memory altogether if they can.
 */
import type { Instance } from './instance.js';

/** Characters of history text; parsed, it takes about four times as many bytes. */
const LIMIT = 4_000_000;

export class InstanceCache {
  readonly #awaitingActivities = new Map<Instance, number>();
  readonly #waiting = new Map<Instance, number>();
  #total = 0;

  /** @param onEvicted called for an instance whose history was forgotten and that has nothing else going on. */
  constructor(private readonly onEvicted: (instance: Instance) => void) {}

  release(instance: Instance): void {
    this.acquire(instance);
    const size = instance.historySize;
    (instance.pendingActivities > 0 ? this.#awaitingActivities : this.#waiting).set(instance, size);
    this.#total += size;
    for (const [oldest] of this.#waiting) {
      if (this.#total <= LIMIT && this.#waiting.size <= LIMIT / 1000) return;
      this.#evict(oldest);
    }
    if (this.#total > LIMIT) this.#evict(instance);
  }

  acquire(instance: Instance): void {
    this.#total -= this.#awaitingActivities.get(instance) ?? this.#waiting.get(instance) ?? 0;
    this.#awaitingActivities.delete(instance);
    this.#waiting.delete(instance);
  }

  #evict(instance: Instance): void {
    this.acquire(instance);
    instance.evictHistory();
    if (instance.isEvictable) this.onEvicted(instance);
  }
}
