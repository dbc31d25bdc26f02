/** What the toy app's orchestrations would cost on Azure Storage, counted by hand from the rules of the real host. */

import { type StorageTotals, storageCounter, virtualClock } from 'functions-emulator';
import { afterEach, expect, test } from 'vitest';
import { startToy, type Toy } from './toy-host.js';

let toy: Toy;
afterEach(() => toy.host.stop());

async function counted(act: () => Promise<unknown>): Promise<StorageTotals> {
  const counter = storageCounter();
  toy = await startToy({ clock: virtualClock(0), introspection: { onStorage: counter.observe } });
  await act();
  await toy.host.idle();
  const { requests, ...rest } = counter.totals();
  // The test's own status queries do not count.
  const { 'instance-read': _, ...others } = requests;
  return { ...rest, requests: others };
}

test('two activities in a row are three turns, and a message each', async () => {
  const { requests, historyRows } = await counted(async () => {
    await toy.start('chain', 'one');
    await toy.done('one');
  });
  expect(requests).toEqual({
    'instance-insert': 1,
    'control-queue-add': 3,
    'control-queue-delete': 3,
    'work-item-add': 2,
    'work-item-delete': 2,
    'history-query': 3,
    'history-write': 3,
    'instance-write': 3,
  });
  expect(historyRows).toBe(toy.host.exportHistory('one')?.events.length);
});

test('a timer is a message from its creation, even if it lost its race', async () => {
  const { requests } = await counted(async () => {
    const go = toy.host.clock.hold('before the deadline');
    await toy.start('approval', 'one');
    await toy.at('one', 'waiting');
    await toy.raise('one', 'decision', 'yes');
    await toy.done('one');
    go();
  });
  // The start, the timer, the event; the first and the last have a turn, and the instance ends before the timer is due.
  expect(requests).toMatchObject({ 'control-queue-add': 3, 'control-queue-delete': 3, 'history-query': 2 });
});

test("an entity's state is written twice for each batch, in four rows and in its instance", async () => {
  const counts = await counted(async () => {
    await toy.call('POST', '/entities/counter/a?op=add', 1);
    await toy.host.idle();
    await toy.call('POST', '/entities/counter/a?op=add', 2);
  });
  expect(counts.requests).toEqual({
    'control-queue-add': 2,
    'control-queue-delete': 2,
    'history-query': 2,
    'history-write': 2,
    'instance-write': 2,
  });
  expect(counts.historyRows).toBe(8);
  expect(counts.historyBytes).toBe(counts.instanceBytes);
});

test('a batch of history has at most 99 rows', async () => {
  const { requests } = await counted(async () => {
    await toy.start(
      'wide',
      'one',
      Array.from({ length: 120 }, () => 0),
    );
    await toy.done('one');
  });
  const { 'history-query': turns = 0, 'history-write': writes = 0 } = requests;
  expect(writes).toBeGreaterThan(turns);
  expect(requests).toMatchObject({ 'work-item-add': 120, 'control-queue-add': 121 });
});

test('data too long for a message or a property goes through a blob', async () => {
  const { requests } = await counted(async () => {
    await toy.start('returnsInput', 'one', { text: 'x'.repeat(50_000) });
    await toy.done('one');
  });
  // The start's message and its row, and the row of the result.
  expect(requests).toMatchObject({ 'blob-write': 3, 'blob-read': 1 });
});

test('an instance can be counted separately', async () => {
  const counter = storageCounter();
  toy = await startToy({ clock: virtualClock(0), introspection: { onStorage: counter.observe } });
  await toy.start('workflow', 'one');
  await toy.at('one', 'waiting');
  await toy.raise('one', 'go', 1);
  await toy.done('one');
  await toy.host.idle();
  const ofEntity = counter.totals((id) => id.startsWith('@'));
  const ofRest = counter.totals((id) => !id.startsWith('@'));
  expect(ofEntity.work).toBeGreaterThan(0);
  expect(ofEntity.work + ofRest.work).toBe(counter.totals().work);
});
