/** One incident, known by its ARM id and by Defender's id: one case, whatever arrives first, in any order and at once. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CaseFile } from '../../src/domain/case-file.js';
import { instanceIdOf } from '../../src/intake/index.js';
import { addDefenderIncident, graphBody, send, TENANT_ID } from './defender-incidents.js';
import { again, change, type Event, nameOf, noted } from './later-events.js';
import { searched } from './lone-alerts.js';
import { ANALYSTS, anotherIncident, Responder, type Tenant, until } from './responder.js';

const NAMES = [
  'graphFirst',
  'sentinelFirst',
  'atOnce',
  'silent',
  'forged',
  'late',
  'sweptUp',
  'submitted',
  'ended',
  'lost',
  'apart',
  'once',
  'early',
] as const;
type Name = (typeof NAMES)[number];
const events = {} as Record<Name, Event>;
/** Defender's id of each. */
const ids = {} as Record<Name, string>;
let responder: Responder;

const defenderKey = (name: Name) => instanceIdOf(`xdr:${TENANT_ID}/${ids[name]}`);
const sentinelKey = (name: Name) =>
  instanceIdOf(String((events[name].object as { id: string }).id).toLowerCase());
const post = async (body: unknown) => (await send(responder, body)).json;
const started = (instanceId: string) =>
  responder.events.some((event) => event.kind === 'instance-changed' && event.instanceId === instanceId);
const read = (instanceId: string) =>
  until(`the incident of ${instanceId}`, async () => {
    const file = await responder.caseFile(instanceId);
    return file?.stage === 'reading' ? undefined : file;
  });
/** In the list: the case of an id may be that of another instance. */
const outcomeOf = (instanceId: string) =>
  until(`the outcome of ${instanceId}`, async () => {
    const { json } = await responder.call('GET', '/api/incidents');
    const list = json.incidents as { instanceId: string; outcome?: string }[];
    return list.find((one) => one.instanceId === instanceId)?.outcome;
  });
/** An event of Sentinel that does not say who provides the incident. */
const silent = (event: Event): Event => {
  const { properties: _, ...object } = event.object as { properties: unknown };
  return { ...event, object };
};
const hide = ({ properties }: Tenant['incidents'][number]) => {
  Object.assign(properties, { providerName: 'Azure Sentinel' });
};
const show = ({ properties }: Tenant['incidents'][number]) => {
  Object.assign(properties, { providerName: 'Microsoft XDR' });
};

beforeAll(async () => {
  responder = await Responder.start({
    change: (tenant) => {
      for (const name of NAMES) {
        events[name] = anotherIncident(tenant);
        ids[name] = String(tenant.incidents.at(-1)?.properties.providerIncidentId);
        if (name !== 'early') addDefenderIncident(tenant, ids[name]);
        if (['late', 'submitted', 'ended', 'apart', 'once'].includes(name))
          hide(tenant.incidents.at(-1) as never);
      }
    },
  });
});
afterAll(() => responder.stop());

it('updates the case of the Graph incident when Sentinel sends the same one', async () => {
  const first = await post(graphBody(ids.graphFirst));
  expect(first).toMatchObject({ status: 'accepted', instanceId: defenderKey('graphFirst') });
  const { instanceId } = await responder.asked(defenderKey('graphFirst'));
  expect(await post(events.graphFirst)).toMatchObject({ status: 'updated', instanceId });
  expect(started(sentinelKey('graphFirst'))).toBe(false);
  // Both ids find it, also those of a delivery that says nothing about the other.
  expect((await responder.caseFile(sentinelKey('graphFirst')))?.instanceId).toBe(instanceId);
  expect(await post(again(silent(events.graphFirst)))).toMatchObject({ status: 'updated', instanceId });
});

it('updates the case of the Sentinel incident when Graph sends the same one', async () => {
  const { instanceId } = await responder.asked(await responder.deliver(events.sentinelFirst));
  expect(instanceId).toBe(sentinelKey('sentinelFirst'));
  expect(await post(graphBody(ids.sentinelFirst))).toMatchObject({ status: 'updated', instanceId });
  expect(started(defenderKey('sentinelFirst'))).toBe(false);
  expect((await responder.caseFile(defenderKey('sentinelFirst')))?.instanceId).toBe(instanceId);
});

