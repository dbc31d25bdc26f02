/** Stores the broker's messages. A send or settlement is acknowledged after its commit, not before. */
import type { Store } from '../store/store.js';
import { encodeMessage, type MessageSections, splitMessage } from './message-codec.js';

export type MessageState = 'active' | 'scheduled';

/** One message in one queue. Times are milliseconds since the Unix epoch. */
export interface BrokerMessage {
  readonly sequence: number;
  /** The number it got when it was first accepted: a topic's, or that of the time when it was scheduled. */
  readonly enqueuedSequence: number;
  readonly state: MessageState;
  readonly enqueuedAt: number;
  readonly scheduledFor: number | undefined;
  readonly expiresAt: number | undefined;
  /** Number of failed deliveries. */
  readonly deliveryCount: number;
  readonly sections: MessageSections;
}

export type Change =
  | { readonly kind: 'put'; readonly queue: string; readonly message: BrokerMessage }
  | { readonly kind: 'remove'; readonly queue: string; readonly sequence: number }
  /** It is in the hands of a consumer, until it is put or removed. */
  | { readonly kind: 'locked'; readonly queue: string; readonly sequence: number }
  | { readonly kind: 'last-sequence'; readonly entity: string; readonly last: number };

export interface StoredQueue {
  readonly messages: readonly BrokerMessage[];
  /** Sequence numbers of the messages that were locked when the process ended. */
  readonly locked: ReadonlySet<number>;
  readonly lastSequence: number;
}

export interface MessageStore {
  load(queue: string): StoredQueue;
  /** Resolves once all changes are durable; rejects if none is. */
  commit(changes: readonly Change[]): Promise<void>;
}

/** The part of the host's database that the broker uses. */
export type MessageDatabase = Pick<Store, 'define' | 'prepare' | 'commit'>;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS servicebus_messages (
    queue TEXT NOT NULL, sequence INTEGER NOT NULL, enqueued_sequence INTEGER NOT NULL, state TEXT NOT NULL,
    enqueued_at INTEGER NOT NULL, scheduled_for INTEGER, expires_at INTEGER, delivery_count INTEGER NOT NULL,
    payload BLOB NOT NULL, PRIMARY KEY (queue, sequence));
  CREATE TABLE IF NOT EXISTS servicebus_locks (
    queue TEXT NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY (queue, sequence)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS servicebus_numbers (entity TEXT PRIMARY KEY, last INTEGER NOT NULL);
`;

interface MessageRow {
  readonly sequence: number;
  readonly enqueued_sequence: number;
  readonly state: MessageState;
  readonly enqueued_at: number;
  readonly scheduled_for: number | null;
  readonly expires_at: number | null;
  readonly delivery_count: number;
  /** libsql accepts a Buffer and returns an ArrayBuffer. */
  readonly payload: ArrayBuffer;
}

export function createMessageStore(database: MessageDatabase): MessageStore {
  database.define(SCHEMA);
  const put = database.prepare(
    'INSERT OR REPLACE INTO servicebus_messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const remove = database.prepare('DELETE FROM servicebus_messages WHERE queue = ? AND sequence = ?');
  const lock = database.prepare('INSERT OR IGNORE INTO servicebus_locks VALUES (?, ?)');
  const unlock = database.prepare('DELETE FROM servicebus_locks WHERE queue = ? AND sequence = ?');
  const locks = database.prepare('SELECT sequence FROM servicebus_locks WHERE queue = ?');
  const numbered = database.prepare(
    'INSERT INTO servicebus_numbers VALUES (?, ?) ON CONFLICT (entity) DO UPDATE SET last = max(last, excluded.last)',
  );
  const messages = database.prepare('SELECT * FROM servicebus_messages WHERE queue = ? ORDER BY sequence');
  const last = database.prepare('SELECT last FROM servicebus_numbers WHERE entity = ?');

  const apply = (change: Change): void => {
    if (change.kind === 'put') {
      put.run(...toRow(change.queue, change.message));
      unlock.run(change.queue, change.message.sequence);
    } else if (change.kind === 'remove') {
      remove.run(change.queue, change.sequence);
      unlock.run(change.queue, change.sequence);
    } else if (change.kind === 'locked') lock.run(change.queue, change.sequence);
    else numbered.run(change.entity, change.last);
  };

  return {
    load(queue) {
      const rows = messages.all(queue) as MessageRow[];
      const lastSequence = (last.get(queue) as { last: number } | undefined)?.last ?? 0;
      return {
        messages: rows.map(fromRow),
        locked: new Set((locks.all(queue) as { sequence: number }[]).map(({ sequence }) => sequence)),
        lastSequence,
      };
    },
    commit: (changes) =>
      database.commit(() => {
        for (const change of changes) apply(change);
      }),
  };
}

function toRow(queue: string, message: BrokerMessage): unknown[] {
  return [
    queue,
    message.sequence,
    message.enqueuedSequence,
    message.state,
    message.enqueuedAt,
    message.scheduledFor ?? null,
    message.expiresAt ?? null,
    message.deliveryCount,
    encodeMessage(message.sections, message.deliveryCount, {}),
  ];
}

function fromRow(row: MessageRow): BrokerMessage {
  return {
    sequence: row.sequence,
    enqueuedSequence: row.enqueued_sequence,
    state: row.state,
    enqueuedAt: row.enqueued_at,
    scheduledFor: row.scheduled_for ?? undefined,
    expiresAt: row.expires_at ?? undefined,
    deliveryCount: row.delivery_count,
    sections: splitMessage(Buffer.from(row.payload)),
  };
}
