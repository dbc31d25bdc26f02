/** What the app still references of an answered turn. */
import { fileURLToPath } from 'node:url';
import { virtualClock } from 'functions-emulator';
import { expect, test } from 'vitest';
import { startToy } from './toy-host.js';

const appDirectory = fileURLToPath(new URL('../apps/leftovers', import.meta.url));

test.each([
  ['without hooks nothing is left, so that it need not be kept in memory', 'no', ['nothing', 'nothing']],
  ['with hooks, which may look at it later, all is as it was', 'yes', [{ a: 1 }, { a: 1 }]],
])('%s', async (_, hooks, left) => {
  const clock = virtualClock(Date.UTC(2026, 0, 1));
  const toy = await startToy({ appDirectory, clock, settings: { WITH_HOOKS: hooks } });
  try {
    await toy.start('keeps', 'one', { a: 1 });
    expect((await toy.done('one')).output).toEqual({ a: 1 });
    expect(await (await fetch(`${toy.host.url}/api/kept`)).json()).toEqual(left);
  } finally {
    await toy.host.stop();
  }
});