it('acts in one of two instances that start at once, and the other says which one', async () => {
  const answers = await Promise.all([
    responder.call('POST', '/api/incidents', events.atOnce, { by: 'Robin Keller' }),
    send(responder, graphBody(ids.atOnce)),
  ]);
  for (const { json } of answers) expect(['accepted', 'updated']).toContain(json.status);
  const asked = await until('a request', async () => {
    const files = await Promise.all(
      [sentinelKey('atOnce'), defenderKey('atOnce')].map((id) => responder.caseFile(id)),
    );
    return files.find((file) => file?.approvals.some(({ state }) => state === 'waiting'));
  });
  const other = [sentinelKey('atOnce'), defenderKey('atOnce')].find((id) => id !== asked.instanceId) ?? '';
  // Those who submitted it under the other id must not decide here either.
  responder.leave();
  await until('the submitter', async () => {
    const file = await responder.caseFile(asked.instanceId);
    return file?.submitters?.length === 1 || undefined;
  });
  responder.comeBack();
  if (started(other)) expect(await outcomeOf(other)).toBe('handled-elsewhere');
  expect((await responder.caseFile(other))?.instanceId).toBe(asked.instanceId);
  expect(await post(again(events.atOnce))).toMatchObject({ status: 'updated', instanceId: asked.instanceId });
});

it('stops an instance that learns its alias only when it reads', async () => {
  const { instanceId } = await responder.asked(String((await post(graphBody(ids.silent))).instanceId));
  const other = await responder.call('POST', '/api/incidents', silent(events.silent), { by: 'Robin Keller' });
  expect(other.json).toMatchObject({ status: 'accepted', instanceId: sentinelKey('silent') });
  expect(await outcomeOf(sentinelKey('silent'))).toBe('handled-elsewhere');
  expect((await responder.caseFile(sentinelKey('silent')))?.instanceId).toBe(instanceId);
  expect(await post(again(silent(events.silent)))).toMatchObject({ status: 'updated', instanceId });
});

it('believes no message about an alias that the incident itself does not have', async () => {
  const { instanceId: victim } = await responder.asked(
    String((await post(graphBody(ids.graphFirst))).instanceId),
  );
  const { properties, ...object } = events.forged.object as { properties: object };
  const forged = {
    ...again(events.forged),
    object: { ...object, properties: { ...properties, providerIncidentId: ids.graphFirst } },
  };
  expect(await post(forged)).toMatchObject({ status: 'accepted', instanceId: sentinelKey('forged') });
  const file = await read(sentinelKey('forged'));
  expect(file.instanceId).toBe(sentinelKey('forged'));
  // Its own alias leads to it, and that of the other incident does not.
  expect(await post(graphBody(ids.forged))).toMatchObject({ instanceId: sentinelKey('forged') });
  expect((await responder.caseFile(victim))?.instanceId).toBe(victim);
});

it('takes no claim from the holder of the system key', async () => {
  const victim = defenderKey('graphFirst');
  const { system } = responder.host.keys;
  const owner = { instanceId: victim, origin: { kind: 'defender', tenantId: TENANT_ID, id: '1' } };
  const claim = { alias: sentinelKey('late'), owner };
  const answer = await responder.fetch(
    `/runtime/webhooks/durabletask/entities/alias/${sentinelKey('late')}?op=claim&code=${system}`,
    { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(claim) },
  );
  expect(answer.status).toBe(202);
  await until(
    'the alarm',
    async () =>
      responder.events.some(
        (event) => event.kind === 'log' && /Alarm: a claim to the alias/.test(event.message),
      ) || undefined,
  );
  expect(await post(silent(events.late))).toMatchObject({
    status: 'accepted',
    instanceId: sentinelKey('late'),
  });
});

