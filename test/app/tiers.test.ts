/** Eligibility, quorum and timeouts of requests, through the public channels in virtual time. */
import { afterEach, expect, it } from 'vitest';
import { INBOX_EVENT } from '../../src/domain/approval.js';
import {
  ANALYSTS,
  type Decision,
  type Request,
  Responder,
  type ResponderOptions,
  type Tenant,
  until,
} from './responder.js';

const DANA = { id: '00000000-0000-4000-8000-00000000a001', name: 'Dana Ortiz' };
const LEE = { id: '00000000-0000-4000-8000-00000000a002', name: 'Lee Andersen' };
const ANALYST_GROUP = '00000000-0000-4000-8000-00000000b101';

let responder: Responder;
afterEach(async () => {
  expect(responder.simulator.unknownCalls()).toEqual([]);
  expect(responder.events.filter(({ kind }) => kind === 'diagnostic')).toEqual([]);
  await responder.stop();
});

/** Starts a responder with a changed copy of the shipped playbook. */
async function start(
  playbook: readonly (readonly [string, string])[] = [],
  options: ResponderOptions = {},
): Promise<void> {
  responder = await Responder.start({ ...options, playbook });
}
const asked = async (): Promise<Request> => responder.asked(await responder.deliver());
const codeOf = async (request: Request, decision: Decision = {}) =>
  (await responder.decide(request, decision)).json.code;
const texts = (file: { timeline: readonly { text: string }[] }) =>
  file.timeline.map(({ text }) => text).join('\n');

const FOUR_EYES = ['deadline: 4h', 'deadline: 4h\n      fourEyes: true'] as const;

it('needs two different people for the same selection where policy requires four eyes', async () => {
  await start([FOUR_EYES]);
  const request = await asked();
  expect(await codeOf(request, { by: 'Local analyst' })).toBe('more-approvers-needed');
  expect(await codeOf(request, { by: 'Local analyst', key: 'again' })).toBe('second-approver-must-differ');
  expect(responder.effects()).toEqual([]);
  expect(await codeOf(request, { by: 'Robin Keller' })).toBe('approved');
  const file = await responder.ended(request.instanceId);
  expect(file.effects.map(({ state }) => state)).toEqual(['confirmed', 'confirmed']);
  expect(file.approvals[0]?.votes.map(({ by }) => by.name)).toEqual(['Local analyst', 'Robin Keller']);
});

it('starts the count again where the second person selects something else', async () => {
  await start([FOUR_EYES]);
  const request = await asked();
  const [isolate = '', revoke = ''] = request.approval.stepIds;
  expect(await codeOf(request, { by: 'Local analyst' })).toBe('more-approvers-needed');
  expect(await codeOf(request, { by: 'Robin Keller', steps: [revoke] })).toBe('more-approvers-needed');
  expect(await codeOf(request, { by: 'Kim Larsen', steps: [isolate] })).toBe('stale-revision');
  const now = await responder.request(request.approval.id);
  expect(now.approval).toMatchObject({ revision: 2, state: 'waiting' });
  expect(await codeOf(now, { by: 'Local analyst', steps: [revoke] })).toBe('approved');
  const file = await responder.ended(request.instanceId);
  expect(file.effects.map(({ stepId }) => stepId)).toEqual([revoke]);
});

it('counts two clicks at once once each', async () => {
  await start([FOUR_EYES]);
  const request = await asked();
  const names = ['Local analyst', 'Robin Keller', 'Kim Larsen', 'Robin Keller'] as const;
  const codes = await Promise.all(names.map((by, i) => codeOf(request, { by, key: `click-${i}` })));
  expect(codes.filter((code) => code === 'approved')).toHaveLength(1);
  expect(codes.filter((code) => code === 'more-approvers-needed')).toHaveLength(1);
  const file = await responder.ended(request.instanceId);
  expect(file.decisions).toHaveLength(4);
  expect(file.effects).toHaveLength(2);
});

