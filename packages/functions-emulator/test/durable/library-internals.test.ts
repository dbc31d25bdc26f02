/** The host relies on the inside of durable-functions only to save time and memory, and does without if it is another. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { virtualClock } from 'functions-emulator';
import { build } from 'rolldown';
import { afterEach, expect, test } from 'vitest';
import { startToy, type Toy } from './toy-host.js';

const appDirectory = fileURLToPath(new URL('../apps/leftovers', import.meta.url));

let toy: Toy | undefined;
afterEach(() => toy?.host.stop());

/** Runs an orchestration of several turns. @returns what is left of its contexts, and what the host reports. */
async function runOn(
  directory: string,
  settings: Readonly<Record<string, string>>,
): Promise<{ left: unknown; reported: string[] }> {
  toy = await startToy({
    appDirectory: directory,
    clock: virtualClock(Date.UTC(2026, 0, 1)),
    settings,
  });
  await toy.start('keeps', 'one', { a: 1 });
  expect((await toy.done('one')).output).toEqual({ a: 1 });
  const left: unknown = await (await fetch(`${toy.host.url}/api/kept`)).json();
  const reported = toy.events.flatMap((event) =>
    event.kind === 'diagnostic' && event.code === 'library-unknown' ? [event.message] : [],
  );
  return { left, reported };
}

test('this version of the library has what the host relies on', async () => {
  expect(await runOn(appDirectory, {})).toEqual({ left: ['nothing', 'nothing'], reported: [] });
});

test('the same library bundled with the app has it, too', async () => {
  const directory = mkdtempSync(join(appDirectory, 'bundled-'));
  try {
    cpSync(join(appDirectory, 'host.json'), join(directory, 'host.json'));
    cpSync(join(appDirectory, 'package.json'), join(directory, 'package.json'));
    await build({
      input: join(appDirectory, 'src/index.js'),
      platform: 'node',
      external: ['@azure/functions-core'],
      output: { dir: join(directory, 'src'), minify: true },
      logLevel: 'silent',
    });
    expect(await runOn(directory, {})).toEqual({ left: ['nothing', 'nothing'], reported: [] });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test('an app with hooks, which may look at it later, keeps all as it was', async () => {
  const kept = { left: [{ a: 1 }, { a: 1 }], reported: [] };
  expect(await runOn(appDirectory, { WITH_HOOKS: 'yes' })).toEqual(kept);
});

test.each([
  ['copies the history', [{ a: 1 }, { a: 1 }], 'context.df.state'],
  ['copies the trigger', ['nothing', { a: 1 }], 'not enumerable'],
  ['renames its executor', [{ a: 1 }, { a: 1 }], 'taskOrchestratorExecutor'],
])('a library that %s runs as well, and is reported once', async (library, left, missing) => {
  const result = await runOn(appDirectory, { LIBRARY: library });
  expect(result).toEqual({ left, reported: [expect.stringContaining(missing)] });
});
