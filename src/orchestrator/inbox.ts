/** The messages to the instance, sorted by kind. Several processes may receive; each message is taken once. */
import type { SealedMessage } from '../domain/sealed.js';
import { updateMessageSchema } from '../domain/update.js';
import type { Process } from './scheduler.js';
import type { Waiting } from './waiting.js';

/** Anyone who can raise events can raise many. Updates say the same: read the incident again. */
const MOST_UPDATES = 20;

export class Inbox {
  readonly #decisions: unknown[] = [];
  readonly #updates: SealedMessage[] = [];

  constructor(private readonly waiting: Waiting) {}

  /** Receives messages until `shouldStop` returns true, or until the time `until` (milliseconds since the epoch). */
  *receive(shouldStop: () => boolean, until?: number): Process<void> {
    while (!shouldStop()) {
      const next = yield* this.waiting.nextMessage(shouldStop, until);
      if (next === undefined) return;
      const update = updateMessageSchema.safeParse(next.message);
      if (!update.success) this.#decisions.push(next.message);
      else if (this.#updates.length < MOST_UPDATES) this.#updates.push(update.data.message);
    }
  }

  /** Everything that is not an update: decisions, and messages that no channel sent. */
  get hasDecision(): boolean {
    return this.#decisions.length > 0;
  }

  takeDecision(): unknown {
    return this.#decisions.shift();
  }

  get hasUpdate(): boolean {
    return this.#updates.length > 0;
  }

  /** All updates at once: one reading answers them. */
  takeUpdates(): SealedMessage[] {
    return this.#updates.splice(0);
  }
}
