/**
 * Instances in line for a turn. Those in progress come before those that have not begun: what has been begun is
 * finished, so that a burst of starts fills the queue on disk and not the memory.
 */
import type { Instance } from './instance.js';

/** Every so many turns one that has not begun comes first, so that none waits for ever. */
const TURNS_BETWEEN_STARTS = 16;

export class ReadyInstances {
  readonly #inProgress: Instance[] = [];
  readonly #notBegun: Instance[] = [];
  #turns = 0;

  get isEmpty(): boolean {
    return this.#inProgress.length === 0 && this.#notBegun.length === 0;
  }

  /** The one in progress that has waited longest. */
  get first(): Instance | undefined {
    return this.#inProgress[0];
  }

  add(instance: Instance): void {
    (instance.row?.status === 'Pending' ? this.#notBegun : this.#inProgress).push(instance);
  }

  next(): Instance | undefined {
    this.#turns += 1;
    const begin = this.#inProgress.length === 0 || this.#turns % TURNS_BETWEEN_STARTS === 0;
    return (begin ? this.#notBegun.shift() : undefined) ?? this.#inProgress.shift();
  }
}
