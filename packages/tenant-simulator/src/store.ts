/** Stores the tenant's items in SQLite, so the tenant survives a killed process unchanged. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import Libsql from 'libsql';
import { SimulatorError } from './errors.js';

export interface Item {
  readonly collection: string;
  readonly id: string;
  /** JSON text; undefined: deleted. */
  readonly value: string | undefined;
}
/** Stored beside the tenant's items; they are not part of the tenant's state. */
export interface KeyStore {
  get(name: string): string | undefined;
  /** On disk when it returns. */
  put(name: string, value: string): void;
}
export interface Store {
  readonly keys: KeyStore;
  /** In the order in which they were first written. */
  read(): readonly Item[];
  /** All or none; on disk when it returns. */
  write(items: readonly Item[]): void;
  close(): void;
}

/** @throws SimulatorError `state-unreadable`. */
export function openStore(directory: string | undefined): Store {
  try {
    return open(new Libsql(directory === undefined ? ':memory:' : privateFile(directory)));
  } catch (error) {
    throw new SimulatorError(
      'state-unreadable',
      `The state of the simulated tenant in ${directory ?? 'memory'} cannot be opened: ${error instanceof Error ? error.message : String(error)}. Stop another process that uses it, or delete it to start from the first state.`,
      { cause: error },
    );
  }
}

/** A file that only this user may read: SQLite keeps the mode of an existing file. */
function privateFile(directory: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, 'tenant.db');
  closeSync(openSync(path, 'a', 0o600));
  return path;
}

function open(database: Libsql.Database): Store {
  database.exec('PRAGMA journal_mode = WAL');
  // Some bindings open with NORMAL, where a power failure could lose the last acknowledged changes.
  database.exec('PRAGMA synchronous = FULL');
  database.exec(
    'CREATE TABLE IF NOT EXISTS items (position INTEGER PRIMARY KEY, collection TEXT NOT NULL, id TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (collection, id))',
  );
  database.exec('CREATE TABLE IF NOT EXISTS keys (name TEXT PRIMARY KEY, value TEXT NOT NULL)');
  const key = database.prepare('SELECT value FROM keys WHERE name = ?');
  const putKey = database.prepare('INSERT OR REPLACE INTO keys VALUES (?, ?)');
  const select = database.prepare('SELECT collection, id, value FROM items ORDER BY position');
  const put = database.prepare(
    'INSERT INTO items (collection, id, value) VALUES (?, ?, ?) ON CONFLICT (collection, id) DO UPDATE SET value = excluded.value',
  );
  const remove = database.prepare('DELETE FROM items WHERE collection = ? AND id = ?');
  return {
    keys: {
      get: (name) => (key.get(name) as { value: string } | undefined)?.value,
      put: (name, value) => {
        putKey.run(name, value);
      },
    },
    read: () => select.all() as Item[],
    write: (items) => {
      database.exec('BEGIN IMMEDIATE');
      try {
        for (const { collection, id, value } of items) {
          if (value === undefined) remove.run(collection, id);
          else put.run(collection, id, value);
        }
        database.exec('COMMIT');
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      }
    },
    close: () => {
      database.close();
    },
  };
}
