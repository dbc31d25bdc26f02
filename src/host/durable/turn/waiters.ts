/** Who waits for which external event. The last to wait is served first; events nobody waits for are kept in order. */
import { Deferred } from './deferred.js';

/** One of the app's actions, which may hold several waits. */
export interface Race {
  /** Its place in the list of actions. */
  readonly place: number;
  /** A timer in it is cancelled: then one of its waits has won, and the host must not think that it is over. */
  readonly timerCancelled: boolean;
  /** How many of its waits have got an event. */
  taken: number;
}

export class Waiters {
  // Names are matched without regard to case, as on the real host; the library matches them exactly.
  /** Names of events that went to a wait whose race was over: nobody may be looking at it any more. */
  readonly swallowed: string[] = [];
  readonly #waiting = new Map<string, { readonly waiter: Deferred; readonly race: Race }[]>();
  readonly #kept = new Map<string, (string | null)[]>();

  /** Names of events that came before anybody waited for them. */
  get unclaimed(): readonly string[] {
    return [...this.#kept.keys()];
  }

  wait(given: string, race: Race): Deferred {
    const name = given.toLowerCase();
    const waiter = new Deferred();
    const stack = this.#waiting.get(name);
    if (stack === undefined) this.#waiting.set(name, [{ waiter, race }]);
    else stack.push({ waiter, race });
    const kept = this.#kept.get(name);
    if (kept !== undefined) {
      const input = kept.shift() ?? null;
      if (kept.length === 0) this.#kept.delete(name);
      this.raise(name, input, race.place);
    }
    return waiter;
  }

  /** @param place of the action that is being waited for now */
  raise(given: string, input: string | null, place: number): void {
    const name = given.toLowerCase();
    const stack = this.#waiting.get(name);
    if (stack === undefined) {
      const kept = this.#kept.get(name);
      if (kept === undefined) this.#kept.set(name, [input]);
      else kept.push(input);
      return;
    }
    const taken = stack.pop();
    if (stack.length === 0) this.#waiting.delete(name);
    if (taken === undefined) return;
    const { race } = taken;
    if (race.place < place && (!race.timerCancelled || race.taken > 0)) this.swallowed.push(given);
    race.taken += 1;
    taken.waiter.settle({ kind: 'value', value: input });
  }
}
