/** An incident that a person names by one of its keys, and not by the id of its instance. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addDefenderIncident, graphBody, send, TENANT_ID } from './defender-incidents.js';
import { Responder, readEvent } from './responder.js';

let responder: Responder;
const ARM_ID = (readEvent().object as { id: string }).id;
const KEY = `xdr:${TENANT_ID}/2417`;

beforeAll(async () => {
  responder = await Responder.start({
    change: (tenant) => {
      for (const { properties } of tenant.incidents) properties.severity = 'Low';
      addDefenderIncident(tenant, '2417', { severity: 'low' });
    },
  });
});
afterAll(() => responder.stop());
const show = (key: string) => responder.call('GET', `/api/incidents/${encodeURIComponent(key)}`);

it('finds the same case by its ARM id and by its key in Defender, in any letter case', async () => {
  const instanceId = await responder.deliver(graphBody('2417'));
  await responder.ended(instanceId);
  // The event of Sentinel says that it is the same incident.
  expect((await send(responder, readEvent())).json.instanceId).toBe(instanceId);
  await responder.host.idle();
  for (const key of [ARM_ID, ARM_ID.toUpperCase(), KEY, KEY.toUpperCase(), instanceId]) {
    const { status, json } = await show(key);
    expect([key, status, json.instanceId]).toEqual([key, 200, instanceId]);
  }
  const retried = (key: string) => responder.call('POST', `/api/incidents/${encodeURIComponent(key)}/retry`);
  expect((await retried(KEY)).json.code).toBe('end-is-final');
  expect((await retried(ARM_ID)).json).toMatchObject({
    code: 'handled-elsewhere',
    next: expect.stringContaining(instanceId),
  });
});

it.each([
  'xdr:2417',
  `xdr:${TENANT_ID}/0`,
  `xdr:${TENANT_ID}/2418`,
  `${ARM_ID}/comments/1`,
  `${ARM_ID}0`,
  '%E0%A4%A',
  '..',
])('knows no incident by %s', async (key) => {
  expect((await show(key)).status).toBe(404);
});
