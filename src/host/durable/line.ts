/**
 * A line in which those who belong to something in progress come before those who begin something: what has been begun
 * is finished, so that a burst fills the disk and not the memory, and the first to come is the first to end.
 */

/** Every so many calls one that begins comes first, so that none waits for ever. */
const CALLS_BETWEEN_BEGINNINGS = 16;

export class Line<T> {
  readonly #inProgress: T[] = [];
  readonly #beginning: T[] = [];
  #calls = 0;

  get isEmpty(): boolean {
    return this.#inProgress.length === 0 && this.#beginning.length === 0;
  }

  add(item: T, begins: boolean): void {
    (begins ? this.#beginning : this.#inProgress).push(item);
  }

  next(): T | undefined {
    this.#calls += 1;
    const begin = this.#inProgress.length === 0 || this.#calls % CALLS_BETWEEN_BEGINNINGS === 0;
    return (begin ? this.#beginning.shift() : undefined) ?? this.#inProgress.shift();
  }
}
