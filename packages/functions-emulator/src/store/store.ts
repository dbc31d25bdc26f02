/** The database of the host, and its group commit: concurrent writes share one transaction and one fsync. */

import { HostError } from '../errors.js';
import { defer, monotonicNow } from '../real-time.js';
import type { Introspection } from '../types.js';
import { codeOf, type Database, notWritable, openDatabase, type Statement } from './database.js';

export interface Store {
  /** For reading, and for statements that are run inside `commit`. Prepared once by each part for itself. */
  prepare(sql: string): Statement;
  /** Creates tables; only while the host starts. */
  define(sql: string): void;
  /**
   * Runs `write` in the next transaction, together with all others of about the same time.
   * Resolves once it is on disk. `write` must not throw for reasons of its own: an error rolls the whole group back.
   */
  commit(write: () => void): Promise<void>;
  /** A number that is never reused, not even after a restart: for rows whose id must be known before the commit. */
  nextId(): number;
  close(): Promise<void>;
}

/** Under load, transactions begin at most this often: fewer and larger ones cost less. */
const BUSY_PAUSE_MS = 4;
/** So many writes in the last transaction are much. A lone instance never makes them, and never waits. */
const BUSY_GROUP = 3;

interface PendingWrite {
  readonly write: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * @param onFailure called once when a transaction fails to be written: the host must stop.
 * @throws HostError as `openDatabase` does.
 */
export function openStore(
  dataDirectory: string | undefined,
  introspection: Introspection | undefined,
  onFailure: (error: HostError) => void,
): Store {
  const { database, close } = openDatabase(dataDirectory);
  try {
    return new SqliteStore(database, close, introspection, onFailure, dataDirectory ?? 'memory');
  } catch (error) {
    close();
    throw error;
  }
}

class SqliteStore implements Store {
  #waiting: PendingWrite[] = [];
  #scheduled = false;
  #commits = 0;
  #flushedAt = 0;
  #lastGroup = 0;
  #failure: HostError | undefined;
  #lastId: number;
  readonly #begin: Statement;
  readonly #end: Statement;
  readonly #undo: Statement;
  readonly #saveId: Statement;
  #savedId: number;

  constructor(
    private readonly database: Database,
    private readonly closeDatabase: () => void,
    private readonly introspection: Introspection | undefined,
    private readonly onFailure: (error: HostError) => void,
    private readonly place: string,
  ) {
    this.define(
      'CREATE TABLE IF NOT EXISTS ids (one INTEGER PRIMARY KEY CHECK (one = 1), last INTEGER NOT NULL)',
    );
    const row = database.prepare('SELECT last FROM ids').get() as { last: number } | undefined;
    this.#lastId = row?.last ?? 0;
    this.#savedId = this.#lastId;
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#end = database.prepare('COMMIT');
    this.#undo = database.prepare('ROLLBACK');
    this.#saveId = database.prepare(
      'INSERT INTO ids VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET last = excluded.last',
    );
  }

  prepare(sql: string): Statement {
    return this.database.prepare(sql);
  }

  define(sql: string): void {
    try {
      this.database.exec(sql);
    } catch (error) {
      throw notWritable(this.place, error);
    }
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  commit(write: () => void): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, resolve, reject });
      if (this.#scheduled) return;
      this.#scheduled = true;
      const pause = this.#lastGroup < BUSY_GROUP ? 0 : this.#flushedAt + BUSY_PAUSE_MS - monotonicNow();
      defer(pause, () => this.#flush());
    });
  }

  async close(): Promise<void> {
    if (this.#waiting.length > 0) this.#flush();
    this.closeDatabase();
  }

  #flush(): void {
    this.#scheduled = false;
    const group = this.#waiting;
    this.#waiting = [];
    if (group.length === 0) return;
    this.#commits += 1;
    if (this.introspection?.onCommit?.(this.#commits) === 'kill') process.kill(process.pid, 'SIGKILL');
    try {
      this.#begin.run();
      for (const { write } of group) write();
      if (this.#lastId !== this.#savedId) this.#saveId.run(this.#lastId);
      this.#end.run();
      this.#savedId = this.#lastId;
    } catch (error) {
      this.#fail(error, group);
      return;
    }
    this.#flushedAt = monotonicNow();
    this.#lastGroup = group.length;
    for (const { resolve } of group) resolve();
  }

  #fail(error: unknown, group: readonly PendingWrite[]): void {
    try {
      this.#undo.run();
    } catch {
      // The failed statement may have ended the transaction already.
    }
    const text = error instanceof Error ? error.message : String(error);
    this.#failure = new HostError(
      codeOf(error),
      `The host could not write its data in ${this.place} (${text}) and has stopped; data written before is intact. Free disk space or repair the disk, then restart.`,
      { cause: error },
    );
    for (const { reject } of group) reject(this.#failure);
    this.onFailure(this.#failure);
  }
}
