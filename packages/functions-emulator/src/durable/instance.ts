/** The in-memory state of an instance that has something going on. */

import type { DurableStore, InstanceRow } from './durable-store.js';
import type { ExecutionHistory } from './execute-turn.js';
import type { HistoryEvent, MessageEvent, SerialisedEvent } from './history-events.js';
import { InstanceHistory } from './instance-history.js';

export interface Message extends SerialisedEvent<MessageEvent> {
  /** The row that holds it; undefined for a result that exists in memory only. */
  id: number | undefined;
  /** Its turn is written. */
  settled?: boolean;
  readonly executionId: string | null;
}

export class Instance {
  readonly inbox: Message[] = [];
  readonly timers = new Map<number, () => void>();
  executing = false;
  queued = false;
  backingOff = false;
  /** A result has arrived, and waits a moment for further results. */
  batching = false;
  /** Activities that have been started and have not ended. */
  pendingActivities = 0;
  /** Releases a virtual clock; set while there is work to do. */
  releaseClock: (() => void) | undefined;
  #row: InstanceRow | undefined | null = null;
  #history: InstanceHistory | undefined;

  constructor(
    readonly id: string,
    private readonly durableStore: DurableStore,
  ) {}

  get row(): InstanceRow | undefined {
    if (this.#row === null) this.#row = this.durableStore.instance(this.id);
    return this.#row;
  }

  set row(row: InstanceRow | undefined) {
    this.#row = row;
  }

  /** Neither at work nor about to be. */
  get isIdle(): boolean {
    return !this.executing && !this.queued && !this.backingOff;
  }

  /** Whether it may be dropped from memory. */
  get isEvictable(): boolean {
    return this.pendingActivities <= 0 && this.isIdle && this.inbox.length === 0 && this.timers.size === 0;
  }

  /** Whether its history is known to be empty, even if the store still has that of an earlier instance of its id. */
  private get hasNoHistory(): boolean {
    return this.#history?.turns === 0;
  }

  get isNew(): boolean {
    return this.turns === 0;
  }

  /** The number of the next turn. */
  get turns(): number {
    return this.#load().turns;
  }

  /** Characters of the history in memory; 0 = none. */
  get historySize(): number {
    return this.#history?.size ?? 0;
  }

  history(): ExecutionHistory {
    return this.#load();
  }

  append(events: readonly HistoryEvent[], text: string, replacesHistory: boolean): void {
    if (replacesHistory) this.#history = this.#empty();
    const history = this.#load();
    history.add(events, text, history.turns);
  }

  setTimer(id: number, cancel: () => void): void {
    this.timers.set(id, cancel);
  }

  cancelTimers(): void {
    for (const cancel of this.timers.values()) cancel();
    this.timers.clear();
  }

  /** Drops the history in memory, and the row unless one is given. */
  reset(row: InstanceRow | null = null): void {
    this.#history = row === null ? this.#empty() : undefined;
    this.#row = row;
  }

  /** The history is loaded again when needed; one that is known to be empty stays so. */
  evictHistory(): void {
    if (!this.hasNoHistory) this.#history = undefined;
  }

  #load(): InstanceHistory {
    if (this.#history !== undefined) return this.#history;
    this.#history = this.#empty();
    this.#history.load();
    return this.#history;
  }

  #empty(): InstanceHistory {
    return new InstanceHistory((from) => this.durableStore.history(this.id, from));
  }
}