it('asks each tier on its own, and carries out what one decides while the other still waits', async () => {
  await start([
    [
      '    tier: analysts\n    why: >-\n      The account was active',
      '    tier: leads\n    why: >-\n      The account was active',
    ],
    ['fourEyes: true', 'fourEyes: false'],
  ]);
  const request = await asked();
  const leads = await responder.asked(request.instanceId, 'leads');
  const analysts = await responder.asked(request.instanceId, 'analysts');
  expect([analysts.approval.stepIds.length, leads.approval.stepIds.length]).toEqual([1, 1]);
  expect(await codeOf(leads, { by: 'Robin Keller' })).toBe('not-an-approver');
  expect(await codeOf(leads, { by: 'Kim Larsen' })).toBe('approved');
  await until('the first effect', async () => {
    const file = await responder.caseFile(request.instanceId);
    return file?.effects.some(({ state }) => state === 'confirmed') ? file : undefined;
  });
  expect(await codeOf(analysts, { kind: 'reject', reason: 'The device is a test.' })).toBe('rejected');
  const file = await responder.ended(request.instanceId);
  expect(file.outcome).toBe('partly-remediated');
  expect(file.effects.map(({ action, state }) => [action, state])).toEqual([
    ['entra.revoke-sessions', 'confirmed'],
  ]);
});

it('reminds, escalates, and expires', async () => {
  await start([], { nobodyIsThere: true });
  const file = await responder.ended(await responder.deliver());
  expect(file.outcome).toBe('expired');
  const [request] = file.approvals;
  expect(request?.reminders).toEqual([
    '2026-03-10T08:42:00.000Z',
    '2026-03-10T09:42:00.000Z',
    '2026-03-10T10:42:00.000Z',
    '2026-03-10T11:42:00.000Z',
  ]);
  expect(request?.escalations).toEqual([{ to: 'leads', at: '2026-03-10T10:12:00.000Z' }]);
  expect(request?.approvers.groups.map(({ name }) => name)).toEqual(['SOC Analysts', 'SOC Leads']);
  expect(file.endedAt).toBe('2026-03-10T12:12:00.000Z');
});

it('stays open longer after an extension', async () => {
  await start();
  const request = await asked();
  expect(await codeOf(request, { kind: 'extend' })).toBe('extended');
  const file = await responder.ended(request.instanceId);
  expect(file.outcome).toBe('expired');
  expect(file.endedAt).toBe('2026-03-10T13:12:00.000Z');
});

const CONTAIN = [
  'onDeadline: do-nothing\n      moreTime',
  'onDeadline: contain\n      containFor: 8h\n      moreTime',
] as const;
/** Revoking sessions cannot be undone, so a tier with temporary containment must not do it. */
const OTHER_TIER = [
  '    tier: analysts\n    why: >-\n      The account was active',
  '    tier: leads\n    why: >-\n      The account was active',
] as const;

it('contains when the request expires, and undoes it after its time', async () => {
  await start([CONTAIN, OTHER_TIER, ['fourEyes: true', 'fourEyes: false']], { nobodyIsThere: true });
  const instanceId = await responder.deliver();
  const file = await responder.ended(instanceId);
  expect(file.approvals.map(({ tier, state }) => [tier, state])).toEqual([
    ['analysts', 'contained'],
    ['leads', 'expired'],
    ['analysts', expect.stringMatching(/waiting|superseded/)],
  ]);
  expect(file.effects[0]).toMatchObject({ action: 'defender.isolate-device', state: 'confirmed' });
  const later = await until('the end of containment', async () => {
    const now = await responder.caseFile(instanceId);
    return now?.effects[0]?.undo?.state === 'confirmed' ? now : undefined;
  });
  expect(later.effects[0]?.undo).toMatchObject({ because: 'containment-over' });
  expect(responder.tenant().machines.some(({ isolated }) => isolated)).toBe(false);
});

it('undoes by a decision of its own, after the end', async () => {
  await start([], { comesBack: true });
  const request = await asked();
  await codeOf(request);
  const file = await responder.ended(request.instanceId);
  expect(file.outcome).toBe('partly-remediated');
  const undo = await responder.request(`${request.approval.id}.undo`);
  expect(undo.approval).toMatchObject({
    purpose: 'undo',
    state: 'waiting',
    stepIds: [request.approval.stepIds[0]],
  });
  expect(await codeOf(undo, { kind: 'approve' })).toBe('wrong-kind');
  expect(await codeOf(undo, { kind: 'undo', by: 'Noor Haddad' })).toBe('not-an-approver');
  expect(await codeOf(undo, { kind: 'undo', by: 'Robin Keller' })).toBe('undo-approved');
  responder.leave();
  const undone = await until('the undoing', async () => {
    const now = await responder.caseFile(request.instanceId);
    return now?.effects[0]?.undo?.state === 'confirmed' ? now : undefined;
  });
  expect(undone.effects[0]?.undo).toMatchObject({ because: 'decision' });
  expect(responder.tenant().machines.some(({ isolated }) => isolated)).toBe(false);
});

