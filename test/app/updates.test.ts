/** Later deliveries of an incident: of a running one, of one that has ended, and of one whose end was not final. */
import { expect, it } from 'vitest';
import type { CaseFile } from '../../src/domain/case-file.js';
import { again, change, type Event, isKind, nameOf, noted, start, submit, waiting } from './later-events.js';
import { type Tenant, until } from './responder.js';

it('makes a new plan when a running incident grows, and proposes nothing twice', async () => {
  const { responder, all } = await start(1, (tenant, [event]) => {
    const incident = tenant.incidents.find(({ name }) => name === nameOf(event as Event));
    if (incident) incident.entities = incident.entities.filter(isKind('Host'));
  });
  const [event] = all as [Event];
  const first = await responder.asked(await responder.deliver(event));
  const { instanceId } = first;
  expect(first.approval.stepIds.every((id) => id.includes('isolate'))).toBe(true);
  expect((await responder.decide(first)).json.code).toBe('approved');
  responder.leave();
  await responder.ended(instanceId);
  responder.comeBack();

  // The same content: only noted.
  expect(await submit(responder, again(event))).toBe('updated');
  const same = await noted(responder, instanceId, 'Nothing that matters has changed');
  expect(same).toMatchObject({ outcome: 'remediated', stage: 'ended' });

  change(responder, event, (incident) => {
    const [model] = responder.tenant().incidents;
    incident.entities.push(...structuredClone(model?.entities.filter(isKind('Account')) ?? []));
  });
  expect(await submit(responder, again(event))).toBe('updated');
  const file = await noted(responder, instanceId, 'A new plan was made');
  const [request, ...others] = waiting(file);
  expect(others).toEqual([]);
  expect(request?.id).toBe(`${instanceId}.1.analysts.2`);
  expect(request?.stepIds.length).toBeGreaterThan(0);
  expect(request?.stepIds.some((id) => id.includes('isolate'))).toBe(false);
  expect(file.outcome).toBeUndefined();
  expect(file.formerPlans).toHaveLength(1);

  // The old approval decides nothing about the new plan.
  const old = await responder.decide(first);
  expect([old.status, old.json.code]).toEqual([409, 'already-decided']);
  const second = await responder.request(request?.id ?? '');
  expect((await responder.decide(second)).json.code).toBe('approved');
  const done = await responder.ended(instanceId);
  // One account of the fixture is known by name only.
  expect(done.outcome).toBe('partly-remediated');
  const isolations = responder.effects().filter(({ path }) => path.endsWith('/isolate'));
  expect(isolations).toHaveLength(1);
  expect(done.effects.map(({ state }) => state)).toEqual(['confirmed', 'confirmed']);
});

it('supersedes a waiting request when the incident changes, is closed, merged or deleted', async () => {
  const { responder, all } = await start(4);
  const [changed, closed, merged, deleted] = all as [Event, Event, Event, Event];
  const asked = [];
  for (const event of all) asked.push(await responder.asked(await responder.deliver(event)));
  const ids = asked.map(({ instanceId }) => instanceId);
  change(responder, changed, (incident) => {
    incident.entities = incident.entities.filter(isKind('Host'));
  });
  change(responder, closed, ({ properties }) => {
    properties.status = 'Closed';
  });
  change(responder, merged, (incident) => {
    Object.assign(incident.properties, {
      status: 'Closed',
      labels: [{ labelName: 'Redirected', labelType: 'User' }],
    });
    Object.assign(incident.properties.additionalData as object, { alertsCount: 0 });
    incident.alerts = [];
  });
  responder.simulator.update((tenant: Tenant) => {
    tenant.incidents = tenant.incidents.filter(({ name }) => name !== nameOf(deleted));
  });
  for (const event of all) expect(await submit(responder, again(event))).toBe('updated');
  responder.leave();
  const [first, second, third, fourth] = await Promise.all([
    noted(responder, ids[0] ?? '', 'A new plan was made'),
    responder.ended(ids[1] ?? ''),
    responder.ended(ids[2] ?? ''),
    responder.ended(ids[3] ?? ''),
  ]);
  const supersededBy = (file: CaseFile) => file.approvals.map((one) => [one.state, one.supersededBy])[0];
  expect(supersededBy(first)).toEqual(['superseded', 'changed']);
  expect(supersededBy(second)).toEqual(['superseded', 'closed']);
  expect(second.outcome).toBe('incident-closed');
  expect(supersededBy(third)).toEqual(['superseded', 'merged']);
  expect(supersededBy(fourth)).toEqual(['superseded', 'gone']);
  expect(fourth).toMatchObject({ outcome: 'incident-gone', unfinished: 'gone' });
  const texts = fourth.timeline.map(({ text }) => text).join(' ');
  expect(texts).toContain('it was deleted. Open requests and their deadlines were cancelled');
  expect(texts).not.toContain('without a valid signature');
  expect(fourth.deliveries).toHaveLength(2);
  const late = await responder.decide(asked[0] as never);
  expect(String(late.json.detail)).toContain('a new plan was made');
  expect(responder.effects()).toEqual([]);
  // Opened again: the next run.
  change(responder, closed, ({ properties }) => {
    properties.status = 'Active';
  });
  expect(await submit(responder, again(closed))).toBe('restarted');
  await until(
    'the next run',
    async () => (await responder.caseFile(ids[1] ?? ''))?.generation === 2 || undefined,
  );
});

