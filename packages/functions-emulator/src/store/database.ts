/** Opens the host's SQLite files: one process at a time, checked, and safe against power loss. */
import { join } from 'node:path';
import Libsql from 'libsql';
import { HostError } from '../errors.js';
import { checkPrivate, privateDirectory, privateFile } from './private-files.js';

/** Raised whenever the tables change in a way that older data cannot be read. */
const DATA_VERSION = 1;

export type Database = Libsql.Database;
export type Statement = Libsql.Statement<unknown[]>;

export interface OpenedDatabase {
  readonly database: Database;
  /** Closes the database and gives the data directory free. */
  close(): void;
}

/**
 * Opens `host.db` in the data directory, or a database in memory if there is none.
 * @throws HostError `data-directory-in-use`, `data-directory-not-writable`, `data-directory-not-private`, `data-disk-full`, `data-corrupt`,
 * `data-version`.
 */
export function openDatabase(dataDirectory: string | undefined): OpenedDatabase {
  if (dataDirectory === undefined) {
    const database = new Libsql(':memory:');
    return { database, close: () => database.close() };
  }
  makeDirectory(dataDirectory);
  const lock = takeLock(dataDirectory);
  try {
    const database = openChecked(join(dataDirectory, 'host.db'));
    return {
      database,
      close: () => {
        try {
          // Leaves one file behind that holds everything, and not a log beside it.
          database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
        } catch {
          // No room for it: the log stays, and the next start reads it.
        } finally {
          database.close();
          lock.close();
        }
      },
    };
  } catch (error) {
    lock.close();
    throw error;
  }
}

function makeDirectory(directory: string): void {
  try {
    privateDirectory(directory);
    checkPrivate(directory);
    // SQLite creates files beside a database with the mode of that database.
    for (const name of ['lock.db', 'host.db']) privateFile(join(directory, name));
  } catch (error) {
    if (error instanceof HostError) throw error;
    throw notWritable(directory, error);
  }
}

/**
 * An exclusive transaction on a separate database, never ended: SQLite holds it by a lock of the operating system, which
 * is released when the process ends in any way, on Linux, macOS and Windows alike.
 */
function takeLock(directory: string): Database {
  const path = join(directory, 'lock.db');
  let lock: Database | undefined;
  try {
    lock = new Libsql(path, { timeout: 0 });
    lock.exec('PRAGMA journal_mode = DELETE');
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    if (/locked|busy/i.test(textOf(error))) {
      throw new HostError(
        'data-directory-in-use',
        `The data directory ${directory} is used by another running host. Stop that one, or start this one with another data directory.`,
        { cause: error },
      );
    }
    if (codeOf(error) === 'data-corrupt') throw corrupt(path, error);
    throw notWritable(directory, error);
  }
}

function openChecked(path: string): Database {
  let database: Database | undefined;
  try {
    database = new Libsql(path);
    database.exec('PRAGMA journal_mode = WAL');
    // Some bindings open a WAL database at NORMAL, which may lose the last commits when the power fails.
    database.exec('PRAGMA synchronous = FULL');
    // Pages are copied from the log into the file less often: most of them change again before.
    database.exec('PRAGMA wal_autocheckpoint = 4000');
    const [mode, level] = [pragma(database, 'journal_mode'), pragma(database, 'synchronous')];
    if (mode !== 'wal' || level !== 2) {
      throw new HostError(
        'data-directory-not-writable',
        `The database ${path} cannot be opened safely: journal_mode is ${mode} instead of wal, or synchronous is ${level} instead of 2. Put the data directory on a local disk.`,
      );
    }
    const check = pragma(database, 'quick_check');
    if (check !== 'ok') throw corrupt(path, new Error(String(check)));
    checkVersion(database, path);
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof HostError) throw error;
    if (codeOf(error) === 'data-corrupt') throw corrupt(path, error);
    throw notWritable(path, error);
  }
}

function checkVersion(database: Database, path: string): void {
  const version = pragma(database, 'user_version');
  const tables = database.prepare('SELECT count(*) AS n FROM sqlite_master').get() as { n: number };
  if (version === 0 && tables.n === 0) {
    database.exec(`PRAGMA user_version = ${DATA_VERSION}`);
    return;
  }
  if (version !== DATA_VERSION) {
    throw new HostError(
      'data-version',
      `The data in ${path} has version ${version}, this host reads version ${DATA_VERSION}. Use the version of the host that wrote it, or another data directory.`,
    );
  }
}

function pragma(database: Database, name: string): unknown {
  const row = database.prepare(`PRAGMA ${name}`).get() as Record<string, unknown> | undefined;
  return row === undefined ? undefined : Object.values(row)[0];
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What an error of SQLite, or of the system below it, means for the host's data. */
export function codeOf(error: unknown): 'data-corrupt' | 'data-disk-full' | 'data-directory-not-writable' {
  const text = textOf(error);
  if (/disk image is malformed|file is not a database/i.test(text)) return 'data-corrupt';
  const full = /database or disk is full/i.test(text) || (error as { code?: unknown }).code === 'ENOSPC';
  return full ? 'data-disk-full' : 'data-directory-not-writable';
}

function corrupt(path: string, cause: unknown): HostError {
  return new HostError(
    'data-corrupt',
    `The data file ${path} is damaged (${textOf(cause)}). It was not changed. Restore a backup, or start with another data directory.`,
    { cause },
  );
}

export function notWritable(place: string, cause: unknown): HostError {
  return new HostError(
    codeOf(cause),
    `Cannot write to ${place} (${textOf(cause)}). Check its permissions and free space, or choose another data directory.`,
    { cause },
  );
}
