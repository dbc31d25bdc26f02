/** What the engine keeps in memory of an instance that has something going on. */
import type { HistoryEvent, MessageEvent } from './history.js';
import type { History } from './orchestrations.js';
import type { InstanceRow, Records } from './records.js';

export interface Message {
  /** The row that holds it; undefined for a result that exists in memory only. */
  id: number | undefined;
  readonly executionId: string | null;
  readonly event: MessageEvent;
}

interface Kept extends History {
  text: string;
  /** The number of the next turn. */
  next: number;
}

const empty = (): Kept => ({ events: [], text: '', next: 0 });

export class Instance {
  readonly inbox: Message[] = [];
  readonly timers = new Map<number, () => void>();
  busy = false;
  queued = false;
  /** When it was put in line for a turn, by the stopwatch. */
  queuedAt = 0;
  waitsToRetry = false;
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

  /** Whether it may be dropped from memory. */
  get idle(): boolean {
    return (
      this.pending <= 0 &&
      !this.busy &&
      !this.queued &&
      !this.waitsToRetry &&
      this.inbox.length === 0 &&
      this.timers.size === 0
    );
  }

  /** Known to have no history, whatever the store still has of an earlier instance of its id. */
  private get isEmpty(): boolean {
    return this.#history?.text === '';
  }

  get isNew(): boolean {
    return this.#load().text === '';
  }

  /** The number of the next turn. */
  get turns(): number {
    return this.#load().next;
  }

  /** Characters of the history that is in memory; 0 = there is none. */
  get historySize(): number {
    return this.#history?.text.length ?? 0;
  }

  history(): History {
    return this.#load();
  }

  append(events: readonly HistoryEvent[], text: string, startsOver: boolean): void {
    if (startsOver) this.#history = empty();
    const history = this.#load();
    history.events.push(...events);
    history.text = history.text === '' ? text : `${history.text},${text}`;
    history.next += 1;
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
    this.#history = row === null ? empty() : undefined;
    this.#row = row;
  }

  /** The history is read again when it is needed next; one that is known to be empty stays so. */
  forgetHistory(): void {
    if (!this.isEmpty) this.#history = undefined;
  }

  #load(): Kept {
    if (this.#history !== undefined) return this.#history;
    const rows = this.records.history(this.id);
    const text = rows.map((row) => row.events).join(',');
    this.#history = {
      events: JSON.parse(`[${text}]`) as HistoryEvent[],
      text,
      next: (rows.at(-1)?.turn ?? -1) + 1,
    };
    return this.#history;
  }
}
