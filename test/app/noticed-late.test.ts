/** What is noticed about an incident without an update: by a decision, by a deadline, or after the end of its run. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { instanceIdOf } from '../../src/intake/index.js';
import { addDefenderIncident, graphBody, send, TENANT_ID } from './defender-incidents.js';
import { again, change, type Event } from './later-events.js';
import { ANALYSTS, anotherIncident, Responder, until } from './responder.js';
import { addToBoth, merge, mergeInDefender } from './two-services.js';

const NAMES = ['decided', 'over', 'named', 'closed'] as const;
type Name = (typeof NAMES)[number];
const ids = { decided: '401', over: '402', named: '403', closed: '404' } as const;
const [TARGET, ALONE] = ['501', '502'];
const events = {} as Record<Name, Event>;
let responder: Responder;

beforeAll(async () => {
  responder = await Responder.start({
    change: (tenant) => {
      for (const name of NAMES) {
        events[name] = name === 'named' ? anotherIncident(tenant) : addToBoth(tenant, ids[name]);
      }
      for (const id of [TARGET, ALONE]) addDefenderIncident(tenant, id);
    },
  });
});
afterAll(() => responder.stop());

const target = instanceIdOf(`xdr:${TENANT_ID}/${TARGET}`);
const file = async (instanceId: string) => (await responder.caseFile(instanceId)) ?? expect.unreachable();
/** Time stops at the next request. */
const attend = () => {
  responder.leave();
  responder.comeBack();
};
const asked = async (name: Name) => {
  attend();
  return responder.asked(await responder.deliver(events[name]));
};
/** The end of the run, in the list. */
const completed = (instanceId: string) =>
  until('the end of the run', async () => {
    const { json } = await responder.call('GET', '/api/incidents');
    const list = json.incidents as { instanceId: string; runtimeStatus: string }[];
    return list.find((one) => one.instanceId === instanceId)?.runtimeStatus === 'Completed' || undefined;
  });

it('says that the incident was merged if a decision finds it so, and hands over', async () => {
  const request = await asked('decided');
  merge(responder, events.decided, ids.decided, TARGET);
  const refused = await responder.decide(request);
  expect([refused.status, refused.json.code]).toEqual([410, 'superseded']);
  expect(refused.json.detail).toContain('merged into another one');
  expect((await responder.request(request.approval.id)).approval).toMatchObject({
    state: 'superseded',
    supersededBy: 'merged',
  });
  expect((await responder.ended(request.instanceId)).outcome).toBe('incident-merged');
  const taken = await until('the hand-over', async () => (await file(request.instanceId)).handedOverTo);
  expect(taken).toMatchObject({ instanceId: target, because: 'merged' });
});

it('says so if a reminder finds it, and names the target that Defender names', async () => {
  attend();
  const request = await responder.asked(String((await send(responder, graphBody(ALONE))).json.instanceId));
  mergeInDefender(responder, ALONE, TARGET);
  const merged = await responder.ended(request.instanceId);
  expect(merged.approvals[0]).toMatchObject({ state: 'superseded', supersededBy: 'merged' });
  const text = merged.timeline.map((entry) => entry.text).join('\n');
  expect(text).toContain(`merged into xdr:${TENANT_ID}/${TARGET}`);
  expect(text).not.toContain('closed');
  const taken = await until('the hand-over', async () => (await file(request.instanceId)).handedOverTo);
  expect(taken.instanceId).toBe(target);
});

it('hands over an incident that is merged after the final end of its run', async () => {
  const request = await asked('over');
  await responder.deliver(again(events.over), 'Robin Keller');
  await responder.decide(request, { kind: 'reject', reason: 'A test.' });
  await responder.ended(request.instanceId);
  await completed(request.instanceId);
  merge(responder, events.over, ids.over, TARGET);
  const { json } = await send(responder, again(events.over));
  expect(json).toMatchObject({ status: 'restarted', instanceId: request.instanceId });
  const taken = await until('the hand-over', async () => (await file(request.instanceId)).handedOverTo);
  expect(taken.instanceId).toBe(target);
  await until('the submitter', async () => {
    const { submitters = [], handedOverFrom = [] } = await file(target);
    const isFrom = handedOverFrom.some(({ from }) => from.instanceId === request.instanceId);
    return (isFrom && submitters.includes(ANALYSTS[1].id)) || undefined;
  });
  // It is handed over once.
  await completed(request.instanceId);
  await responder.host.idle();
  expect((await send(responder, again(events.over))).json.status).toBe('duplicate');
});

it('excludes who is named in a version that a trigger has read', async () => {
  const request = await asked('named');
  await responder.decide(request, { kind: 'reject', reason: 'A test.' });
  await responder.ended(request.instanceId);
  await completed(request.instanceId);
  const properties = { accountName: 'robin.keller', upnSuffix: 'contoso.com', aadUserId: ANALYSTS[1].id };
  const name = '00000000-0000-4000-8000-000000330001';
  change(responder, events.named, (incident) => {
    incident.entities.push({ kind: 'Account', name, properties });
    incident.properties.status = 'Closed';
  });
  expect((await send(responder, again(events.named))).json.status).toBe('duplicate');
  // A person whose name was taken out of the incident must still not decide about it.
  change(responder, events.named, (incident) => {
    incident.entities = incident.entities.filter((one) => one.name !== name);
    incident.properties.status = 'Active';
  });
  await responder.host.idle();
  attend();
  expect((await send(responder, again(events.named))).json.status).toBe('restarted');
  const next = await until('the next request', async () => {
    const { generation, approvals } = await file(request.instanceId);
    const open = approvals.find(({ state }) => state === 'waiting');
    return generation === 2 && open ? responder.request(open.id) : undefined;
  });
  const answer = await responder.decide(next, { by: 'Robin Keller' });
  expect([answer.status, answer.json.code]).toEqual([403, 'own-incident']);
});

it('claims no alias for an incident that is closed: its copy may be open', async () => {
  attend();
  change(responder, events.closed, ({ properties }) => Object.assign(properties, { status: 'Closed' }));
  const closed = await responder.ended(await responder.deliver(events.closed));
  expect(closed.outcome).toBe('incident-closed');
  attend();
  const { json } = await send(responder, graphBody(ids.closed));
  const copy = instanceIdOf(`xdr:${TENANT_ID}/${ids.closed}`);
  expect(json).toMatchObject({ status: 'accepted', instanceId: copy });
  expect((await responder.asked(copy)).instanceId).toBe(copy);
});
