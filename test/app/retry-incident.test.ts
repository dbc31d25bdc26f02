/** An analyst tries an incident again: all of it, some of its steps, over HTTP and on the page. */
import { expect, it } from 'vitest';
import type { CaseFile } from '../../src/domain/case-file.js';
import { change, type Event, nameOf, start, waiting } from './later-events.js';
import { ANALYSTS, type Analyst, type Responder, type Tenant, until } from './responder.js';

const [, ROBIN] = ANALYSTS;
type Permissions = Record<'graph' | 'defender', string[]>;
const permissionsOf = (tenant: object) => (tenant as { app: { permissions: Permissions } }).app.permissions;

/** Without the permissions for what the playbook proposes: every response fails. */
const forbidding = (tenant: Tenant) => {
  const permissions = permissionsOf(tenant);
  permissions.defender = permissions.defender.filter((name) => name !== 'Machine.Isolate');
  permissions.graph = permissions.graph.filter((name) => name !== 'User.RevokeSessions.All');
};
const allow = (responder: Responder, service: keyof Permissions, name: string) =>
  responder.simulator.update((tenant: object) => void permissionsOf(tenant)[service].push(name));

const retry = (responder: Responder, id: string, body: object | undefined, by: Analyst = 'Robin Keller') =>
  responder.call('POST', `/api/incidents/${id}/retry`, body, { by });
const rulesOf = (file: CaseFile) => file.plan?.steps.map(({ id }) => id.split(':')[0]).sort();
const stepOf = (file: CaseFile, rule: string) =>
  file.plan?.steps.find(({ id }) => id.startsWith(`${rule}:`))?.id ?? expect.fail(`no step ${rule}`);

/** Lets every proposed response be approved, and waits for the end. */
async function approved(responder: Responder, id: string): Promise<CaseFile> {
  const request = await responder.asked(id);
  expect((await responder.decide(request)).json.code).toBe('approved');
  const file = await responder.ended(id);
  await responder.host.idle();
  responder.comeBack();
  return file;
}

/** The request of another plan in the same run. */
const askedNext = async (responder: Responder, id: string) => {
  const open = await until('the next request', async () => waiting(await responder.caseFile(id))[0]);
  return responder.request(open.id);
};

it('begins again after a request that has expired, and requests the approval again', async () => {
  const { responder, all } = await start(1);
  const request = await responder.asked(await responder.deliver(all[0]));
  const { instanceId } = request;
  const first = await responder.ended(instanceId);
  expect(first).toMatchObject({ outcome: 'expired', effects: [] });
  await responder.host.idle();
  responder.comeBack();
  expect((await retry(responder, instanceId, undefined)).json.status).toBe('restarted');
  const again = await responder.asked(instanceId);
  expect(again.approval).toMatchObject({ id: `${instanceId}.2.analysts`, votes: [], state: 'waiting' });
  expect([...again.approval.stepIds].sort()).toEqual([...request.approval.stepIds].sort());
  // The request that has expired stays so, and the analyst who retries does not decide.
  expect((await responder.decide(request)).json.code).toBe('ended');
  expect((await responder.decide(again, { by: 'Robin Keller' })).json.code).toBe('own-incident');
  expect(responder.effects()).toEqual([]);
  expect((await approved(responder, instanceId)).effects.map(({ state }) => state)).toEqual([
    'confirmed',
    'confirmed',
  ]);
});

it('tries one step again, keeps what is done, and does not forget the others', async () => {
  const { responder, all } = await start(1, (tenant) => {
    forbidding(tenant);
    // It is known by name only, and would be left to a person.
    for (const incident of tenant.incidents)
      incident.entities = incident.entities.filter((one) => !JSON.stringify(one).includes('svc-finsync'));
  });
  const id = await responder.deliver(all[0]);
  const first = await approved(responder, id);
  expect(first).toMatchObject({ outcome: 'needs-analyst', unfinished: 'no-permission' });
  expect(rulesOf(first)).toEqual(['isolate-workstation', 'revoke-sessions']);
  const isolate = stepOf(first, 'isolate-workstation');
  const revoke = stepOf(first, 'revoke-sessions');

  expect(await retry(responder, id, { steps: ['nothing'] })).toMatchObject({
    status: 404,
    json: { code: 'unknown-step' },
  });
  for (const body of [{ steps: isolate }, { step: [isolate] }, { steps: [7] }]) {
    expect((await retry(responder, id, body)).json.code).toBe('not-a-retry');
  }
  allow(responder, 'defender', 'Machine.Isolate');
  expect((await retry(responder, id, { steps: [isolate] })).json.status).toBe('restarted');
  const second = await approved(responder, id);
  expect(rulesOf(second)).toEqual(['isolate-workstation']);
  expect(second.timeline[0]?.text).toMatch(
    /Robin Keller .* requested a retry of Isolate the device: ws-fin-0142/,
  );
  // Not the end of the incident: the other step is left.
  expect(second).toMatchObject({ generation: 2, outcome: 'partly-remediated', unfinished: 'left-out' });

  // Its undo is possible, so its instance runs. What is done is not tried again.
  expect((await retry(responder, id, { steps: [isolate] })).json.code).toBe('settled-step');
  expect((await retry(responder, id, { steps: [revoke] })).json.code).toBe('unknown-step');
  allow(responder, 'graph', 'User.RevokeSessions.All');
  expect((await retry(responder, id, {})).json.status).toBe('updated');
  const request = await askedNext(responder, id);
  expect(request.approval.id).toBe(`${id}.2.analysts.2`);
  expect(request.approval.stepIds.map((step) => step.split(':')[0])).toEqual(['revoke-sessions']);
  expect((await responder.decide(request)).json.code).toBe('approved');
  const third = await responder.ended(id);
  expect(third).toMatchObject({ generation: 2, outcome: 'remediated' });
  expect(third.unfinished).toBeUndefined();
  expect(responder.effects().filter(({ path }) => path.endsWith('/isolate'))).toHaveLength(2);
  expect(third.effects.map(({ state }) => state)).toEqual(['confirmed', 'confirmed']);
});