it('stops a case that waits when it turns out to be the incident of another one', async () => {
  const first = await responder.asked(sentinelKey('late'));
  const second = await responder.asked(String((await post(graphBody(ids.late))).instanceId));
  expect(second.instanceId).toBe(defenderKey('late'));
  change(responder, events.late, show);
  expect(await post(again(silent(events.late)))).toMatchObject({ instanceId: first.instanceId });
  responder.leave();
  expect(await outcomeOf(first.instanceId)).toBe('handled-elsewhere');
  const late = await responder.decide(first);
  expect(late.status).toBe(410);
  const { approval } = await responder.request(first.approval.id);
  expect(approval).toMatchObject({ state: 'superseded', supersededBy: 'elsewhere' });
  expect(responder.effects()).toEqual([]);
  expect(await post(again(silent(events.late)))).toMatchObject({ instanceId: second.instanceId });
  // What was handed over has arrived: who submitted it under another id must not decide, and a repetition is a duplicate.
  const silentCase = await noted(responder, defenderKey('silent'), 'delivered again');
  expect(silentCase.submitters).toEqual([ANALYSTS[1].id]);
  await noted(responder, defenderKey('graphFirst'), 'delivered again');
  expect(await post(events.graphFirst)).toMatchObject({
    status: 'duplicate',
    instanceId: defenderKey('graphFirst'),
  });
});

const ROBIN = ANALYSTS[1].id;
const excludedIn = (instanceId: string) =>
  until('who must not decide', async () => {
    const file = await responder.caseFile(instanceId);
    return file?.submitters?.includes(ROBIN) ? file : undefined;
  });
const byRobin = async (event: Event) =>
  (await responder.call('POST', '/api/incidents', event, { by: 'Robin Keller' })).json;

it('keeps those who must not decide here from deciding there, also those of earlier readings', async () => {
  await post(silent(events.submitted));
  const first = await responder.asked(sentinelKey('submitted'));
  await byRobin(again(silent(events.submitted)));
  await excludedIn(first.instanceId);
  const second = await responder.asked(String((await post(graphBody(ids.submitted))).instanceId));
  const before = await responder.caseFile(second.instanceId);
  expect(before?.submitters).toBeUndefined();
  change(responder, events.submitted, show);
  expect(await post(again(silent(events.submitted)))).toMatchObject({ instanceId: first.instanceId });
  const file = await excludedIn(second.instanceId);
  const own = await responder.caseFile(first.instanceId);
  expect(file.involved?.accounts).toEqual(expect.arrayContaining(own?.involved?.accounts ?? []));
  const answer = await responder.decide(second, { by: 'Robin Keller' });
  expect([answer.status, answer.json.code]).toEqual([403, 'own-incident']);
});

it('does so if a trigger follows the alias of an incident whose own run is over', async () => {
  await byRobin(silent(events.ended));
  const own = await responder.asked(sentinelKey('ended'));
  await responder.decide(own, { kind: 'reject', reason: 'A test.' });
  await outcomeOf(sentinelKey('ended'));
  await responder.asked(String((await post(graphBody(ids.ended))).instanceId));
  change(responder, events.ended, show);
  expect(await post(again(events.ended))).toMatchObject({ instanceId: defenderKey('ended') });
  await excludedIn(defenderKey('ended'));
});

it('handles an incident under its other key if the service of its case does not have it any more', async () => {
  await byRobin(events.lost);
  await responder.asked(sentinelKey('lost'));
  const name = (events.lost.object as { name: string }).name;
  responder.simulator.update((tenant: Tenant) => {
    tenant.incidents = tenant.incidents.filter((one) => one.name !== name);
  });
  expect(await post(graphBody(ids.lost))).toMatchObject({ instanceId: sentinelKey('lost') });
  expect(await outcomeOf(sentinelKey('lost'))).toBe('handled-elsewhere');
  const { instanceId } = await responder.asked(defenderKey('lost'));
  expect(instanceId).toBe(defenderKey('lost'));
  await excludedIn(instanceId);
});

