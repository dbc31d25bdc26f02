import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HostError } from 'functions-emulator';
import Libsql from 'libsql';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { spawnHost } from './child-host.js';
import { startToy } from './toy-host.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'host-data-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const refusal = async (options: Parameters<typeof startToy>[0]): Promise<HostError> => {
  try {
    const toy = await startToy(options);
    await toy.host.stop();
  } catch (error) {
    if (error instanceof HostError) return error;
    throw error;
  }
  throw new Error('the host has started');
};

test('data on disk is restored after a stop', async () => {
  const first = await startToy({ dataDirectory: directory });
  await first.start('approval', 'kept');
  await first.at('kept', 'waiting');
  const { master } = first.host.keys;
  await first.host.stop();
  const second = await startToy({ dataDirectory: directory });
  expect(second.host.keys.master).toBe(master);
  expect(await second.status('kept')).toMatchObject({ runtimeStatus: 'Running', customStatus: 'waiting' });
  await second.raise('kept', 'decision', 'yes');
  expect((await second.done('kept')).output).toBe('yes');
  await second.host.stop();
});

test('a second host on the same data directory is refused', async () => {
  const toy = await startToy({ dataDirectory: directory });
  const error = await refusal({ dataDirectory: directory });
  expect(error.code).toBe('data-directory-in-use');
  expect(error.message).toContain(directory);
  await toy.host.stop();
});

test('the lock of a killed host is released', async () => {
  const child = await spawnHost({ dataDirectory: directory });
  expect((await refusal({ dataDirectory: directory })).code).toBe('data-directory-in-use');
  await child.kill();
  const toy = await startToy({ dataDirectory: directory });
  await toy.host.stop();
});

test('a damaged file is refused and not changed', async () => {
  const toy = await startToy({ dataDirectory: directory });
  await toy.start('chain', 'chain');
  await toy.done('chain');
  await toy.host.stop();
  const file = join(directory, 'host.db');
  const bytes = readFileSync(file);
  bytes.fill(0x5a, 4096, bytes.length);
  writeFileSync(file, bytes);
  const error = await refusal({ dataDirectory: directory });
  expect(error.code).toBe('data-corrupt');
  expect(readFileSync(file).equals(bytes)).toBe(true);
});

test('a file that is not a database is refused', async () => {
  writeFileSync(
    join(directory, 'host.db'),
    'these are only words, many of them, and no database at all\n'.repeat(100),
    { mode: 0o600 },
  );
  expect((await refusal({ dataDirectory: directory })).code).toBe('data-corrupt');
});

test('data of another version is refused', async () => {
  const toy = await startToy({ dataDirectory: directory });
  await toy.host.stop();
  const database = new Libsql(join(directory, 'host.db'));
  database.exec('PRAGMA user_version = 77');
  database.close();
  const error = await refusal({ dataDirectory: directory });
  expect(error.code).toBe('data-version');
  expect(error.message).toContain('version 77');
});

test('a read-only place is refused', async () => {
  writeFileSync(join(directory, 'file'), '');
  expect((await refusal({ dataDirectory: join(directory, 'file', 'below') })).code).toBe(
    'data-directory-not-writable',
  );
});

test('a port in use is refused, and the data directory is released', async () => {
  const other = createServer();
  const port = await new Promise<number>((resolve) => {
    other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port));
  });
  expect((await refusal({ dataDirectory: directory, port })).code).toBe('port-in-use');
  other.close();
  const toy = await startToy({ dataDirectory: directory });
  await toy.host.stop();
});
