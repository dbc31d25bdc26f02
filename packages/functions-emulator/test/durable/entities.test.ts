/** Entities, their locks and the order of their messages. */

import { virtualClock } from 'functions-emulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startToy, type Toy } from './toy-host.js';

let toy: Toy;
beforeAll(async () => {
  toy = await startToy({ clock: virtualClock(Date.UTC(2026, 0, 1)) });
});
afterAll(() => toy.host.stop());

const signal = async (key: string, operation: string, data?: unknown): Promise<number> =>
  (await toy.send('POST', `/entities/ledger/${key}?op=${operation}`, data)).status;
const state = async (name: string, key: string): Promise<unknown> => {
  await toy.host.idle();
  const response = await toy.send('GET', `/entities/${name}/${key}`);
  return response.status === 404 ? undefined : response.json();
};

describe('entity batches, locks and responses', () => {
  test('an entity executes one operation at a time, however many callers there are', async () => {
    const entries = Array.from({ length: 25 }, (_, n) => n);
    await Promise.all(entries.map((n) => signal('busy', 'put', n)));
    expect((await state('ledger', 'busy')) as number[]).toHaveLength(25);
  });

  test('a call returns the result of its operation', async () => {
    await toy.start('signals', 'asks', { key: 'asked', count: 2 });
    expect((await toy.done('asks')).output).toEqual([0, 1]);
  });

  test('an operation that throws fails its caller, and the entity continues', async () => {
    await signal('stays', 'put', 'kept');
    await toy.start('asksInVain', 'vain', { key: 'stays' });
    expect((await toy.done('vain')).output).toMatch(/\[object Object\]/);
    await signal('stays', 'put', 'more');
    expect(await state('ledger', 'stays')).toEqual(['kept', 'more']);
  });

  test('an operation that throws is logged, as a signal has no caller', async () => {
    await signal('unheard', 'fail');
    await signal('unheard', 'put', 'after');
    expect(await state('ledger', 'unheard')).toEqual(['after']);
    const errors = toy.events.flatMap((event) =>
      event.kind === 'log' && event.level === 'error' && event.message.includes('@ledger@unheard')
        ? [event.message]
        : [],
    );
    expect(errors).toEqual([
      "Function 'ledger (Entity)' failed 'fail' operation. InstanceId: @ledger@unheard.",
    ]);
  });

  test('a signal of an entity reaches the other one after the batch', async () => {
    await signal('sender', 'forward', 'receiver');
    expect(await state('ledger', 'receiver')).toEqual(['forwarded']);
  });

  test("the holder of an entity's lock has exclusive access", async () => {
    const ids = [1, 2, 3].map((n) => `adds-${n}`);
    await Promise.all(ids.map((id) => toy.start('adds', id, { key: 'locked' })));
    const before = await Promise.all(ids.map(async (id) => (await toy.done(id)).output));
    expect(before.sort()).toEqual([0, 1, 2]);
    expect(await state('counter', 'locked')).toBe(3);
  });

  test('a signal from outside waits until the lock is released', async () => {
    await toy.start('adds', 'holder', { key: 'besieged' });
    await toy.until('holder', () =>
      toy.events.some((event) => event.kind === 'invocation-started' && event.instanceId === 'holder'),
    );
    await toy.send('POST', '/entities/counter/besieged?op=add', 10);
    expect((await toy.done('holder')).output).toBe(0);
    expect(await state('counter', 'besieged')).toBe(11);
  });
});

describe('the order of entity messages', () => {
  test('messages of one orchestration to an entity arrive in order and once', async () => {
    const count = 40;
    await toy.start('signals', 'orderly', { key: 'ordered', count });
    expect((await toy.done('orderly')).output).toEqual(Array.from({ length: count }, (_, n) => n));
  });
});

/**
 * While an entity is called, its lock is not in the list of those held, and afterwards it is the last:
 * https://github.com/Azure/azure-functions-durable-extension, DurableOrchestrationContext.cs (ContextLocks).
 */
test.each([
  { names: ['b', 'a', 'c', 'a'], calls: [], released: ['a', 'b', 'c'] },
  { names: ['a', 'b', 'c'], calls: ['a'], released: ['b', 'c', 'a'] },
  { names: ['c', 'b', 'a'], calls: ['b', 'a', 'b'], released: ['c', 'a', 'b'] },
])('locks of $names are released as $released after calls of $calls', async ({ names, calls, released }) => {
  const id = `locks-${released.join('')}-${calls.length}`;
  const keyed = (keys: readonly string[]): string[] => keys.map((key) => `${id}-${key}`);
  await toy.start('locks', id, { names: keyed(names), calls: keyed(calls) });
  expect((await toy.done(id)).output).toBe('released');
  const order = toy.host
    .exportHistory(id)
    ?.events.flatMap(({ EventType, Name, InstanceId }) =>
      EventType === 14 && Name === 'release' ? [InstanceId] : [],
    );
  expect(order).toEqual(keyed(released).map((key) => `@counter@${key}`));
});
