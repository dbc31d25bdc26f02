/** The messages to the instance, sorted by kind. Several processes may receive; each message is taken once. */
import type { SealedMessage } from '../domain/sealed.js';
import { handsOver, saysMore, updateMessageSchema } from '../domain/update.js';
import type { Process } from './scheduler.js';
import type { Waiting } from './waiting.js';

/** Anyone who can raise events can raise many. Updates without a content of their own say the same: read the incident again. */
const MOST_HINTS = 20;
/** The others name people, hand over or retry. So many are read at once, and more than that do not wait. */
const MANY_UPDATES = 20;
const MOST_UPDATES = 200;

export class Inbox {
  readonly #decisions: unknown[] = [];
  #hints: SealedMessage[] = [];
  #updates: SealedMessage[] = [];
  #taken: SealedMessage[] = [];

  constructor(private readonly waiting: Waiting) {}

  /** Receives messages until `shouldStop` returns true, or until the time `until` (milliseconds since the epoch). */
  *receive(shouldStop: () => boolean, until?: number): Process<void> {
    while (!shouldStop()) {
      const next = yield* this.waiting.nextMessage(shouldStop, until);
      if (next === undefined) return;
      const update = updateMessageSchema.safeParse(next.message);
      if (update.success) this.#receiveUpdate(update.data.message);
      else this.#decisions.push(next.message);
    }
  }

  #receiveUpdate(message: SealedMessage): void {
    const [some, most] = saysMore(message) ? [this.#updates, MOST_UPDATES] : [this.#hints, MOST_HINTS];
    if (some.length < most) some.push(message);
  }

  /** Everything that is not an update: decisions, and messages that no channel sent. */
  get hasDecision(): boolean {
    return this.#decisions.length > 0;
  }

  takeDecision(): unknown {
    return this.#decisions.shift();
  }

  get hasUpdate(): boolean {
    return this.#hints.length + this.#updates.length > 0;
  }

  /** More might not find room, or another case says what must not be approved here again. */
  get hasUrgentUpdates(): boolean {
    return this.#updates.length >= MANY_UPDATES || this.#updates.some(handsOver);
  }

  /**
   * All updates at once: one reading answers them. Each counts as not verified, and is taken again, until `verified` is called
   * with it: the reading may fail before it has verified any.
   */
  takeUpdates(): readonly SealedMessage[] {
    this.#taken = [...this.#taken, ...this.#updates, ...this.#hints];
    this.#hints = [];
    this.#updates = [];
    return this.#taken;
  }

  /** Some were taken, and their reading has failed before it verified them. Asked when nothing is being read. */
  get isUnread(): boolean {
    return this.#taken.length > 0;
  }

  /** Their seals were verified, and what they say is recorded. */
  verified(messages: readonly SealedMessage[]): void {
    this.#taken = this.#taken.filter((message) => !messages.includes(message));
  }

  /**
   * Updates that may name someone who must not decide, as far as they have arrived: their seals are not verified, and what they
   * say is not recorded yet.
   */
  get unverified(): readonly SealedMessage[] {
    return [...this.#taken.filter(saysMore), ...this.#updates];
  }

  /** What another case has done may be among them. */
  get handsOver(): boolean {
    return this.unverified.some(handsOver);
  }
}
