/** One orchestration or entity that has something going on: the only owner of its state, inbox, timers and row. */
import { defer } from '../real-time.js';
import type { Clock } from '../types.js';
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

/**
 * - `idle`: nothing to do.
 * - `batching`: an activity's result has arrived and waits a moment for further ones.
 * - `ready`: in the scheduler's queue.
 * - `executing`: a turn has begun and is not committed.
 * - `backoff`: the app's thread ended during the turn, which is repeated after a pause.
 */
export type InstanceState = 'idle' | 'batching' | 'ready' | 'executing' | 'backoff';

export interface InstanceContext {
  readonly clock: Clock;
  readonly durableStore: DurableStore;
  /** Called when the instance becomes ready. */
  readonly onReady: (instance: Instance) => void;
}

/** Batch window for activity results: most single-result turns would only record the result. */
const BATCH_WINDOW_MS = 2;
/** Pause before a turn is repeated after its thread ended. */
const BACKOFF_MS = 1000;

/**
 * Its states are drawn in the README of this package. A virtual clock is held while the instance is batching, ready or
 * executing.
 */
export class Instance {
  #state: InstanceState = 'idle';
  #inbox: Message[] = [];
  readonly #timers = new Map<number, () => void>();
  /** Activities that have been started and have not ended. */
  #pendingActivities = 0;
  #releaseClock: (() => void) | undefined;
  /** null = not loaded */
  #row: InstanceRow | undefined | null = null;
  #history: InstanceHistory | undefined;

  constructor(
    readonly id: string,
    private readonly context: InstanceContext,
  ) {}

  get state(): InstanceState {
    return this.#state;
  }

  /** Messages that no turn has taken. */
  get inbox(): readonly Message[] {
    return this.#inbox;
  }

  get isAwaitingActivities(): boolean {
    return this.#pendingActivities > 0;
  }

  /** Whether it may be dropped from memory. */
  get isEvictable(): boolean {
    return this.#state === 'idle' && !this.isAwaitingActivities && this.#timers.size === 0;
  }

  activityStarted(): void {
    this.#pendingActivities += 1;
  }

  receive(message: Message): void {
    this.#inbox.push(message);
    if (this.#state === 'idle' || this.#state === 'batching') this.#enter('ready');
  }

  /** Receives a result; unless it is the last that is expected, it waits a moment for others. */
  receiveResult(message: Message): void {
    this.#pendingActivities -= 1;
    if (!this.isAwaitingActivities) {
      this.receive(message);
      return;
    }
    this.#inbox.push(message);
    if (this.#state !== 'idle') return;
    this.#enter('batching');
    defer(BATCH_WINDOW_MS, () => {
      if (this.#state === 'batching') this.#enter('ready');
    });
  }

  /** @returns the messages of the turn */
  beginTurn(): readonly Message[] {
    this.#enter('executing');
    return this.#inbox.splice(0);
  }

  /** The turn is committed, or has failed for good. */
  endTurn(): void {
    this.#enter(this.#inbox.length > 0 ? 'ready' : 'idle');
  }

  /** Nothing has happened: the messages return to the inbox, and the turn is repeated after a pause. */
  abortTurn(batch: readonly Message[]): void {
    this.#inbox.unshift(...batch);
    const { clock } = this.context;
    clock.at(clock.now() + BACKOFF_MS, () => this.#enter('ready'));
    this.#enter('backoff');
  }

  #enter(state: InstanceState): void {
    this.#state = state;
    if (state === 'idle' || state === 'backoff') {
      this.#releaseClock?.();
      this.#releaseClock = undefined;
    } else this.#releaseClock ??= this.context.clock.hold(`messages for ${this.id}`);
    if (state === 'ready') this.context.onReady(this);
  }

  /** Receives a stored message when it is due. */
  receiveAt(dueAt: number, id: number, receive: () => void): void {
    const fire = (): void => {
      this.#timers.delete(id);
      receive();
    };
    this.#timers.set(id, this.context.clock.at(dueAt, fire));
  }

  /** The ids of the stored messages that are not due yet. */
  get timerIds(): readonly number[] {
    return [...this.#timers.keys()];
  }

  cancelTimers(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  get row(): InstanceRow | undefined {
    if (this.#row === null) this.#row = this.context.durableStore.instance(this.id);
    return this.#row;
  }

  /** A new execution begins. The store may still have the history of an earlier one. */
  startExecution(row: InstanceRow): void {
    this.discard();
    this.#row = row;
  }

  /** The row is on disk or about to be; the history is as it was. */
  setRow(row: InstanceRow): void {
    this.#row = row;
  }

  /** A turn of an orchestration is on disk. */
  turnCommitted(
    row: InstanceRow,
    turn: {
      readonly events: readonly HistoryEvent[];
      readonly text: string;
      readonly replacesHistory: boolean;
    },
  ): void {
    this.#row = row;
    if (turn.replacesHistory) this.#history = this.#empty();
    const history = this.#load();
    history.add(turn.events, turn.text, history.turns);
  }

  /** Drops what is in memory, because the instance is removed from the store. */
  discard(): void {
    this.cancelTimers();
    this.#history = this.#empty();
    this.#row = null;
  }

  /** The history is loaded again when needed; one that is known to be empty stays so. */
  evictHistory(): void {
    if (this.#history?.turns !== 0) this.#history = undefined;
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

  #load(): InstanceHistory {
    if (this.#history !== undefined) return this.#history;
    this.#history = this.#empty();
    this.#history.load();
    return this.#history;
  }

  #empty(): InstanceHistory {
    return new InstanceHistory((from) => this.context.durableStore.history(this.id, from));
  }
}