it.each([
  ['the user in the incident', DANA, ''],
  ['their manager, where policy says so', LEE, 'managers: may-not-decide\n      '],
])('refuses a decision of a person who is %s', async (_who, { id, name }, policy) => {
  await start([['channel: soc-incidents', `${policy}channel: soc-incidents`]], {
    change: (tenant) => {
      tenant.groups.find((group) => group.id === ANALYST_GROUP)?.members.push(id);
    },
    settings: { LOCAL_ANALYSTS: JSON.stringify([{ id, name }, ...ANALYSTS]) },
  });
  const request = await asked();
  const mine = responder.call(
    'POST',
    `/api/approvals/${request.approval.id}/decisions`,
    {
      kind: 'approve',
      steps: request.approval.stepIds,
    },
    { headers: { 'if-match': request.etag } },
  );
  expect((await mine).json.code).toBe('own-incident');
  expect(responder.effects()).toEqual([]);
  expect(await codeOf(request, { by: 'Robin Keller' })).toBe('approved');
});

it('refuses a decision of the submitter of the incident', async () => {
  await start();
  const request = await responder.asked(await responder.deliver(undefined, 'Robin Keller'));
  expect(await codeOf(request, { by: 'Robin Keller' })).toBe('own-incident');
  expect(await codeOf(request, { by: 'Local analyst' })).toBe('approved');
});

it('refuses while the directory is unavailable, and accepts the same click afterwards', async () => {
  await start();
  const request = await asked();
  responder.simulator.addFault({
    host: 'graph.microsoft.com',
    path: /checkMemberGroups/,
    times: 3,
    answer: { kind: 'status', status: 503 },
  });
  expect(await codeOf(request, { key: 'first' })).toBe('membership-unknown');
  expect(responder.effects()).toEqual([]);
  const again = await until('the directory', async () => {
    const code = await codeOf(request, { key: 'first' });
    return code === 'membership-unknown' ? undefined : code;
  });
  expect(again).toBe('approved');
});

it('says at once that a group is too small, or is not there', async () => {
  await start([
    ['fourEyes: true', 'fourEyes: false'],
    ['deadline: 4h', 'quorum: 3\n      deadline: 4h'],
    [
      `{ id: ${ANALYST_GROUP}, name: SOC Analysts }`,
      `{ id: ${ANALYST_GROUP.replace('b101', 'b102')}, name: SOC Leads }\n          - { id: 00000000-0000-4000-8000-00000000b999, name: SOC Nobody }`,
    ],
  ]);
  const { approval, instanceId } = await asked();
  expect(approval.warnings).toEqual([
    'The group SOC Nobody (00000000-0000-4000-8000-00000000b999) does not exist.',
    'Tier analysts has 2 approvers and needs 3: its requests cannot be approved.',
  ]);
  expect(texts((await responder.caseFile(instanceId)) ?? { timeline: [] })).toContain('does not exist');
  await expect.poll(() => responder.comment()).toContain('SOC Nobody');
});

it('is over when the incident was closed in Sentinel meanwhile', async () => {
  await start();
  const request = await asked();
  responder.simulator.update((state: Tenant) => {
    for (const { properties } of state.incidents) properties.status = 'Closed';
  });
  expect(await codeOf(request)).toBe('superseded');
  const file = await responder.ended(request.instanceId);
  expect(file.outcome).toBe('incident-closed');
  expect(responder.effects()).toEqual([]);
});

it('does nothing on an event that no channel has signed, and records that it arrived', async () => {
  await start();
  const request = await asked();
  const { id, planHash, stepIds } = request.approval;
  const decision = {
    id: 'forged',
    requestId: id,
    kind: 'approve',
    revision: 1,
    planHash,
    steps: stepIds,
    by: { kind: 'person', objectId: ANALYSTS[0].id, name: 'Local analyst', channel: 'teams' },
    at: '2026-03-10T08:13:00.000Z',
  };
  const { url, keys } = responder.host;
  const raised = await fetch(
    `${url}/runtime/webhooks/durabletask/instances/${request.instanceId}/raiseEvent/${INBOX_EVENT}?code=${keys.system}`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        kind: 'decision',
        instanceId: request.instanceId,
        sequence: '1',
        decision,
        signature: { keyId: '00000000', mac: '0'.repeat(64) },
      }),
    },
  );
  expect(raised.status).toBe(202);
  await until('the note', async () => {
    const file = await responder.caseFile(request.instanceId);
    return file && texts(file).includes('without a valid signature') ? file : undefined;
  });
  expect(responder.effects()).toEqual([]);
  expect(await codeOf(request)).toBe('approved');
});
