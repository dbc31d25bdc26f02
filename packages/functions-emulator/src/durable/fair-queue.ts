/**
 * A queue in which items of work in progress come before new ones. So started work is finished first: a burst fills the
 * disk and not the memory, and instances end in the order of their starts.
 */

/** Every n-th call takes a new item first, so that new items are not starved. */
const NEW_ITEM_INTERVAL = 16;

export class FairQueue<T> {
  readonly #inProgress: T[] = [];
  readonly #new: T[] = [];
  #calls = 0;

  get isEmpty(): boolean {
    return this.#inProgress.length === 0 && this.#new.length === 0;
  }

  add(item: T, isNew: boolean): void {
    (isNew ? this.#new : this.#inProgress).push(item);
  }

  next(): T | undefined {
    this.#calls += 1;
    const takeNew = this.#inProgress.length === 0 || this.#calls % NEW_ITEM_INTERVAL === 0;
    return (takeNew ? this.#new.shift() : undefined) ?? this.#inProgress.shift();
  }
}
