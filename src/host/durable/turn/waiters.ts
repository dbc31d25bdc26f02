/** Who waits for which external event. The last to wait is served first; events nobody waits for are kept in order. */
import { Deferred } from './deferred.js';

export class Waiters {
  // Names are matched without regard to case, as on the real host; the library matches them exactly.
  readonly #waiting = new Map<string, Deferred[]>();
  readonly #kept = new Map<string, (string | null)[]>();

  /** Names with more than one open wait, and how many there are. */
  get crowded(): readonly { readonly name: string; readonly waits: number }[] {
    return [...this.#waiting]
      .filter(([, waits]) => waits.length > 1)
      .map(([name, waits]) => ({ name, waits: waits.length }));
  }

  get waitedFor(): readonly string[] {
    return [...this.#waiting.keys()];
  }

  /** Names of events that came before anybody waited for them. */
  get unclaimed(): readonly string[] {
    return [...this.#kept.keys()];
  }

  wait(given: string): Deferred {
    const name = given.toLowerCase();
    const waiter = new Deferred();
    const stack = this.#waiting.get(name);
    if (stack === undefined) this.#waiting.set(name, [waiter]);
    else stack.push(waiter);
    const kept = this.#kept.get(name);
    if (kept !== undefined) {
      const input = kept.shift() ?? null;
      if (kept.length === 0) this.#kept.delete(name);
      this.raise(name, input);
    }
    return waiter;
  }

  raise(given: string, input: string | null): void {
    const name = given.toLowerCase();
    const stack = this.#waiting.get(name);
    if (stack === undefined) {
      const kept = this.#kept.get(name);
      if (kept === undefined) this.#kept.set(name, [input]);
      else kept.push(input);
      return;
    }
    const waiter = stack.pop() as Deferred;
    if (stack.length === 0) this.#waiting.delete(name);
    waiter.settle({ kind: 'value', value: input });
  }
}