it('proposes everything again if the incident has changed since, whichever step was named', async () => {
  const { responder, all } = await start(1, forbidding);
  const [event] = all as [Event];
  const id = await responder.deliver(event);
  const isolate = stepOf(await approved(responder, id), 'isolate-workstation');
  change(responder, event, ({ properties }) => {
    properties.additionalData = {
      ...(properties.additionalData as object),
      tactics: ['Impact', 'Execution'],
    };
  });
  expect((await retry(responder, id, { steps: [isolate] })).json.status).toBe('restarted');
  await responder.asked(id);
  const file = (await responder.caseFile(id)) ?? expect.fail();
  expect(rulesOf(file)).toEqual(['isolate-workstation', 'revoke-sessions']);
  expect(file.leftOut ?? []).toEqual([]);
});

it('tries again from the page, for people who may decide, once for each run', async () => {
  const { responder, all } = await start(1, forbidding);
  const id = await responder.deliver(all[0]);
  const page = `/approvals/${id}`;
  const post = (path: string, fields: [string, string][], headers: Record<string, string>) =>
    responder.fetch(path, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: responder.host.url,
        ...headers,
      },
      body: new URLSearchParams(fields).toString(),
    });
  const signIn = async (link: number, analyst: string) => {
    const fields: [string, string][] = [
      ['token', responder.linkOf(link)],
      ['analyst', analyst],
    ];
    const answer = await post('/sign-in', fields, {});
    return { cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' };
  };
  const robin = await signIn(0, ROBIN.id);
  const show = async (headers: Record<string, string>) => (await responder.fetch(page, { headers })).text;
  const fieldsOf = (text: string) => {
    const form = text.slice(text.indexOf(`action="${page}/retry"`)).split('</form>')[0] ?? '';
    const inputs = form.matchAll(/name="(\w+)" value="([^"]*)"/g);
    return [...inputs].map(([, name = '', value = '']): [string, string] => [name, value]);
  };
  await responder.asked(id);
  // While it is handled, there is nothing to try again.
  expect(await show(robin)).not.toContain('/retry"');
  const first = await approved(responder, id);
  const fields = fieldsOf(await show(robin));
  expect(
    fields
      .filter(([name]) => name === 'step')
      .map(([, value]) => value)
      .sort(),
  ).toEqual(first.plan?.steps.map((step) => step.id).sort());

  const other = await signIn(1, ANALYSTS[2].id);
  const [[, genuine = ''] = []] = fields;
  const forged = genuine.replace(/.$/, (sign) => (sign === '0' ? '1' : '0'));
  const without = (name: string) => fields.filter(([field]) => field !== name);
  for (const [status, body, headers] of [
    [401, fields, {}],
    [403, fields, { ...robin, origin: 'https://contoso.example' }],
    [403, fields, { ...robin, origin: '', 'sec-fetch-site': 'cross-site' }],
    [403, fields, other],
    [403, [['form', forged], ...without('form')], robin],
    [403, [['generation', '2'], ...without('generation')], robin],
    [400, [...fields, ['generation', '1']], robin],
    [400, without('form'), robin],
    [422, without('step'), robin],
    [404, [['step', 'nothing'], ...without('step')], robin],
  ] as [number, [string, string][], Record<string, string>][]) {
    expect((await post(`${page}/retry`, body, headers)).status, JSON.stringify(body)).toBe(status);
  }
  expect((await post(`/approvals/incident-${'0'.repeat(40)}/retry`, fields, robin)).status).toBe(403);
  expect((await responder.fetch(`${page}/retry`, { headers: robin })).status).toBe(404);
  expect((await responder.caseFile(id))?.generation).toBe(1);

  allow(responder, 'defender', 'Machine.Isolate');
  const isolate = stepOf(first, 'isolate-workstation');
  const chosen: [string, string][] = [...without('step'), ['step', isolate]];
  const answer = await post(`${page}/retry`, chosen, robin);
  expect([answer.status, answer.headers.get('location')]).toEqual([303, `${page}?follow=1`]);
  const request = await responder.asked(id);
  expect(request.approval.stepIds).toEqual([isolate]);
  expect((await responder.caseFile(id))?.timeline[0]?.text).toContain('Robin Keller (web) requested a retry');
  expect((await responder.decide(request, { by: 'Robin Keller' })).json.code).toBe('own-incident');
  // The same form once more, and when the next run has ended.
  expect((await post(`${page}/retry`, chosen, robin)).status).toBe(409);
  const second = await approved(responder, id);
  expect(second).toMatchObject({ generation: 2, unfinished: 'left-out' });
  expect((await post(`${page}/retry`, fields, robin)).status).toBe(409);
  // The instance waits for an undo: the same form, sent twice, is one retry.
  const next = fieldsOf(await show(robin));
  allow(responder, 'graph', 'User.RevokeSessions.All');
  for (let n = 0; n < 2; n++) expect((await post(`${page}/retry`, next, robin)).status).toBe(303);
  const third = await askedNext(responder, id);
  expect(third.approval.id).toBe(`${id}.2.analysts.2`);
  expect((await responder.decide(third)).json.code).toBe('approved');
  await responder.ended(id);
  expect(
    (await responder.caseFile(id))?.approvals.filter(({ purpose }) => purpose === 'respond'),
  ).toHaveLength(2);
  expect(await show(robin)).not.toContain('/retry"');
});

