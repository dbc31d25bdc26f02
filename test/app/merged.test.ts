/** An incident that was merged into another one: its case hands over its requests, and what it has done. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CaseFile } from '../../src/domain/case-file.js';
import { instanceIdOf } from '../../src/intake/index.js';
import { mergeViews } from '../../src/views/merges.js';
import { addDefenderIncident, defender, graphBody, send, TENANT_ID } from './defender-incidents.js';
import { again, change, type Event } from './later-events.js';
import { anotherIncident, Responder, START, type Tenant, until } from './responder.js';

const HOUR = 3_600_000;
const OTHER_TENANT = '00000000-0000-4000-8000-0000000000fe';

/** Each is an incident of Sentinel that Defender knows, too; `into` are incidents of Defender alone. */
const NAMES = [
  'unread',
  'waiting',
  'acted',
  'circle',
  'early',
  'foreign',
  'refused',
  'reopened',
  'same',
] as const;
type Name = (typeof NAMES)[number];
const ids = {
  unread: '107',
  foreign: '106',
  waiting: '101',
  acted: '102',
  circle: '103',
  early: '104',
  refused: '105',
  reopened: '108',
  same: '109',
} as const;
const events = {} as Record<Name, Event>;
let responder: Responder;
const keyOf = (id: string) => `xdr:${TENANT_ID}/${id}`;
const targetOf = (id: string) => instanceIdOf(keyOf(id));

beforeAll(async () => {
  responder = await Responder.start({
    change: (tenant) => {
      for (const name of NAMES) {
        events[name] = anotherIncident(tenant);
        const { properties } = tenant.incidents.at(-1) ?? expect.unreachable();
        const tenantId = name === 'foreign' ? OTHER_TENANT : TENANT_ID;
        const link = `https://security.microsoft.com/incidents/${ids[name]}?tid=${tenantId}`;
        Object.assign(properties, { providerName: 'Microsoft XDR', providerIncidentId: ids[name] });
        Object.assign(properties.additionalData as object, { providerIncidentUrl: link });
        addDefenderIncident(tenant, ids[name]);
      }
      for (const id of ['201', '202', '203', '204', '206', '207']) addDefenderIncident(tenant, id);
    },
  });
});
afterAll(async () => {
  expect(responder.simulator.unknownCalls()).toEqual([]);
  await responder.stop();
});

/** Merges an incident, in Defender and in Sentinel, and delivers the event of it. */
async function merge(name: Name, into: string, after?: string): Promise<void> {
  responder.simulator.update((tenant: Tenant) => redirect(tenant, ids[name], into));
  if (after !== undefined) responder.simulator.update((tenant: Tenant) => redirect(tenant, into, after));
  change(responder, events[name], (incident) => {
    const labels = [{ labelName: 'Redirected', labelType: 'AutoAssigned' }];
    Object.assign(incident.properties, { status: 'Closed', labels });
    Object.assign(incident.properties.additionalData as object, { alertsCount: 0 });
    incident.alerts = [];
  });
  await send(responder, again(events[name]));
}
function redirect(tenant: Tenant, id: string, redirectIncidentId: string): void {
  const incident = defender(tenant).securityIncidents.find((one) => one.id === id);
  Object.assign(incident ?? {}, { status: 'redirected', redirectIncidentId, alerts: [] });
}
/** Its case has a request that waits. */
async function waiting(name: Name): Promise<string> {
  responder.comeBack();
  return (await responder.asked(await responder.deliver(events[name]))).instanceId;
}
/** The target, once its case has taken over. */
const handedOver = (instanceId: string) =>
  until('the hand-over', async () => (await responder.caseFile(instanceId))?.handedOverTo);
const file = async (instanceId: string): Promise<CaseFile> =>
  (await responder.caseFile(instanceId)) ?? expect.unreachable();
const timeOfEntry = ({ timeline }: CaseFile, text: string) =>
  Date.parse(timeline.find((entry) => entry.text.includes(text))?.at ?? expect.unreachable());
const texts = ({ timeline }: CaseFile) => timeline.map(({ text }) => text).join('\n');

