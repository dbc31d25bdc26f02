/** Two tenants with the same names in one app: each is handled as if it were alone. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { relianceKey } from '../../src/domain/reliance.js';
import { tenantIdSchema } from '../../src/domain/tenant-id.js';
import { instanceIdOf } from '../../src/intake/index.js';
import { addDefenderIncident, graphBody } from './defender-incidents.js';
import { anotherIncident, DEVICE, type Tenant, until } from './responder.js';
import { AUTOMATIC, foreignTo, type TenantSide, TwoTenants } from './two-tenants.js';

/** Defender's ids of incidents. A's own incidents claim to be these of B. */
const CLAIMED = '7001';
const MERGED = '7002';
const TARGET = '7003';

let both: TwoTenants;
/** Incidents of A that name an incident of B. */
const naming: Record<typeof CLAIMED | typeof MERGED, Record<string, unknown>> = { 7001: {}, 7002: {} };

beforeAll(async () => {
  both = await TwoTenants.start({
    playbook: AUTOMATIC,
    nobodyIsThere: true,
    tenants: (...sides) =>
      sides.map((side) => ({ ...side.settings(), defenderIncidents: false, eventTopic: side.topic })),
    a: { change: addNaming },
    b: {
      change: (tenant) => {
        addDefenderIncident(tenant, CLAIMED);
        addDefenderIncident(tenant, TARGET);
        Object.assign(addDefenderIncident(tenant, MERGED), {
          status: 'redirected',
          redirectIncidentId: TARGET,
          alerts: [],
        });
      },
      // Its events are published later, by an instance of their own.
      faults: [
        {
          host: 'sentinel-responder.westeurope-1.eventgrid.azure.net',
          path: /events/,
          times: 40,
          answer: { kind: 'status', status: 503 },
        },
      ],
    },
  });
});
afterAll(async () => {
  for (const { simulator } of both.sides) expect(simulator.unknownCalls()).toEqual([]);
  await both.stop();
});

function addNaming(tenant: Tenant): void {
  for (const id of [CLAIMED, MERGED] as const) {
    naming[id] = anotherIncident(tenant);
    const incident = tenant.incidents.at(-1) ?? expect.unreachable();
    const { properties } = incident;
    // Too long ago for the sweep.
    properties.lastModifiedTimeUtc = '2026-03-01T08:00:00Z';
    const link = `https://security.microsoft.com/incidents/${id}?tid=00000000-0000-4000-8000-0000000000b1`;
    Object.assign(properties, { providerName: 'Microsoft XDR', providerIncidentId: id });
    Object.assign(properties.additionalData as object, { providerIncidentUrl: link });
    if (id === MERGED) {
      const labels = [{ labelName: 'Redirected', labelType: 'AutoAssigned' }];
      Object.assign(properties, { status: 'Closed', labels });
      Object.assign(properties.additionalData as object, { alertsCount: 0 });
      incident.alerts = [];
    }
  }
}
const ofB = (id: string) => `xdr:${both.b.names.tenantId}/${id}`;

it('handles the incident of each, with its own credential and without a word of the other', async () => {
  for (const side of both.sides) await both.responder.deliver(side.event);
  for (const { instanceId } of both.sides) {
    expect(await both.ended(instanceId)).toMatchObject({ outcome: 'partly-remediated' });
  }
  for (const side of both.sides) {
    expect(side.effects().sort()).toEqual([
      expect.stringMatching(/\/isolate$/),
      expect.stringMatching(/revokeSignInSessions$/),
    ]);
    expect(side.received.length).toBeGreaterThan(20);
  }
  expectApart();
});

