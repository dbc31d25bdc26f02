/** An incident that one service no longer returns, and the other one does: it is handled there at once, in either direction. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { instanceIdOf } from '../../src/intake/index.js';
import { defender, graphBody, send, TENANT_ID } from './defender-incidents.js';
import { again, change, type Event } from './later-events.js';
import { ANALYSTS, Responder, START, type Tenant, until } from './responder.js';
import { addToBoth, deleteInDefender, deleteInSentinel } from './two-services.js';

const MINUTE = 60_000;
const NAMES = ['decided', 'acted', 'defender', 'nowhere', 'renamed', 'other'] as const;
type Name = (typeof NAMES)[number];
const ids = {
  decided: '601',
  acted: '602',
  defender: '603',
  nowhere: '605',
  renamed: '606',
  other: '607',
} as const;
const events = {} as Record<Name, Event>;
let responder: Responder;

beforeAll(async () => {
  responder = await Responder.start({
    change: (tenant) => {
      for (const name of NAMES) events[name] = addToBoth(tenant, ids[name]);
    },
  });
});
afterAll(() => responder.stop());

const inSentinel = (name: Name) =>
  instanceIdOf(String((events[name].object as { id: string }).id).toLowerCase());
const inDefender = (name: Name) => instanceIdOf(`xdr:${TENANT_ID}/${ids[name]}`);
/** Time stops at the next request. */
const attend = () => {
  responder.leave();
  responder.comeBack();
};
const runOf = (instanceId: string) =>
  until(`the case of ${instanceId}`, async () => {
    const { json } = await responder.call('GET', '/api/incidents');
    const list = json.incidents as { instanceId: string; outcome?: string }[];
    const found = list.find((one) => one.instanceId === instanceId);
    return found?.outcome === undefined ? undefined : found;
  });

it('goes on in Defender if a decision finds that Sentinel no longer returns the incident', async () => {
  attend();
  const request = await responder.asked(await responder.deliver(events.decided, 'Robin Keller'));
  deleteInSentinel(responder, events.decided);
  const refused = await responder.decide(request);
  expect([refused.status, refused.json.code]).toEqual([410, 'superseded']);
  attend();
  const next = await responder.asked(inDefender('decided'));
  expect(next.instanceId).toBe(inDefender('decided'));
  expect((await runOf(inSentinel('decided'))).outcome).toBe('handled-elsewhere');
  // Both keys find it, and who submitted it under the former one must not decide.
  expect((await responder.caseFile(inSentinel('decided')))?.instanceId).toBe(next.instanceId);
  const answer = await responder.decide(next, { by: 'Robin Keller' });
  expect([answer.status, answer.json.code]).toEqual([403, 'own-incident']);
  expect(await responder.caseFile(next.instanceId)).toMatchObject({
    handedOverFrom: [{ because: 'gone', from: { instanceId: request.instanceId } }],
  });
  expect((await send(responder, again(events.decided))).json).toMatchObject({ instanceId: next.instanceId });
});

it('repeats in Defender nothing that was done for the incident of Sentinel', async () => {
  attend();
  const request = await responder.asked(await responder.deliver(events.acted));
  await responder.decide(request);
  const passed = responder.now() - START;
  const deleted = responder.at(passed + 30 * MINUTE, async () => {
    deleteInSentinel(responder, events.acted);
    await send(responder, again(events.acted));
  });
  responder.leave();
  await deleted;
  const file = await until('the case in Defender', async () => {
    const found = await responder.caseFile(inDefender('acted'));
    return found?.instanceId === inDefender('acted') && found.outcome !== undefined ? found : undefined;
  });
  expect(file.handedOverFrom?.[0]?.effects.map(({ state }) => state)).toEqual(['in-force', 'done']);
  expect(file.plan?.steps).toEqual([]);
  const posted = responder.effects().map(({ path }) => path.split('/').at(-1));
  expect(posted.filter((name) => name === 'isolate' || name === 'revokeSignInSessions').sort()).toEqual([
    'isolate',
    'revokeSignInSessions',
  ]);
});

it('goes on in Sentinel if Defender no longer returns the incident, and back again', async () => {
  attend();
  const first = String((await send(responder, graphBody(ids.defender))).json.instanceId);
  await responder.asked(first);
  expect(
    (await responder.call('POST', '/api/incidents', events.defender, { by: 'Robin Keller' })).json,
  ).toEqual(expect.objectContaining({ status: 'updated', instanceId: first }));
  const [copy] = defender(responder.tenant()).securityIncidents.filter(({ id }) => id === ids.defender);
  deleteInDefender(responder, ids.defender);
  // A quarter of an hour of 404 means that it is gone.
  const passed = responder.now() - START;
  const moved = responder.at(passed + 30 * MINUTE, async () => {
    const next = await responder.asked(inSentinel('defender'));
    expect(next.instanceId).toBe(inSentinel('defender'));
    expect((await runOf(first)).outcome).toBe('handled-elsewhere');
    expect((await responder.caseFile(first))?.instanceId).toBe(next.instanceId);
    expect((await responder.caseFile(next.instanceId))?.submitters).toEqual([ANALYSTS[1].id]);
    responder.simulator.update((tenant: Tenant) => {
      if (copy !== undefined) defender(tenant).securityIncidents.push(copy);
    });
    deleteInSentinel(responder, events.defender);
    expect((await responder.decide(next)).status).toBe(410);
  });
  const back = responder.at(passed + 60 * MINUTE, async () => {
    const file = await responder.caseFile(first);
    expect(file).toMatchObject({ instanceId: first, generation: 2 });
    expect(file?.approvals.map(({ state }) => state)).toEqual(['waiting']);
    expect((await responder.caseFile(inSentinel('defender')))?.instanceId).toBe(first);
  });
  responder.leave();
  await Promise.all([moved, back]);
});

it('ends as gone where no service returns the incident', async () => {
  attend();
  const request = await responder.asked(await responder.deliver(events.nowhere));
  deleteInSentinel(responder, events.nowhere);
  deleteInDefender(responder, ids.nowhere);
  await responder.decide(request);
  responder.leave();
  expect((await runOf(request.instanceId)).outcome).toBe('incident-gone');
});

it('replaces only an owner that has lost the incident, whatever key the incident has by now', async () => {
  attend();
  const lost = String((await send(responder, graphBody(ids.renamed))).json.instanceId);
  await responder.asked(lost);
  expect((await send(responder, events.renamed)).json).toMatchObject({ instanceId: lost });
  change(responder, events.renamed, ({ properties }) => Object.assign(properties, { status: 'Closed' }));
  deleteInDefender(responder, ids.renamed);
  const passed = responder.now() - START;
  const ended = responder.at(passed + 30 * MINUTE, async () => (await runOf(lost)).outcome);
  responder.leave();
  expect(await ended).toBe('incident-gone');
  await responder.host.idle();
  attend();
  const other = await responder.asked(String((await send(responder, graphBody(ids.other))).json.instanceId));
  change(responder, events.renamed, ({ properties }) =>
    Object.assign(properties, { status: 'Active', providerIncidentId: ids.other }),
  );
  expect((await send(responder, again(events.renamed))).json).toMatchObject({
    status: 'updated',
    instanceId: other.instanceId,
  });
  expect((await responder.request(other.approval.id)).approval.state).toBe('waiting');
});
