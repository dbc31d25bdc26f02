/** Incidents of Defender that no Sentinel workspace has: read, decided, acted on and commented through Microsoft Graph. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { instanceIdOf } from '../../src/intake/index.js';
import {
  addDefenderIncident,
  alertOf,
  defender,
  graphBody,
  type SecurityIncident,
  send,
  TENANT_ID,
} from './defender-incidents.js';
import { noted } from './later-events.js';
import { DEVICE, Responder, type Tenant, until } from './responder.js';

const MINUTE = 60_000;
const GRAPH = 'graph.microsoft.com';
let responder: Responder;

const idOf = (id: string) => instanceIdOf(`xdr:${TENANT_ID}/${id}`);
const deliver = async (id: string, more: object = {}) => (await send(responder, graphBody(id, more))).json;
const change = (id: string, how: (incident: SecurityIncident) => void) =>
  responder.simulator.update((tenant: Tenant) => {
    const incident = defender(tenant).securityIncidents.find((one) => one.id === id);
    how(incident ?? expect.fail());
  });
const incidentOf = (id: string) =>
  defender(responder.tenant()).securityIncidents.find((one) => one.id === id) ?? expect.fail();
const texts = (id: string) => incidentOf(id).comments.map(({ comment }) => comment);
const posts = (id: string) =>
  responder.simulator
    .calls()
    .filter(({ method, path }) => method === 'POST' && path.includes(`/incidents/${id}/comments`));

/** No playbook applies to it, so that it costs little. */
const LOW = { severity: 'low' };
const MANY = 45;

beforeAll(async () => {
  responder = await Responder.start({
    change: (tenant) => {
      addDefenderIncident(tenant, '501');
      addDefenderIncident(tenant, '502', {
        ...LOW,
        alerts: Array.from({ length: MANY }, (_, n) => alertOf('502', n)),
      });
      addDefenderIncident(tenant, '504', LOW);
      addDefenderIncident(tenant, '505', { status: 'redirected', redirectIncidentId: '502' });
      addDefenderIncident(tenant, '506', LOW);
      addDefenderIncident(tenant, '507');
    },
    faults: [
      {
        host: GRAPH,
        path: /incidents\/502\/alerts$/,
        skip: 1,
        times: 12,
        answer: { kind: 'status', status: 503 },
      },
      { host: GRAPH, path: /incidents\/504$/, times: 1_000, answer: { kind: 'status', status: 403 } },
      {
        host: GRAPH,
        method: 'POST',
        path: /incidents\/501\/comments$/,
        times: 1,
        answer: { kind: 'reset', after: 'effect' },
      },
      { host: GRAPH, method: 'POST', path: /incidents\/501\/comments$/, times: 1, answer: { kind: 'half' } },
    ],
  });
});
afterAll(() => responder.stop());

it('refuses incidents of other tenants by name, and keeps them', async () => {
  const other = graphBody('501', { tenantId: '00000000-0000-4000-8000-0000000000cc' });
  const { status, json } = await send(responder, other);
  expect([status, json.code]).toEqual([422, 'unknown-tenant']);
  expect(json.kept).toHaveLength(1);
});

it('waits for an incident and its alerts, names a missing permission, and leaves a merged one alone', async () => {
  const goOn = responder.hold();
  for (const id of ['502', '503', '504', '505']) {
    expect(await deliver(id)).toMatchObject({ status: 'accepted', instanceId: idOf(id) });
  }
  void responder.at(2 * MINUTE, async () => {
    responder.simulator.update((tenant: Tenant) => {
      addDefenderIncident(tenant, '503', LOW);
    });
  });
  goOn();
  const [many, late, forbidden, merged] = await Promise.all(
    ['502', '503', '504', '505'].map((id) => responder.ended(idOf(id))),
  );
  expect(many?.outcome).toBe('no-playbook');
  expect(many?.alerts).toHaveLength(MANY);
  expect(many?.timeline.map(({ text }) => text).join(' ')).toContain('the alerts of the incident');
  expect(late).toMatchObject({ outcome: 'no-playbook', number: '503', severity: 'low' });
  expect(forbidden).toMatchObject({ outcome: 'needs-analyst', unfinished: 'no-permission' });
  expect(forbidden?.error?.next).toContain('SecurityIncident.Read.All');
  expect(merged?.outcome).toBe('incident-merged');
  expect(merged?.timeline.map(({ text }) => text).join(' ')).toContain('already merged');
  responder.comeBack();
});

it('acts as approved, and comments each state once, although answers are lost', async () => {
  expect(await deliver('501')).toMatchObject({ status: 'accepted' });
  const request = await responder.asked(idOf('501'));
  const isolate = request.plan.steps.find(({ action }) => action === 'defender.isolate-device');
  expect(isolate?.record.id).toBe(DEVICE);
  await until('the comment', async () => texts('501')[0]);
  expect((await responder.decide(request)).json.code).toBe('approved');
  const file = await responder.ended(idOf('501'));
  expect(file.effects.map(({ action, state }) => [action, state])).toContainEqual([
    'defender.isolate-device',
    'confirmed',
  ]);
  expect(file.comment?.revision).toBe(2);
  const [waiting = '', result = '', ...more] = texts('501');
  expect(more).toEqual([]);
  expect(waiting).toContain('waiting for approval');
  expect(result).toMatch(/Isolate the device .*: confirmed/);
  for (const text of [waiting, result]) {
    expect(text.length).toBeLessThanOrEqual(1_000);
    expect(text).toMatch(/\nsentinel-responder [0-9a-f]{16}$/);
  }
  expect(posts('501')).toHaveLength(2);
  // The event of its own comment begins nothing.
  await responder.host.idle();
  const { lastUpdateDateTime } = incidentOf('501');
  expect(await deliver('501', { lastUpdateDateTime })).toMatchObject({ status: 'updated' });
  await noted(responder, idOf('501'), 'Nothing that matters has changed');
  expect(texts('501')).toHaveLength(2);
});

it('begins nothing for an alert of an incident that has not changed', async () => {
  const alert = alertOf('506', 1);
  expect((await send(responder, alert)).json).toMatchObject({ status: 'accepted', instanceId: idOf('506') });
  await responder.ended(idOf('506'));
  await responder.host.idle();
  expect((await send(responder, alert)).json.status).toBe('duplicate');
  expect((await send(responder, { ...alert, lastUpdateDateTime: '2026-03-10T09:00:00Z' })).json.status).toBe(
    'duplicate',
  );
  change('506', (incident) => void incident.alerts.push(alertOf('506', 2)));
  expect((await send(responder, alertOf('506', 2))).json.status).toBe('restarted');
});

it('does nothing by an approval if the incident was resolved meanwhile', async () => {
  responder.comeBack();
  await deliver('507');
  const request = await responder.asked(idOf('507'));
  const before = responder.effects().length;
  change('507', (incident) => {
    incident.status = 'resolved';
  });
  const answer = await responder.decide(request);
  expect([answer.status, answer.json.code]).toEqual([410, 'superseded']);
  expect((await responder.ended(idOf('507'))).outcome).toBe('incident-closed');
  expect(responder.effects()).toHaveLength(before);
});
