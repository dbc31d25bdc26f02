/** The history of an instance in memory. */
import type { HistoryChunk } from './durable-store.js';
import type { ExecutionHistory } from './execute-turn.js';
import type { HistoryEvent } from './history-events.js';

/** Only the latest texts are in memory, which is usually enough; the others are on disk. */
export class InstanceHistory implements ExecutionHistory {
  readonly events: HistoryEvent[] = [];
  /** Characters of all the texts. */
  size = 0;
  turns = 0;
  #latest: readonly string[] = [];

  constructor(private readonly read: (from: number) => readonly HistoryChunk[]) {}

  /** Loads all chunks from disk; the next turn may need all of them. */
  load(): void {
    const rows = this.read(0);
    for (const { turn, events } of rows) this.add(JSON.parse(`[${events}]`) as HistoryEvent[], events, turn);
    this.#latest = rows.map(({ events }) => events);
  }

  add(events: readonly HistoryEvent[], text: string, turn: number): void {
    this.events.push(...events);
    this.size += text.length;
    this.turns = turn + 1;
    this.#latest = [text];
  }

  texts(from: number): readonly string[] {
    const index = from - (this.turns - this.#latest.length);
    return index >= 0 ? this.#latest.slice(index) : this.read(from).map(({ events }) => events);
  }
}