it('tries only the named step again if the retry waits behind what still runs after an error', async () => {
  const MINUTE = 60_000;
  const SAM = '00000000-0000-4000-8000-00000000a103';
  const { responder, all } = await start(
    1,
    (tenant: Tenant & { machineActionTiming?: object }, [event]) => {
      forbidding(tenant);
      permissionsOf(tenant).defender.push('Machine.Isolate');
      tenant.machineActionTiming = { startsAfter: 20, endsAfter: 12 * 60 };
      const riskLastUpdatedDateTime = '2026-03-10T08:01:40Z';
      const risk = { riskLevel: 'high', riskState: 'atRisk', riskDetail: 'none', riskLastUpdatedDateTime };
      for (const user of tenant.users) if (user.id === SAM) Object.assign(user, { risk });
      const incident = tenant.incidents.find(({ name }) => name === nameOf(event as Event));
      incident?.entities.push({
        kind: 'Account',
        name: '00000000-0000-4000-8000-00000000e0e0',
        properties: { accountName: 'sam.okafor', upnSuffix: 'contoso.com', aadUserId: SAM },
      });
    },
    {
      nobodyIsThere: true,
      playbook: [
        ['remind: [30m, 90m]\n      deadline', 'remind: [5m, 90m]\n      deadline'],
        [
          '    tier: analysts\n    why: >-\n      The account was active',
          '    tier: auto\n    unattended: true\n    why: >-\n      The account was active',
        ],
      ],
      introspection: {
        onActivity: ({ name }) =>
          name === 'processTimeouts' ? { kind: 'fail', message: 'broken' } : undefined,
      },
    },
  );
  const [event] = all as [Event];
  const goOn = responder.hold();
  let id = '';
  const approved = responder.at(MINUTE, async () => {
    const request = await responder.asked(id, 'analysts');
    return (await responder.decide(request)).json.code;
  });
  // The reminder fails, and with it the run; the isolation is still on its way.
  const retried = responder.at(9 * MINUTE, async () => {
    const file = (await responder.caseFile(id)) ?? expect.fail();
    expect(file).toMatchObject({ stage: 'ended', outcome: 'needs-analyst', unfinished: 'failed' });
    allow(responder, 'graph', 'User.RevokeSessions.All');
    const named = file.plan?.steps.find(
      ({ action, target }) => action === 'entra.revoke-sessions' && target.includes('dana'),
    );
    return (await retry(responder, id, { steps: [named?.id] })).json.status;
  });
  id = await responder.deliver(event);
  goOn();
  expect([await approved, await retried]).toEqual(['approved', 'updated']);
  const file = await until('the next plan', async () => {
    const found = await responder.caseFile(id);
    const isTaken = found?.timeline.some(({ text }) => text.includes('requested a retry'));
    return isTaken && found?.stage === 'ended' ? found : undefined;
  });
  const revoked = responder
    .effects()
    .flatMap(({ path, status }) => (path.endsWith('revokeSignInSessions') && status < 300 ? path : []));
  expect(revoked).toEqual([expect.stringContaining('a001')]);
  expect(rulesOf(file)).toEqual(['revoke-sessions']);
  expect(file).toMatchObject({ generation: 1, unfinished: 'left-out' });
});
