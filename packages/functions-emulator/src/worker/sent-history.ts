/** The sending side of the history cache: which past events a thread has been sent already. */
import type { SentTurn } from './thread-messages.js';
import type { TurnData } from './worker-types.js';

/** How much of each past a thread has been given. */
export class SentHistory {
  readonly #turns = new WeakMap<TurnData['pastEvents'], number>();

  /** @param whole after a history miss of the thread */
  send({ pastEvents, ...otherMembers }: TurnData, whole: boolean): SentTurn {
    const cachedTurns = whole ? 0 : (this.#turns.get(pastEvents) ?? 0);
    this.#turns.set(pastEvents, pastEvents.turns);
    return { ...otherMembers, cachedTurns, pastEvents: pastEvents.texts(cachedTurns) };
  }
}
