/**
 * A line in which those who belong to something in progress come before those who begin something: what has been begun
 * is finished, so that a burst fills the disk and not the memory, and the first to come is the first to end.
 */

/** Every so many calls one that begins comes first, so that none waits for ever. */
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