it('handles an incident again that is opened again, if a decision or a reminder found it closed', async () => {
  const { responder, all } = await start(2);
  const [decided, reminded] = all as [Event, Event];
  const request = await responder.asked(await responder.deliver(decided));
  const { instanceId } = await responder.asked(await responder.deliver(reminded));
  const set = (status: string) => {
    for (const event of all)
      change(responder, event, ({ properties }) => Object.assign(properties, { status }));
  };
  set('Closed');
  expect((await responder.decide(request)).json.code).toBe('superseded');
  responder.leave();
  for (const id of [request.instanceId, instanceId])
    expect((await responder.ended(id)).outcome).toBe('incident-closed');
  await responder.host.idle();
  set('Active');
  for (const event of all) expect(await submit(responder, again(event))).toBe('restarted');
  expect(responder.effects()).toEqual([]);
});

it('begins again after an end that was not final, and only then', async () => {
  const { responder, all } = await start(3, (tenant, [, low]) => {
    const incident = tenant.incidents.find(({ name }) => name === nameOf(low as Event));
    if (incident) incident.properties.severity = 'Low';
  });
  const [gone, low, rejected] = all as [Event, Event, Event];
  responder.simulator.update((tenant: Tenant) => {
    tenant.incidents = tenant.incidents.filter(({ name }) => name !== nameOf(gone));
  });
  const request = await responder.asked(await responder.deliver(rejected));
  await responder.decide(request, { kind: 'reject', reason: 'A test.' });
  const ids = [await responder.deliver(gone), await responder.deliver(low)];
  await responder.ended(request.instanceId);
  expect((await responder.ended(ids[0] ?? '')).outcome).toBe('incident-gone');
  expect((await responder.ended(ids[1] ?? '')).outcome).toBe('no-playbook');
  await responder.host.idle();

  // Final, and nothing has changed.
  expect(await submit(responder, rejected)).toBe('duplicate');
  expect(await submit(responder, again(rejected))).toBe('duplicate');
  expect(await submit(responder, again(low))).toBe('duplicate');
  // Not final: another delivery begins again; the same body within a minute is a repetition.
  expect(await submit(responder, again(gone))).toBe('restarted');
  await until(
    'the second run',
    async () => (await responder.caseFile(ids[0] ?? ''))?.generation === 2 || undefined,
  );
  // Grown into something that the playbook handles.
  change(responder, low, ({ properties }) => {
    properties.severity = 'High';
  });
  responder.comeBack();
  expect(await submit(responder, again(low))).toBe('restarted');
  const next = await responder.asked(ids[1] ?? '');
  expect(next.approval.id).toBe(`${ids[1]}.2.analysts`);
});

it('counts a person who sends an update as involved, in this run and the next', async () => {
  const { responder, all } = await start(1);
  const [event] = all as [Event];
  const request = await responder.asked(await responder.deliver(event));
  await responder.deliver(again(event), 'Robin Keller');
  responder.leave();
  await noted(responder, request.instanceId, 'Nothing that matters has changed');
  const own = await responder.decide(request, { by: 'Robin Keller' });
  expect(own.json.code).toBe('own-incident');
  expect((await responder.decide(request, { by: 'Kim Larsen' })).status).toBeLessThan(500);
});

it('ignores an update that no trigger of the responder sealed', async () => {
  const { responder, all } = await start(1);
  const request = await responder.asked(await responder.deliver(all[0]));
  const { url, keys } = responder.host;
  const { instanceId } = request;
  const content = JSON.stringify({ kind: 'again', id: 'x', trigger: 'http' });
  const message = {
    purpose: 'update',
    instanceId,
    generation: 1,
    sequence: 0,
    content,
    seal: { keyId: 'a', mac: 'b' },
  };
  const path = `/runtime/webhooks/durabletask/instances/${instanceId}/raiseEvent/inbox?code=${keys.system}`;
  const body = JSON.stringify({ kind: 'update', message });
  const headers = { 'content-type': 'application/json' };
  expect((await fetch(`${url}${path}`, { method: 'POST', headers, body })).status).toBe(202);
  responder.leave();
  const file = await noted(responder, instanceId, 'without a valid signature was ignored');
  expect(file.deliveries).toHaveLength(1);
  expect(waiting(file)).toHaveLength(1);
});

