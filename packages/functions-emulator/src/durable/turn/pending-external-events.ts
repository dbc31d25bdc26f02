/** Waits for external events: the latest wait is served first, and events without a wait are buffered in order. */
import { Deferred } from './deferred.js';

/** One of the app's actions, which may contain several waits. */
export interface ActionSlot {
  /** Its place in the list of actions. */
  readonly position: number;
  /** A timer in it is cancelled: then one of its waits has won, and the host must not think that it is over. */
  readonly hasCancelledTimer: boolean;
  /** How many of its waits have got an event. */
  received: number;
}

interface Wait {
  readonly task: Deferred;
  readonly slot: ActionSlot;
  /** The library finds the task of a response by its id, whatever the code waits for. */
  readonly isResponse: boolean;
}

export class PendingExternalEvents {
  // Names are matched without regard to case, as on the real host; the library matches them exactly.
  /** Names of events that completed a wait whose action was already over: the code may never see them. */
  readonly lostEvents: string[] = [];
  readonly #waiting = new Map<string, Wait[]>();
  readonly #buffered = new Map<string, (string | null)[]>();

  /** Names of events that arrived before any wait for them. */
  get bufferedEvents(): readonly string[] {
    return [...this.#buffered.keys()];
  }

  wait(eventName: string, slot: ActionSlot, isResponse = false): Deferred {
    const name = eventName.toLowerCase();
    const task = new Deferred();
    const stack = this.#waiting.get(name);
    const wait = { task, slot, isResponse };
    if (stack === undefined) this.#waiting.set(name, [wait]);
    else stack.push(wait);
    const buffered = this.#buffered.get(name);
    if (buffered !== undefined) {
      const input = buffered.shift() ?? null;
      if (buffered.length === 0) this.#buffered.delete(name);
      this.raise(name, input, slot.position);
    }
    return task;
  }

  /** @param place of the action that is being waited for now */
  raise(eventName: string, input: string | null, position: number): void {
    const name = eventName.toLowerCase();
    const stack = this.#waiting.get(name);
    if (stack === undefined) {
      const buffered = this.#buffered.get(name);
      if (buffered === undefined) this.#buffered.set(name, [input]);
      else buffered.push(input);
      return;
    }
    const wait = stack.pop();
    if (stack.length === 0) this.#waiting.delete(name);
    if (wait === undefined) return;
    const { slot, isResponse } = wait;
    if (!isResponse && slot.position < position && (!slot.hasCancelledTimer || slot.received > 0))
      this.lostEvents.push(eventName);
    slot.received += 1;
    wait.task.settle({ kind: 'value', value: input });
  }
}