it('refuses an alert that names neither tenant nor workspace as what it is, and says what it lacks', async () => {
  const headers = { 'content-type': 'application/json' };
  const alertId = '00000000-0000-4000-8000-0000000000f1';
  const alerts = {
    'graph-alert': {
      id: 'da77_1',
      providerAlertId: 'da77_1',
      incidentId: '77',
      alertWebUrl: 'x',
      evidence: [],
    },
    'defender-alert': { alertId: 'da77_1', incidentId: 77, alertCreationTime: '2026-03-10T08:00:00Z' },
    'streaming-record': { category: 'AdvancedHunting-AlertInfo', properties: { AlertId: 'da77_1' } },
    'sentinel-alert': { kind: 'SecurityAlert', name: alertId, properties: {} },
    'kql-alert': { SystemAlertId: alertId, Type: 'SecurityAlert', TimeGenerated: '2026-03-10T08:00:00Z' },
    'alert-trigger': { SystemAlertId: alertId, AlertDisplayName: 'x' },
  };
  for (const [code, body] of Object.entries(alerts)) {
    const sent = { method: 'POST', headers, body: JSON.stringify(body) };
    const { status, json } = await both.responder.fetch('/api/incidents', sent);
    expect([code, status, json.code]).toEqual([code, 422, code]);
    expect(json.detail).toMatch(/^This .*(alert|SecurityAlert|stream).* (which tenant|its workspace)/);
  }
  const other = { ...alerts['graph-alert'], tenantId: '00000000-0000-4000-8000-0000000000ee' };
  const { json } = await both.responder.fetch('/api/incidents', {
    method: 'POST',
    headers,
    body: JSON.stringify({ ...other, incidentId: null }),
  });
  expect(json).toMatchObject({
    code: 'unknown-tenant',
    detail: expect.stringMatching(/^This security alert of Microsoft Graph belongs/),
  });
});

it('counts the isolation of a device in two tenants as two effects', async () => {
  for (const side of both.sides) {
    const key = relianceKey(tenantIdSchema.parse(side.names.tenantId), 'device-isolation', DEVICE);
    const relies = async () => ((await both.entity('reliance', key))?.relies ?? []) as unknown[];
    expect(await relies()).toMatchObject([{ instanceId: side.instanceId, proved: true }]);
  }
});

it('publishes the events of each to its own topic, also those that are published later', async () => {
  const subjects = ({ simulator }: TenantSide) =>
    (simulator.state() as ReturnType<TenantSide['state']>).publishedEvents.map(({ event }) => event.subject);
  await until('the events of B', async () => (subjects(both.b).length >= 5 ? true : undefined));
  for (const side of both.sides) {
    const own = (side.event.object as { id: string }).id;
    expect(new Set(subjects(side))).toEqual(new Set([own]));
  }
  const later = both.responder.events.filter(
    (event) => event.kind === 'instance-changed' && event.instanceId.startsWith('events-'),
  );
  expect(later.map((event) => 'instanceId' in event && event.instanceId)).toContain(
    `events-${both.b.instanceId}.1.1`,
  );
  expectApart();
});

it('claims no incident of another tenant, whatever an incident says that it is', async () => {
  const instanceId = await both.responder.deliver(both.a.rename(naming[CLAIMED]));
  expect(await both.ended(instanceId)).toMatchObject({ outcome: 'partly-remediated' });
  expect(await both.entity('alias', instanceIdOf(ofB(CLAIMED)))).toBeUndefined();
  const real = await both.responder.deliver(both.b.rename(graphBody(CLAIMED)));
  expect(real).toBe(instanceIdOf(ofB(CLAIMED)));
  const file = await both.ended(real);
  expect(file.origin).toMatchObject({ kind: 'defender', id: CLAIMED });
  expect(file.outcome).not.toBe('handled-elsewhere');
  // People see that it names one of another tenant: in the case, and on the incident.
  const { namesOtherTenant } = await both.ended(instanceId);
  expect(namesOtherTenant).toBe(true);
  const comments = both.a.state().comments.map(({ properties }) => properties.message);
  expect(comments.filter((text) => text.includes('also an incident of another tenant'))).toHaveLength(1);
  // What names it later is not sent there either.
  await both.responder.deliver({ ...both.a.rename(naming[CLAIMED]), eventUniqueId: 'again' });
  expect(await both.entity('case', `${real}.2`)).toBeUndefined();
  expectApart();
});

it('hands nothing over to an incident of another tenant', async () => {
  const instanceId = await both.responder.deliver(both.a.rename(naming[MERGED]));
  const { timeline, handedOverTo } = await both.ended(instanceId);
  expect(handedOverTo).toBeUndefined();
  const texts = timeline.map(({ text }) => text).join('\n');
  expect(texts).toContain('belongs to another tenant');
  expect(both.b.received.filter(({ text }) => text.includes(`/security/incidents/${MERGED}`))).toEqual([]);
  expect(await both.entity('case', `${instanceIdOf(ofB(TARGET))}.1`)).toBeUndefined();
  expectApart();
});

/** All requests so far: each tenant has seen its own token only, and nothing of the other. */
function expectApart(): void {
  expect(foreignTo(both.a, both.b)).toEqual([]);
  expect(foreignTo(both.b, both.a)).toEqual([]);
}