it('hands a request that waits to a target whose case waits, too', async () => {
  const source = await responder.asked(await responder.deliver(events.waiting));
  const target = await responder.asked(String((await send(responder, graphBody('201'))).json.instanceId));
  await responder.deliver(again(events.waiting), 'Robin Keller');
  await merge('waiting', '201');
  const passed = responder.now() - START;
  const checked = responder.at(passed + HOUR / 2, async () => {
    const taken = await file(target.instanceId);
    expect(taken.handedOverFrom).toMatchObject([{ from: { instanceId: source.instanceId }, effects: [] }]);
    expect(texts(taken)).toContain('was merged into this one, and handed over');
    // Nothing was done yet, so its own request is still the one to decide, but not by who submitted the source.
    expect(taken.approvals[0]).toMatchObject({ id: target.approval.id, state: 'waiting' });
    await responder.decide(target, { by: 'Robin Keller', pending: true });
  });
  responder.leave();
  await checked;
  const merged = await responder.ended(source.instanceId);
  expect(merged.approvals[0]).toMatchObject({ state: 'superseded', supersededBy: 'merged' });
  expect(merged).toMatchObject({
    outcome: 'incident-merged',
    handedOverTo: { instanceId: target.instanceId, key: keyOf('201') },
  });
  expect(merged.unfinished).toBeUndefined();
  const refused = await until('the refusal', async () => (await file(target.instanceId)).decisions[0]);
  expect(refused.outcome).toMatchObject({ accepted: false, code: 'own-incident' });
  expect(responder.effects()).toEqual([]);
});

it('neither proposes nor repeats what the merged incident has done, through a chain of merges', async () => {
  responder.comeBack();
  const source = await responder.asked(await responder.deliver(events.acted));
  await responder.decide(source, {});
  const passed = responder.now() - START;
  const merged = responder.at(passed + HOUR, () => merge('acted', '202', '203'));
  const target = targetOf('203');
  const undone = responder.at(passed + 3 * HOUR, async () => {
    const { approvals, handedOverTo } = await file(source.instanceId);
    expect(handedOverTo).toMatchObject({ instanceId: target, key: keyOf('203') });
    const taken = await file(target);
    expect(taken.handedOverFrom?.[0]?.effects.map(({ state }) => state)).toEqual(['in-force', 'done']);
    expect(taken.plan?.steps).toEqual([]);
    expect(mergeViews(taken)[0]).toMatchObject({
      instanceId: source.instanceId,
      text: expect.stringMatching(
        /was merged into this one\. Isolate the device .*in force, can be undone there/,
      ),
    });
    expect(mergeViews(await file(source.instanceId))[0]?.text).toContain(`Merged into ${keyOf('203')}`);
    const undo = approvals.find(({ purpose }) => purpose === 'undo');
    return responder.decide(await responder.request(undo?.id ?? ''), {
      kind: 'undo',
      by: 'Robin Keller',
      pending: true,
    });
  });
  responder.leave();
  await Promise.all([merged, undone]);
  // The device is released: the target proposes to isolate it again. Sessions are never revoked a second time.
  const again = await until('the proposal', async () => {
    const plan = (await responder.caseFile(target))?.plan;
    return plan?.steps.length ? plan.steps : undefined;
  });
  expect(again.map(({ action }) => action)).toEqual(['defender.isolate-device']);
  const posted = responder.effects().map(({ path }) => path.split('/').at(-1));
  expect(posted.filter((name) => name !== 'comments').sort()).toEqual([
    'isolate',
    'revokeSignInSessions',
    'unisolate',
  ]);
});

it('stays where it is if the target is not known, and says why', async () => {
  responder.simulator.update((tenant: Tenant) => redirect(tenant, '204', ids.circle));
  await waiting('circle');
  await merge('circle', '204');
  const circle = await responder.ended(await responder.deliver(events.circle));
  expect(circle).toMatchObject({ unfinished: 'not-handed-over', error: { code: 'merged-into-itself' } });
  expect(circle.handedOverTo).toBeUndefined();

  // There is another incident with the same id in the responder's own tenant.
  await waiting('foreign');
  await merge('foreign', '204');
  const foreign = await responder.ended(await responder.deliver(events.foreign));
  expect(foreign).toMatchObject({ unfinished: 'not-handed-over', error: { code: 'unknown-tenant' } });
  expect(responder.simulator.calls().some(({ path }) => path.endsWith(`/${ids.foreign}`))).toBe(false);

  // The target appears a quarter of an hour after the merge.
  const early = await waiting('early');
  const passed = responder.now() - START;
  const appears = responder.at(passed + HOUR / 4, async () =>
    responder.simulator.update((tenant: Tenant) => void addDefenderIncident(tenant, '205')),
  );
  await merge('early', '205');
  responder.leave();
  await appears;
  expect(await handedOver(early)).toMatchObject({ instanceId: targetOf('205'), key: keyOf('205') });
});

