/**
 * Instances between two turns. Most of them run again soon, so their histories stay in memory while there is room.
 * Instances that wait for timers or events may wait for days: they are evicted first, least recently used first.
 * Instances that wait for activities are evicted last.
 */
import type { Instance } from './instance.js';

/** Characters of history text; parsed, it takes about four times as many bytes. */
const LIMIT = 4_000_000;

export class InstanceCache {
  readonly #awaitingActivities = new Map<Instance, number>();
  readonly #waiting = new Map<Instance, number>();
  #total = 0;

  /** @param onEvicted called for an instance whose history was evicted and that has nothing else going on. */
  constructor(private readonly onEvicted: (instance: Instance) => void) {}

  release(instance: Instance): void {
    this.acquire(instance);
    const size = instance.historySize;
    (instance.isAwaitingActivities ? this.#awaitingActivities : this.#waiting).set(instance, size);
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
