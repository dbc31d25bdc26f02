/** More alerts without an incident than may be stored in an hour: they are stored later. */
import { expect, it } from 'vitest';
import { send } from './defender-incidents.js';
import { graphAlert, mayReadAlerts, searched, storedBodies } from './lone-alerts.js';
import { Responder } from './responder.js';

it('stores an alert later if too much was stored in this hour', async () => {
  const full = await Responder.start({
    nobodyIsThere: true,
    settings: { REJECTED_PER_HOUR: '1' },
    change: mayReadAlerts,
  });
  const sent = await Promise.all(['da91_1', 'da92_1'].map((id) => send(full, graphAlert(id))));
  const ends = await Promise.all(sent.map(({ json }) => searched(full, String(json.instanceId))));
  const stored = await storedBodies(full);
  await full.stop();
  expect(ends.map(({ state }) => state)).toEqual(['rejected', 'rejected']);
  expect(stored.map(({ code }) => code)).toEqual(Array(2).fill('alert-without-incident'));
});
