/** External events and continue-as-new. */

import { virtualClock } from 'functions-emulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startToy, type Toy } from './toy-host.js';

let toy: Toy;
beforeAll(async () => {
  toy = await startToy({ clock: virtualClock(Date.UTC(2026, 0, 1)) });
});
afterAll(() => toy.host.stop());

const waiting = (id: string): Promise<unknown> => toy.at(id, 'waiting');

describe('external events', () => {
  test('events that arrive before any wait are buffered, first in first out', async () => {
    await toy.start('waits', 'early', { names: ['go', 'go', 'other', 'go'] });
    await toy.until('early', ({ runtimeStatus }) => runtimeStatus === 'Running');
    for (const [name, data] of [
      ['go', 1],
      ['other', 'x'],
      ['go', 2],
      ['go', 3],
    ] as const)
      expect((await toy.raise('early', name, data)).status).toBe(202);
    expect((await toy.done('early')).output).toEqual([1, 2, 'x', 3]);
  });

  test('of two waits for one name the last one is served first', async () => {
    await toy.start('waitsTwiceAtOnce', 'stacked');
    await waiting('stacked');
    for (const data of ['a', 'b']) await toy.raise('stacked', 'go', data);
    expect((await toy.done('stacked')).output).toEqual({ first: 'b', second: 'a' });
  });

  test('event names are case-sensitive', async () => {
    await toy.start('waits', 'spelled', { names: ['go'] });
    await waiting('spelled');
    await toy.raise('spelled', 'GO', 1);
    await toy.host.idle();
    expect((await toy.status('spelled')).runtimeStatus).toBe('Running');
    await toy.raise('spelled', 'go', 2);
    expect((await toy.done('spelled')).output).toEqual([2]);
  });
});

describe('continue-as-new', () => {
  const firstGeneration = async (id: string): Promise<string | undefined> => {
    await toy.start('generations', id, { generation: 0 });
    await toy.at(id, 'generation 0');
    return executionOf(id);
  };
  const executionOf = (id: string): string | undefined => {
    const [, start] = (toy.host.exportHistory(id)?.events ?? []) as {
      OrchestrationInstance?: { ExecutionId: string };
    }[];
    return start?.OrchestrationInstance?.ExecutionId;
  };

  test('a new generation has a new execution id, its own history and no custom status', async () => {
    const release = toy.host.clock.hold('the second generation waits');
    const before = await firstGeneration('renewed');
    await toy.raise('renewed', 'go', 1);
    await expect.poll(() => executionOf('renewed')).not.toBe(before);
    await toy.host.idle();
    expect((await toy.status('renewed')).customStatus).toBeNull();
    expect(toy.host.exportHistory('renewed')?.events.length).toBeLessThan(6);
    await toy.raise('renewed', 'early', 'in time');
    expect((await toy.done('renewed')).output).toEqual({ early: 'in time' });
    release();
  });

  test('buffered events without a wait are lost with their generation', async () => {
    await firstGeneration('lost');
    await toy.raise('lost', 'early', 'too early');
    await toy.host.idle();
    await toy.raise('lost', 'go', 1);
    expect((await toy.done('lost')).output).toEqual({ early: 'lost' });
  });
});
