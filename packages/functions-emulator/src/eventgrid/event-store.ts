/** Accepted events that are not delivered yet, and dead-lettered events. */
import type { Store } from '../store/store.js';
import type { AcceptedEvent } from './event-schemas.js';

/** Times are milliseconds since the Unix epoch. */
export interface PendingEvent {
  readonly number: number;
  readonly functionName: string;
  readonly event: AcceptedEvent;
  readonly publishedAt: number;
  readonly attempts: number;
  readonly dueAt: number;
}

/** As the service writes it to a dead-letter destination. https://learn.microsoft.com/azure/event-grid/manage-event-delivery */
export interface DeadLetterEvent {
  readonly functionName: string;
  readonly event: unknown;
  readonly deadLetterReason: string;
  readonly deliveryAttempts: number;
  readonly lastDeliveryOutcome: string;
  readonly publishTime: string;
  readonly lastDeliveryAttemptTime: string;
}

export type EventDatabase = Pick<Store, 'define' | 'prepare' | 'commit' | 'nextId'>;

interface Row {
  readonly number: number;
  readonly function_name: string;
  readonly event: string;
  readonly published_at: number;
  readonly attempts: number;
  readonly due_at: number;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS eventgrid_pending (
    number INTEGER PRIMARY KEY, function_name TEXT NOT NULL, event TEXT NOT NULL, published_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL, due_at INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS eventgrid_dead (number INTEGER PRIMARY KEY, letter TEXT NOT NULL);
`;

export class EventStore {
  readonly #put;
  readonly #remove;
  readonly #deadLetter;

  constructor(private readonly database: EventDatabase) {
    database.define(SCHEMA);
    this.#put = database.prepare('INSERT OR REPLACE INTO eventgrid_pending VALUES (?, ?, ?, ?, ?, ?)');
    this.#remove = database.prepare('DELETE FROM eventgrid_pending WHERE number = ?');
    this.#deadLetter = database.prepare('INSERT OR REPLACE INTO eventgrid_dead VALUES (?, ?)');
  }

  nextNumber(): number {
    return this.database.nextId();
  }

  pending(): PendingEvent[] {
    const rows = this.database.prepare('SELECT * FROM eventgrid_pending ORDER BY number').all() as Row[];
    return rows.map((row) => ({
      number: row.number,
      functionName: row.function_name,
      event: JSON.parse(row.event) as AcceptedEvent,
      publishedAt: row.published_at,
      attempts: row.attempts,
      dueAt: row.due_at,
    }));
  }

  deadLetters(): DeadLetterEvent[] {
    const rows = this.database.prepare('SELECT letter FROM eventgrid_dead ORDER BY number').all();
    return (rows as { letter: string }[]).map(({ letter }) => JSON.parse(letter) as DeadLetterEvent);
  }

  /** Resolves when the events are durable. */
  async save(events: readonly PendingEvent[]): Promise<void> {
    await this.database.commit(() => {
      for (const { number, functionName, event, publishedAt, attempts, dueAt } of events) {
        this.#put.run(number, functionName, JSON.stringify(event), publishedAt, attempts, dueAt);
      }
    });
  }

  async remove(event: PendingEvent): Promise<void> {
    await this.database.commit(() => {
      this.#remove.run(event.number);
    });
  }

  async deadLetter(event: PendingEvent, letter: DeadLetterEvent): Promise<void> {
    await this.database.commit(() => {
      this.#remove.run(event.number);
      this.#deadLetter.run(event.number, JSON.stringify(letter));
    });
  }
}
