/** The sweep finds incidents of Defender that no trigger delivered, once, and none twice that Sentinel has, too. */
import { expect, it, onTestFinished } from 'vitest';
import { instanceIdOf } from '../../src/intake/index.js';
import { addDefenderIncident, defender, TENANT_ID } from './defender-incidents.js';
import { Responder, readEvent, type Tenant, until, WORKSPACE } from './responder.js';

const MINUTE = 60_000;
const COUNT = 60;
const LOW = { severity: 'low' };
const settings = { DEFENDER_INCIDENTS: 'on', SENTINEL_WORKSPACES: JSON.stringify([{ id: WORKSPACE }]) };

it('starts each incident once over all pages, although one fails, and leaves resolved and old ones alone', async () => {
  const responder = await Responder.start({
    nobodyIsThere: true,
    settings,
    change: (tenant) => {
      for (let n = 0; n < COUNT; n++) addDefenderIncident(tenant, String(10_000 + n), LOW);
      addDefenderIncident(tenant, '20001', { ...LOW, status: 'resolved' });
      addDefenderIncident(tenant, '20002', { ...LOW, lastUpdateDateTime: '2026-03-01T08:00:00Z' });
      // Sentinel has this one, too.
      const [first] = tenant.incidents;
      Object.assign(first?.properties ?? expect.fail(), { severity: 'Low' });
      addDefenderIncident(tenant, '2417', LOW);
    },
    faults: [
      {
        host: 'graph.microsoft.com',
        path: /security\/incidents$/,
        skip: 1,
        times: 5,
        answer: { kind: 'status', status: 503 },
      },
    ],
  });
  onTestFinished(() => responder.stop());
  const started = () =>
    responder.events.flatMap((event) =>
      event.kind === 'instance-changed' &&
      event.runtimeStatus === 'Pending' &&
      event.instanceId.startsWith('incident-')
        ? [event.instanceId]
        : [],
    );
  const sweeps = () =>
    responder.events.filter((event) => event.kind === 'invocation-ended' && event.name === 'sweepWorkspaces')
      .length;
  const sentinelKey = instanceIdOf(String((readEvent().object as { id: string }).id).toLowerCase());
  const key = (id: string) => instanceIdOf(`xdr:${TENANT_ID}/${id}`);
  await until('all', async () => (new Set(started()).size > COUNT ? true : undefined));
  const before = sweeps();
  await until('more sweeps', async () => (sweeps() >= before + 3 ? true : undefined));
  // Each once. Two may be started for the one that Sentinel has, too: then one of them stops.
  const both = started().filter((id) => id === key('2417') || id === sentinelKey);
  expect(new Set(started()).size).toBe(started().length);
  expect(started().length - both.length).toBe(COUNT);
  const { json } = await responder.call('GET', `/api/incidents/${sentinelKey}`);
  expect(json.outcome).toBe('no-playbook');
  expect((await responder.caseFile(key('2417')))?.instanceId).toBe(json.instanceId);
  expect(started()).not.toContain(key('20001'));
  // A later change is found, although the list has it minutes later.
  responder.simulator.update((tenant: Tenant) => {
    const lastUpdateDateTime = new Date(responder.now() - 9 * MINUTE).toISOString();
    addDefenderIncident(tenant, '30001', { ...LOW, lastUpdateDateTime });
  });
  await until('the new one', async () => (started().includes(key('30001')) ? true : undefined));
  expect(defender(responder.tenant()).securityIncidents.every(({ comments }) => comments.length === 0)).toBe(
    true,
  );
});
