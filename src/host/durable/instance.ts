/** What the engine keeps in memory of an instance that has something going on. */
import type { HistoryEvent, MessageEvent, Written } from './history.js';
import type { History } from './orchestrations.js';
import type { InstanceRow, Records, TurnRow } from './records.js';

export interface Message extends Written<MessageEvent> {
  /** The row that holds it; undefined for a result that exists in memory only. */
  id: number | undefined;
  /** Its turn is written. */
  settled?: boolean;
  readonly executionId: string | null;
}

/** Of the texts only the last are kept, which is all that is needed as a rule; the others are on disk. */
class Kept implements History {
  readonly events: HistoryEvent[] = [];
  /** Characters of all the texts. */
  size = 0;
  turns = 0;
  #last: readonly string[] = [];

  constructor(private readonly read: (from: number) => readonly TurnRow[]) {}

  /** Takes up what is on disk; the turn that is about to be played may need all of it. */
  load(): void {
    const rows = this.read(0);
    for (const { turn, events } of rows) this.add(JSON.parse(`[${events}]`) as HistoryEvent[], events, turn);
    this.#last = rows.map(({ events }) => events);
  }

  add(events: readonly HistoryEvent[], text: string, turn: number): void {
    this.events.push(...events);
    this.size += text.length;
    this.turns = turn + 1;
    this.#last = [text];
  }

  texts(from: number): readonly string[] {
    const kept = from - (this.turns - this.#last.length);
    return kept >= 0 ? this.#last.slice(kept) : this.read(from).map(({ events }) => events);
  }
}

export class Instance {
  readonly inbox: Message[] = [];
  readonly timers = new Map<number, () => void>();
  busy = false;
  queued = false;
  waitsToRetry = false;
  /** A result has come, and waits a moment for those that are still to come. */
  gathers = false;
  /** Activities that have been started and have not ended. */
  pending = 0;
  /** Lets a virtual clock go on; set while there is something to do. */
  release: (() => void) | undefined;
  #row: InstanceRow | undefined | null = null;
  #history: Kept | undefined;

  constructor(
    readonly id: string,
    private readonly records: Records,
  ) {}

  get row(): InstanceRow | undefined {
    if (this.#row === null) this.#row = this.records.instance(this.id);
    return this.#row;
  }

  set row(row: InstanceRow | undefined) {
    this.#row = row;
  }

  /** Neither at work nor about to be. */
  get isFree(): boolean {
    return !this.busy && !this.queued && !this.waitsToRetry;
  }

  /** Whether it may be dropped from memory. */
  get idle(): boolean {
    return this.pending <= 0 && this.isFree && this.inbox.length === 0 && this.timers.size === 0;
  }

  /** Known to have no history, whatever the store still has of an earlier instance of its id. */
  private get isEmpty(): boolean {
    return this.#history?.turns === 0;
  }

  get isNew(): boolean {
    return this.turns === 0;
  }

  /** The number of the next turn. */
  get turns(): number {
    return this.#load().turns;
  }

  /** Characters of the history that is in memory; 0 = there is none. */
  get historySize(): number {
    return this.#history?.size ?? 0;
  }

  history(): History {
    return this.#load();
  }

  append(events: readonly HistoryEvent[], text: string, startsOver: boolean): void {
    if (startsOver) this.#history = this.#empty();
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

  /** Forgets the history kept in memory, and the row unless one is given. */
  reset(row: InstanceRow | null = null): void {
    this.#history = row === null ? this.#empty() : undefined;
    this.#row = row;
  }

  /** The history is read again when it is needed next; one that is known to be empty stays so. */
  forgetHistory(): void {
    if (!this.isEmpty) this.#history = undefined;
  }

  #load(): Kept {
    if (this.#history !== undefined) return this.#history;
    this.#history = this.#empty();
    this.#history.load();
    return this.#history;
  }

  #empty(): Kept {
    return new Kept((from) => this.records.history(this.id, from));
  }
}