it('retries only the case that the analyst saw, and names the one that handles the incident', async () => {
  responder.leave();
  const shown = sentinelKey('apart');
  const path = new RegExp(`${nameOf(events.apart)}$`, 'i');
  responder.simulator.addFault({
    host: 'management.azure.com',
    path,
    times: 1,
    answer: { kind: 'status', status: 403 },
  });
  expect(await post(silent(events.apart))).toMatchObject({ status: 'accepted', instanceId: shown });
  await until('the end', async () => {
    const { json } = await responder.call('GET', '/api/incidents');
    const list = json.incidents as { instanceId: string; outcome?: string; runtimeStatus: string }[];
    const one = list.find(({ instanceId }) => instanceId === shown);
    return one?.runtimeStatus === 'Completed' && one.outcome === 'needs-analyst' ? true : undefined;
  });
  responder.comeBack();
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    origin: responder.host.url,
    cookie: '',
  };
  const submitted = (page: string, fields: Record<string, string>) =>
    responder.fetch(page, { method: 'POST', headers, body: new URLSearchParams(fields).toString() });
  const signedIn = await submitted('/sign-in', { token: responder.linkToken, analyst: ANALYSTS[1].id });
  headers.cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const { text: before } = await responder.fetch(`/approvals/${shown}`, { headers });
  const [, form = '', generation = ''] =
    /name="form" value="(\w+[^"]*)".*?"generation" value="(\d+)"/.exec(before) ?? [];
  expect(generation).toBe('1');

  const other = await responder.asked(String((await post(graphBody(ids.apart))).instanceId));
  change(responder, events.apart, show);
  expect(await post(again(events.apart))).toMatchObject({ instanceId: other.instanceId });
  await until('the alias', async () => {
    const { text } = await responder.fetch(`/approvals/${shown}`, { headers });
    return text.includes(`<a href="/approvals/${other.instanceId}">`) && !text.includes('/retry"')
      ? true
      : undefined;
  });
  // Its own case, still.
  expect((await responder.caseFile(shown))?.instanceId).toBe(shown);
  const refused = await responder.call('POST', `/api/incidents/${shown}/retry`, {}, { by: 'Robin Keller' });
  expect([refused.status, refused.json.code]).toEqual([409, 'handled-elsewhere']);
  expect(refused.json.next).toContain(other.instanceId);
  const onPage = await submitted(`/approvals/${shown}/retry`, { form, generation });
  expect(onPage.status).toBe(409);
  expect(onPage.text).toContain(`<a href="/approvals/${other.instanceId}">`);
  const file = await responder.caseFile(other.instanceId);
  expect(file?.timeline.filter(({ text }) => text.includes('requested a retry'))).toEqual([]);
});

it('refuses who submitted it under an id by which its service does not return it yet', async () => {
  responder.leave();
  responder.comeBack();
  const early = (await responder.call('POST', '/api/incidents', graphBody(ids.early), { by: 'Robin Keller' }))
    .json;
  expect(early).toMatchObject({ status: 'accepted', instanceId: defenderKey('early') });
  const request = await responder.asked(await responder.deliver(events.early));
  expect(request.instanceId).toBe(sentinelKey('early'));
  const refused = await responder.decide(request, { by: 'Robin Keller' });
  expect([refused.status, refused.json.code]).toEqual([403, 'own-incident']);
  expect((await responder.decide(request)).json.status).toBe('accepted');
});

it('does not repeat what the own run did for good before a trigger follows the alias', async () => {
  const own = await responder.asked(await responder.deliver(silent(events.once)));
  const actions = ({ plan }: CaseFile) => plan?.steps.map(({ action }) => action);
  expect(own.plan.steps.map(({ action }) => action)).toContain('entra.revoke-sessions');
  // What has no undo does not keep the run alive.
  const steps = own.plan.steps.filter(({ action }) => action === 'entra.revoke-sessions').map(({ id }) => id);
  await responder.decide(own, { steps });
  responder.leave();
  await searched(responder, own.instanceId);
  responder.comeBack();
  const request = await responder.asked(String((await post(graphBody(ids.once))).instanceId));
  expect(request.plan.steps.map(({ action }) => action)).toContain('entra.revoke-sessions');
  change(responder, events.once, show);
  for (let times = 0; times < 2; times++) {
    expect(await post(again(events.once))).toMatchObject({ instanceId: defenderKey('once') });
  }
  responder.leave();
  const file = await until('the new plan', async () => {
    const now = await responder.caseFile(defenderKey('once'));
    return now?.handedOverFrom === undefined || (now.plan?.round ?? 1) < 2 ? undefined : now;
  });
  responder.comeBack();
  expect(actions(file)).toEqual(['defender.isolate-device']);
  expect(file.handedOverFrom).toMatchObject([{ because: 'elsewhere', from: { instanceId: own.instanceId } }]);
});
