/** The data of a responder is for its user only: it contains keys, and the responder trusts it. */
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { startHost, virtualClock } from 'functions-emulator';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  newDataDirectory,
  newSecret,
  openDataDirectory,
  readRunning,
  signingKeyOf,
} from '../../src/cli/data-directory.ts';
import { startResponder, temporaryDirectory } from './run-cli.js';

const WINDOWS = process.platform === 'win32';
let parent: ReturnType<typeof temporaryDirectory>;
let path: string;
beforeEach(() => {
  parent = temporaryDirectory();
  path = join(parent.path, 'data');
});
afterEach(() => parent.remove());

const mode = (file: string) => (lstatSync(file).mode & 0o777).toString(8);
const notPrivate = expect.objectContaining({ code: 'data-directory-not-private' });
const thrown = (work: () => unknown): unknown => {
  try {
    return { result: work() };
  } catch (error) {
    return error;
  }
};

it('a new data directory is none that exists', () => {
  const before = process.cwd();
  process.chdir(parent.path);
  onTestFinished(() => process.chdir(before));
  const names = [0, 1, 2].map(() => {
    const name = newDataDirectory();
    openDataDirectory(name);
    return name;
  });
  expect(new Set(names).size).toBe(3);
  expect(names[0]).toBe('.responder/again');
});

describe.runIf(!WINDOWS)('a data directory', () => {
  it('is created for its user only, with all its files', async () => {
    const running = startResponder(path, '--no-demo');
    await running.kind('started');
    const files = readdirSync(path, { recursive: true, encoding: 'utf8' });
    expect(files).toEqual(
      expect.arrayContaining(['signing-key', 'sign-in', 'running.json', join('host', 'host.db')]),
    );
    expect(files.some((file) => file.endsWith('-wal'))).toBe(true);
    expect(mode(path)).toBe('700');
    const open = files.filter((file) => !['600', '700'].includes(mode(join(path, file))));
    await running.kill();
    expect(open).toEqual([]);
  });

  it('is refused where others can read it', () => {
    mkdirSync(path);
    for (const rights of [0o755, 0o750, 0o701, 0o770]) {
      chmodSync(path, rights);
      expect(thrown(() => openDataDirectory(path))).toEqual(notPrivate);
    }
    chmodSync(path, 0o700);
    expect(openDataDirectory(path).path).toBe(path);
  });

  it('is refused as a link, wherever that leads', () => {
    mkdirSync(join(parent.path, 'elsewhere'), { mode: 0o700 });
    symlinkSync(join(parent.path, 'elsewhere'), path);
    expect(thrown(() => openDataDirectory(path))).toEqual(notPrivate);
  });

  const files = ['signing-key', 'sign-in', 'running.json', 'host/host.db', 'host/host.db-wal', 'tenant/x.db'];
  it.each(files)('is refused with a %s that others can read, or that is a link', (name) => {
    const file = join(path, name);
    for (const folder of ['', 'host', 'tenant']) mkdirSync(join(path, folder), { mode: 0o700 });
    writeFileSync(file, newSecret(), { mode: 0o600 });
    expect(openDataDirectory(path).path).toBe(path);
    chmodSync(file, 0o644);
    expect(thrown(() => openDataDirectory(path))).toEqual(notPrivate);
    chmodSync(file, 0o600);
    renameSync(file, join(parent.path, 'other'));
    symlinkSync(join(parent.path, 'other'), file);
    expect(thrown(() => openDataDirectory(path))).toEqual(notPrivate);
  });

  it('gives no key that was put there since it was opened', () => {
    const directory = openDataDirectory(path);
    const file = join(path, 'signing-key');
    writeFileSync(file, 'a key that somebody else knows, planted here', { mode: 0o600 });
    chmodSync(file, 0o604);
    expect(thrown(() => signingKeyOf(directory))).toEqual(notPrivate);
    writeFileSync(join(parent.path, 'key'), newSecret(), { mode: 0o600 });
    renameSync(file, join(parent.path, 'old'));
    symlinkSync(join(parent.path, 'key'), file);
    expect(thrown(() => signingKeyOf(directory))).toEqual(notPrivate);
  });

  it('sends the command line nowhere that somebody else wrote down', () => {
    openDataDirectory(path);
    const running = { pid: 1, url: 'http://127.0.0.1:9', startedAt: '2026-03-10T08:12:00Z' };
    writeFileSync(join(path, 'running.json'), JSON.stringify(running), { mode: 0o600 });
    writeFileSync(join(path, 'sign-in'), newSecret(), { mode: 0o600 });
    expect(readRunning(path).running.url).toBe(running.url);
    chmodSync(join(path, 'running.json'), 0o666);
    expect(thrown(() => readRunning(path))).toEqual(notPrivate);
  });

  // Only an administrator can change the owner of files.
  it.runIf(process.getuid?.() === 0)('is refused where it, or a file in it, belongs to somebody else', () => {
    openDataDirectory(path);
    writeFileSync(join(path, 'signing-key'), newSecret(), { mode: 0o600 });
    chownSync(join(path, 'signing-key'), 12_345, 12_345);
    expect(thrown(() => openDataDirectory(path))).toEqual(notPrivate);
    chownSync(join(path, 'signing-key'), 0, 0);
    chownSync(path, 12_345, 12_345);
    expect(thrown(() => openDataDirectory(path))).toEqual(notPrivate);
  });

  it('of a host alone is also private', async () => {
    const start = () =>
      startHost({
        appDirectory: join(import.meta.dirname, '../orchestrator/app'),
        port: 0,
        serviceBusPort: 0,
        clock: virtualClock(0),
        dataDirectory: path,
        settings: {},
        onEvent: () => undefined,
      });
    const umask = process.umask(0o022);
    const host = await start().finally(() => process.umask(umask));
    expect([mode(path), ...readdirSync(path).map((file) => mode(join(path, file)))]).toEqual([
      '700',
      ...readdirSync(path).map(() => '600'),
    ]);
    await host.stop();
    chmodSync(path, 0o755);
    await expect(start()).rejects.toMatchObject({ code: 'data-directory-not-private' });
  });
});