it('ignores an update that was sealed for an earlier run', async () => {
  const { responder, all } = await start(1);
  const [event] = all as [Event];
  const request = await responder.asked(await responder.deliver(event));
  const { instanceId } = request;
  await responder.deliver(again(event), 'Kim Larsen');
  responder.leave();
  await noted(responder, instanceId, 'Nothing that matters has changed');
  const [message] = responder.events.flatMap((one) =>
    one.kind === 'invocation-started' && one.name === 'readIncident'
      ? (one.input as { updates: unknown[] }).updates
      : [],
  );
  expect(message).toMatchObject({ purpose: 'update', generation: 1 });
  await responder.decide(request, { kind: 'reject', reason: 'A test.' });
  await responder.ended(instanceId);
  await responder.host.idle();
  change(responder, event, (incident) => {
    incident.entities = incident.entities.filter(isKind('Host'));
  });
  responder.comeBack();
  expect(await submit(responder, again(event))).toBe('restarted');
  const next = await responder.asked(instanceId);
  const before = await responder.caseFile(instanceId);
  const { system } = responder.host.keys;
  const path = `/runtime/webhooks/durabletask/instances/${instanceId}/raiseEvent/inbox?code=${system}`;
  await responder.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'update', message }),
  });
  responder.leave();
  const file = await noted(responder, instanceId, 'without a valid signature was ignored');
  expect(file.deliveries).toEqual(before?.deliveries);
  expect(waiting(file).map(({ id }) => id)).toEqual([next.approval.id]);
});

it('begins again when an analyst requests it, and asks other approvers', async () => {
  const { responder, all } = await start(2, (tenant) => {
    const { app } = tenant as unknown as { app: { permissions: { defender: string[] } } };
    app.permissions.defender = app.permissions.defender.filter((name) => name !== 'Machine.Isolate');
    const [first] = tenant.incidents;
    for (const incident of tenant.incidents) incident.entities = first?.entities.filter(isKind('Host')) ?? [];
  });
  const [failing, rejected] = all as [Event, Event];
  const retry = (id: string, by?: 'Robin Keller') =>
    responder.call('POST', `/api/incidents/${id}/retry`, {}, by === undefined ? {} : { by });
  const request = await responder.asked(await responder.deliver(failing));
  const { instanceId } = request;
  expect((await retry(instanceId)).json.code).toBe('still-running');
  const other = await responder.asked(await responder.deliver(rejected));
  await responder.decide(other, { kind: 'reject', reason: 'A test.' });
  await responder.decide(request);
  const first = await responder.ended(instanceId);
  expect(first).toMatchObject({ outcome: 'needs-analyst', unfinished: 'no-permission' });
  await responder.ended(other.instanceId);
  await responder.host.idle();
  expect((await retry(other.instanceId)).json.code).toBe('end-is-final');
  expect((await retry(`incident-${'0'.repeat(40)}`)).status).toBe(404);
  const unsigned = await responder.fetch(`/api/incidents/${instanceId}/retry`, { method: 'POST' });
  expect(unsigned.status).toBe(401);

  responder.simulator.update((tenant: { app: { permissions: { defender: string[] } } }) => {
    tenant.app.permissions.defender.push('Machine.Isolate');
  });
  responder.comeBack();
  expect((await retry(instanceId, 'Robin Keller')).json.status).toBe('restarted');
  const again = await responder.asked(instanceId);
  expect(again.approval.id).toBe(`${instanceId}.2.analysts`);
  const file = await responder.caseFile(instanceId);
  expect(file?.timeline[0]?.text).toContain('Robin Keller (cli) requested a retry');
  expect(file?.earlier).toMatchObject([{ generation: 1, unfinished: 'no-permission' }]);
  expect((await responder.decide(again, { by: 'Robin Keller' })).json.code).toBe('own-incident');
  expect((await responder.decide(again, { by: 'Local analyst' })).json.code).toBe('approved');
  expect((await responder.ended(instanceId)).outcome).toBe('remediated');
});

it('begins again after an instance that was terminated', async () => {
  const { responder, all } = await start(1);
  const [event] = all as [Event];
  const { instanceId } = await responder.asked(await responder.deliver(event));
  const { system } = responder.host.keys;
  const path = `/runtime/webhooks/durabletask/instances/${instanceId}`;
  await responder.fetch(`${path}/terminate?reason=test&code=${system}`, { method: 'POST' });
  await until('the termination', async () => {
    const { json } = await responder.fetch(`${path}?code=${system}`, {});
    return json.runtimeStatus === 'Terminated' || undefined;
  });
  // The event of the responder's own comment does not begin a run. The incident is the same.
  const own = structuredClone(again(event)) as { object: { properties: Record<string, unknown> } };
  own.object.properties.lastModifiedTimeUtc = new Date(responder.now() + 1_000).toISOString();
  expect(await submit(responder, own)).toBe('duplicate');
  expect(await submit(responder, again(event))).toBe('restarted');
  const file = await until('the second run', async () => {
    const found = await responder.caseFile(instanceId);
    return found?.generation === 2 && found.stage === 'awaiting-approval' ? found : undefined;
  });
  expect(waiting(file)).toHaveLength(1);
});
