/** The Azure Storage cost of the demo incident, by the rules of the real host. */

import { storageCounter } from 'functions-emulator';
import { expect, it, onTestFinished } from 'vitest';
import { Responder } from '../app/responder.js';

// Reads of statuses and case files are extra: they depend on the number of viewers.
it.each([
  // Its alias is claimed, so that both of its ids lead to one case, and the case knows where its copy is.
  ['that Defender knows, too', 'Microsoft XDR', 150, 118_000],
  ['of Sentinel alone', 'Azure Sentinel', 140, 115_000],
])('makes few requests, and 80 rows of history, for an incident %s', async (_, providerName, most, bytes) => {
  const counter = storageCounter();
  const responder = await Responder.start({
    introspection: { onStorage: counter.observe },
    change: ({ incidents }) => {
      for (const { properties } of incidents) Object.assign(properties, { providerName });
    },
  });
  onTestFinished(() => responder.stop());
  /** More than a minute after the end: timers that lost their race fire by then. */
  const goOn = responder.hold();
  const later = responder.at(90_000, async () => counter.totals());
  const instanceId = await responder.deliver();
  goOn();
  const request = await responder.asked(instanceId);
  expect((await responder.decide(request)).json.code).toBe('approved');
  const file = await responder.ended(request.instanceId);
  expect(file.effects.map(({ state }) => state)).toEqual(['confirmed', 'confirmed']);
  const activities = responder.events.flatMap((event) =>
    event.kind === 'invocation-started' && event.trigger === 'activityTrigger' ? [event.name] : [],
  );
  // The decision only computes, so it shares an activity with the enrichments.
  expect(activities.filter((name) => name === 'enrich' || name === 'decide')).toEqual(['enrich']);
  const { work, requests } = await later;
  expect(work - (requests['instance-read'] ?? 0)).toBeLessThanOrEqual(most);
  const own = counter.totals((id) => id === request.instanceId);
  expect(own.historyRows).toBeLessThanOrEqual(80);
  expect(own.historyBytes).toBeLessThan(bytes);
  expect(counter.totals((id) => id.startsWith('@case@')).requests['control-queue-add']).toBeLessThanOrEqual(
    7,
  );
});
