/** Decisions in the seconds between the arrival of an update and the reading that answers it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addDefenderIncident, defender, graphBody, send, TENANT_ID } from './defender-incidents.js';
import { again, change, type Event } from './later-events.js';
import { ANALYSTS, anotherIncident, Responder, START, type Tenant } from './responder.js';

const NAMES = ['submitted', 'forged', 'flooded', 'quorum', 'before', 'source'] as const;
type Name = (typeof NAMES)[number];
const SOURCE = '301';
const TARGET = '302';
const events = {} as Record<Name, Event>;
let responder: Responder;
/** The instance whose incident is read slowly. */
let slowly = '';

beforeAll(async () => {
  responder = await Responder.start({
    introspection: {
      onActivity: ({ name, input }) =>
        name === 'readIncident' && slowly !== '' && JSON.stringify(input).includes(slowly)
          ? { kind: 'delay', ms: 60_000 }
          : undefined,
    },
    change: (tenant) => {
      for (const name of NAMES) events[name] = anotherIncident(tenant);
      const source = tenant.incidents.at(-1) ?? expect.unreachable();
      const link = `https://security.microsoft.com/incidents/${SOURCE}?tid=${TENANT_ID}`;
      Object.assign(source.properties, { providerName: 'Microsoft XDR', providerIncidentId: SOURCE });
      Object.assign(source.properties.additionalData as object, { providerIncidentUrl: link });
      const properties = { accountName: 'robin.keller', upnSuffix: 'contoso.com', aadUserId: ANALYSTS[1].id };
      const name = '00000000-0000-4000-8000-000000320001';
      source.entities.push({ kind: 'Account', name, properties });
      for (const id of [SOURCE, TARGET]) addDefenderIncident(tenant, id);
    },
  });
});
afterAll(() => responder.stop());

const asked = async (name: Name) => responder.asked(await responder.deliver(events[name]));
const ownIncident = [403, 'own-incident'];

it('refuses the submitter of an update that was not read yet', async () => {
  const request = await asked('submitted');
  await responder.deliver(again(events.submitted), 'Robin Keller');
  const { status, json } = await responder.decide(request, { by: 'Robin Keller' });
  expect([status, json.code]).toEqual(ownIncident);
  expect((await responder.decide(request, { kind: 'reject', reason: 'A test.' })).status).toBe(201);
});

it('excludes no one because of a message that the app has not sealed', async () => {
  const request = await asked('forged');
  const { instanceId } = request;
  const by = { kind: 'person', id: ANALYSTS[1].id, name: 'Robin Keller' };
  const content = JSON.stringify({ kind: 'update', id: 'forged', trigger: 'http', by });
  const binding = { purpose: 'update', instanceId, generation: 1, sequence: 0 };
  const seal = { keyId: 'k', mac: 'A'.repeat(43) };
  const path = `/runtime/webhooks/durabletask/instances/${instanceId}/raiseEvent/inbox`;
  const raised = await responder.fetch(`${path}?code=${responder.host.keys.system}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'update', message: { ...binding, content, seal } }),
  });
  expect(raised.status).toBe(202);
  expect((await responder.decide(request, { by: 'Robin Keller' })).json.code).toBe('approved');
});

it('loses none of many updates: the last one excludes its submitter, too', async () => {
  const request = await asked('flooded');
  for (let n = 0; n < 25; n++) await responder.deliver(again(events.flooded));
  await responder.deliver(again(events.flooded), 'Robin Keller');
  const { status, json } = await responder.decide(request, { by: 'Robin Keller' });
  expect([status, json.code]).toEqual(ownIncident);
});

it('lets a decision count that arrived before the update of its maker', async () => {
  const request = await asked('before');
  expect((await responder.decide(request, { by: 'Robin Keller' })).json.code).toBe('approved');
  await responder.deliver(again(events.before), 'Robin Keller');
  expect((await responder.request(request.approval.id)).approval.state).toBe('approved');
});

it('refuses who submitted a merged incident, or is named in it, as soon as its case has handed over', async () => {
  await responder.deliver(events.source, 'Local analyst');
  const target = await responder.asked(String((await send(responder, graphBody(TARGET))).json.instanceId));
  responder.simulator.update((tenant: Tenant) => {
    const incident = defender(tenant).securityIncidents.find(({ id }) => id === SOURCE);
    Object.assign(incident ?? {}, { status: 'redirected', redirectIncidentId: TARGET, alerts: [] });
  });
  change(responder, events.source, (incident) => {
    const labels = [{ labelName: 'Redirected', labelType: 'AutoAssigned' }];
    Object.assign(incident.properties, { status: 'Closed', labels });
    Object.assign(incident.properties.additionalData as object, { alertsCount: 0 });
    incident.alerts = [];
  });
  slowly = target.instanceId;
  const passed = responder.now() - START;
  await send(responder, again(events.source));
  // The source is read after ten seconds, and the target a minute later.
  const decided = responder.at(passed + 15_000, async () => {
    for (const by of ['Local analyst', 'Robin Keller'] as const) {
      const { status, json } = await responder.decide(target, { by });
      expect([by, status, json.code]).toEqual([by, ...ownIncident]);
    }
    expect((await responder.caseFile(target.instanceId))?.handedOverFrom).toBeUndefined();
  });
  responder.leave();
  await decided;
});