it('names the missing permission, and hands over with a retry once it is granted', async () => {
  const permissions = (change: (all: string[]) => string[]) =>
    responder.simulator.update((tenant: Tenant) => {
      const { app } = defender(tenant);
      app.permissions.graph = change(app.permissions.graph);
    });
  const isOther = (name: string) => !name.startsWith('SecurityIncident.');
  permissions((all) => all.filter(isOther));
  await waiting('refused');
  await merge('refused', '201');
  const refused = await responder.ended(await responder.deliver(events.refused));
  expect(refused.unfinished).toBe('not-handed-over');
  expect(texts(refused)).toContain('SecurityIncident.Read.All');
  permissions((all) => [...all, 'SecurityIncident.Read.All']);
  const { status } = await responder.call('POST', `/api/incidents/${refused.instanceId}/retry`);
  expect(status).toBe(202);
  expect((await handedOver(refused.instanceId)).key).toBe(keyOf('201'));
});

it('leaves nothing open for an incident that was merged before anything was asked', async () => {
  await merge('unread', '999');
  const unread = await responder.ended(await responder.deliver(events.unread));
  expect(unread).toMatchObject({ outcome: 'incident-merged', approvals: [] });
  expect(unread.unfinished).toBeUndefined();
  expect(texts(unread)).toContain('Its target did not take over');
});

it('does not repeat what an earlier run of the merged incident has done for good', async () => {
  const event = events.reopened;
  const setStatus = async (status: string) => {
    change(responder, event, ({ properties }) => Object.assign(properties, { status }));
    await send(responder, again(event));
  };
  const instanceId = await waiting('reopened');
  const first = await responder.asked(instanceId);
  const steps = first.approval.stepIds.filter((id) => id.includes('revoke'));
  await responder.decide(first, { steps });
  await responder.ended(instanceId);
  await setStatus('Closed');
  await setStatus('Active');
  const second = await until('the next run', async () => {
    const next = await file(instanceId);
    return next.generation === 2 && next.stage === 'awaiting-approval' ? next : undefined;
  });
  expect(second.effects).toEqual([]);
  await merge('reopened', '206');
  const target = await until('the plan of the target', async () => {
    const { plan } = (await responder.caseFile(targetOf('206'))) ?? {};
    return plan;
  });
  expect(target.steps.map(({ action }) => action)).toEqual(['defender.isolate-device']);
});

it('asks no longer for what the merged incident has done, if its case hands that over later', async () => {
  const source = await responder.asked(await waiting('same'));
  await responder.decide(source, {});
  responder.leave();
  await responder.ended(source.instanceId);
  responder.comeBack();
  const target = await responder.asked(String((await send(responder, graphBody('207'))).json.instanceId));
  expect(target.approval.stepIds).toHaveLength(2);
  // Each reading without news doubles the pause before the next one.
  const quiet = [1, 2, 3, 4, 5].map((n) =>
    responder.at(responder.now() - START + (n * HOUR) / 6, () => send(responder, graphBody('207'))),
  );
  const merged = responder.at(responder.now() - START + HOUR, () => merge('same', '207'));
  responder.leave();
  await Promise.all([...quiet, merged]);
  const taken = await until('the hand-over', async () => {
    const found = await file(target.instanceId);
    return texts(found).includes('was merged into this one, and handed over') ? found : undefined;
  });
  expect(taken.plan?.steps).toEqual([]);
  expect(taken.approvals[0]).toMatchObject({ id: target.approval.id, state: 'superseded' });
  // Until it is read, what was done could be approved again: it does not wait for other updates.
  const passedOn = timeOfEntry(await file(source.instanceId), 'takes over');
  const isRead = timeOfEntry(taken, 'was merged into this one, and handed over');
  expect(isRead - passedOn).toBeLessThan(5_000);
});
