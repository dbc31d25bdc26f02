/** Starts the host on one of the toy apps, or on an app that a test writes. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Host, type HostEvent, type HostOptions, type LogLevel, startHost } from 'functions-emulator';
import { onTestFinished } from 'vitest';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));

export const toyApp = (name: string): string => fileURLToPath(new URL(`../apps/${name}`, import.meta.url));

/** Writes an app inside the repository, so that it resolves its packages. Removed after the test. */
export function writeApp(files: Readonly<Record<string, string>>): string {
  mkdirSync(join(repository, 'dist'), { recursive: true });
  const directory = mkdtempSync(join(repository, 'dist', 'app-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const all = {
    'package.json': JSON.stringify({ type: 'module', main: 'index.js' }),
    'host.json': JSON.stringify({ version: '2.0' }),
    ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return directory;
}

export interface Started extends Host {
  readonly events: readonly HostEvent[];
  /** The messages of the host's log so far, of one level or of all. */
  logged(level?: LogLevel): string[];
  get(path: string, init?: RequestInit): Promise<Response>;
}

/** Starts the host on free ports and stops it when the test has ended. */
export async function start(options: HostOptions): Promise<Started> {
  const events: HostEvent[] = [];
  const host = await startHost({
    port: 0,
    serviceBusPort: 0,
    ...options,
    onEvent: (event) => events.push(event),
  });
  onTestFinished(() => host.stop());
  return {
    ...host,
    events,
    logged: (level) =>
      events.flatMap((event) =>
        event.kind === 'log' && [undefined, event.level].includes(level) ? [event.message] : [],
      ),
    get: (path, init) => fetch(host.url + path, init),
  };
}
