/** The Azure Storage cost of the demo incident, by the rules of the real host. */

import { storageCounter } from 'functions-emulator';
import { expect, it, onTestFinished } from 'vitest';
import { Responder } from '../app/responder.js';

// Reads of statuses and case files are extra: they depend on the number of viewers.
it('makes at most 140 requests, and 80 rows of history', async () => {
  const counter = storageCounter();
  const responder = await Responder.start({ introspection: { onStorage: counter.observe } });
  onTestFinished(() => responder.stop());
  /** More than a minute after the end: timers that lost their race fire by then. */
  const later = responder.at(90_000, async () => counter.totals());
  const request = await responder.asked(await responder.deliver());
  expect((await responder.decide(request)).json.code).toBe('approved');
  const file = await responder.ended(request.instanceId);
  expect(file.effects.map(({ state }) => state)).toEqual(['confirmed', 'confirmed']);
  const activities = responder.events.flatMap((event) =>
    event.kind === 'invocation-started' && event.trigger === 'activityTrigger' ? [event.name] : [],
  );
  // The decision only computes, so it shares an activity with the enrichments.
  expect(activities.filter((name) => name === 'enrich' || name === 'decide')).toEqual(['enrich']);
  const { work, requests } = await later;
  expect(work - (requests['instance-read'] ?? 0)).toBeLessThanOrEqual(140);
  const own = counter.totals((id) => id === request.instanceId);
  expect(own.historyRows).toBeLessThanOrEqual(80);
  expect(own.historyBytes).toBeLessThan(115_000);
  expect(counter.totals((id) => id.startsWith('@case@')).requests['control-queue-add']).toBeLessThanOrEqual(
    7,
  );
});
