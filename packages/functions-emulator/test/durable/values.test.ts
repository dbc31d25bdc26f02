/** How values and errors are converted on their way. */

import { virtualClock } from 'functions-emulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Status, startToy, type Toy } from './toy-host.js';

let toy: Toy;
beforeAll(async () => {
  toy = await startToy({ clock: virtualClock(Date.UTC(2026, 0, 1)) });
});
afterAll(() => toy.host.stop());

const run = async (name: string, id: string, input: unknown): Promise<Status> => {
  await toy.start(name, id, input);
  return toy.done(id);
};

describe('values', () => {
  test('an activity gets texts, numbers and objects unchanged, other values as the real host converts them', async () => {
    const values = ['text', 7, { a: [1] }, [1, 'a'], true, false, null];
    expect((await run('passes', 'inputs', { values })).output).toEqual([
      'string "text"',
      'number 7',
      'object {"a":[1]}',
      'object [1,"a"]',
      'string "True"',
      'string "False"',
      'undefined undefined',
      'undefined undefined',
      'undefined undefined',
    ]);
  });

  test('an orchestrator gets null for undefined and no result, and bytes as text', async () => {
    expect((await run('hears', 'results', {})).output).toEqual({
      undefined: 'object null',
      null: 'object null',
      NaN: 'string "NaN"',
      bytes: 'string "YWI="',
    });
  });

  test.each([['text'], [7], [true], [null], [{ a: { b: 1 } }]])('a child gets %o as it is', async (input) => {
    const id = `child-${JSON.stringify(input).replaceAll(/\W/g, '')}`;
    const { output } = await run('parent', `of-${id}`, { child: id, name: 'returnsInput', input });
    expect(output).toBe(`${typeof input} ${JSON.stringify(input)}`);
  });

  test('an orchestrator may have a durable client besides its input', async () => {
    expect((await run('hasClient', 'with-client', {})).output).toBe(true);
  });

  test.each(['Timestamp', '\\u0054imestamp'])(
    'an orchestrator gets a property named %s as a date, in every turn',
    async (property) => {
      const id = `dates-${property.length}`;
      await fetch(`${toy.host.url}/runtime/webhooks/durabletask/orchestrators/returnsInput/${id}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: `{"seen":{"${property}":"2026-01-01T00:00:00Z","at":"2026-01-01T00:00:00Z"}}`,
      });
      expect((await toy.done(id)).output).toBe(
        'object {"seen":{"Timestamp":"2026-01-01T00:00:00.000Z","at":"2026-01-01T00:00:00Z"}}',
      );
    },
  );
});

describe('error texts', () => {
  test('an error names the orchestrator and the activity that failed, and the reason', async () => {
    const { runtimeStatus, output } = await run('callsThrowing', 'failing', { message: 'no door' });
    expect(runtimeStatus).toBe('Failed');
    expect(output).toMatch(
      /^Orchestrator function 'callsThrowing' failed: Activity function 'throws' failed: {2}no door \n/,
    );
  });

  test('credentials in an error are hidden', async () => {
    const { output } = await run('callsThrowing', 'leaking', { message: 'no: AccountKey=c2VjcmV0; gone' });
    expect(output).toContain('no: [Hidden Credential]');
    expect(output).not.toContain('c2VjcmV0');
  });
});

describe('custom status', () => {
  test('the custom status is that of the last turn: falsy values clear it', async () => {
    const values = ['text', 0, { a: 1 }, null, [], ''];
    await toy.start('statuses', 'cleared', { values });
    const shown: unknown[] = [];
    for (const _ of values) {
      await toy.host.idle();
      shown.push((await toy.status('cleared')).customStatus);
      await toy.raise('cleared', 'next', 1);
    }
    expect(shown).toEqual(['text', null, { a: 1 }, null, [], null]);
  });

  test('a custom status above its limit fails the instance', async () => {
    expect((await run('statusOfSize', 'fits', { size: 8700 })).output).toBe('kept');
    const { runtimeStatus, output } = await run('statusOfSize', 'too-large', { size: 8702 });
    expect([runtimeStatus, output]).toEqual(['Failed', expect.stringMatching(/16 KB/)]);
  });
});
