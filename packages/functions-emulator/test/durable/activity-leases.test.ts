import { expect, test } from 'vitest';
import { type ActivityLeaseOptions, ActivityLeases } from '../../src/durable/activity-leases.js';
import type { ActivityWorkItem } from '../../src/durable/durable-store.js';

const work = { instanceId: 'one', name: 'hello', taskId: 0 } as ActivityWorkItem;

/** Counts the timers that are set, and commits later, in order. */
function createLeases() {
  const timers = new Set<() => void>();
  const leased: number[] = [];
  let commits = Promise.resolve();
  const leases = new ActivityLeases({
    timeoutMs: 300_000,
    clock: {
      now: () => 0,
      at: (_due: number, fire: () => void) => {
        timers.add(fire);
        return () => timers.delete(fire);
      },
    },
    durableStore: { lease: (_work: ActivityWorkItem, until: number) => leased.push(until) },
    store: {
      commit: (change: () => void) => {
        commits = commits.then(() => Promise.resolve()).then(change);
        return commits;
      },
    },
  } as unknown as ActivityLeaseOptions);
  return { leases, timers, leased };
}

test('a running activity is renewed until it ends', async () => {
  const { leases, timers } = createLeases();
  await leases.acquire(work);
  expect(timers.size).toBe(1);
  leases.stopRenewal(work);
  expect(timers.size).toBe(0);
});

test('an activity whose lease is acquired while the host stops is not renewed afterwards', async () => {
  const { leases, timers, leased } = createLeases();
  const acquired = leases.acquire(work);
  await leases.abort([work]);
  await acquired;
  expect(timers.size).toBe(0);
  expect(leased.at(-1)).toBe(2000);
});
