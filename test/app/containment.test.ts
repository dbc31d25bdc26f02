/** A temporary containment is undone after its time, whatever errors occur meanwhile. */
import { afterEach, expect, it } from 'vitest';
import type { ApprovalRequest } from '../../src/domain/approval.js';
import type { CaseFile } from '../../src/domain/case-file.js';
import { changedPlaybook } from './playbook.js';
import { DEVICE, Responder, type ResponderOptions, type Tenant, until } from './responder.js';

let responder: Responder;
afterEach(() => responder.stop());

const DEFENDER = 'api.security.microsoft.com';
const isolate = { host: DEFENDER, method: 'POST', path: /\/isolate$/ };
const actions = { host: DEFENDER, method: 'GET', path: /^\/api\/machineactions$/ };

/** Without a decision, the device is contained for ten minutes. */
async function contained(
  options: ResponderOptions = {},
  changes: readonly (readonly [string, string])[] = [],
): Promise<CaseFile> {
  const settings = changedPlaybook([
    ...changes,
    ['onDeadline: do-nothing\n      moreTime', 'onDeadline: contain\n      containFor: 10m\n      moreTime'],
    [
      '    tier: analysts\n    why: >-\n      The account was active',
      '    tier: leads\n    why: >-\n      The account was active',
    ],
  ]);
  responder = await Responder.start({
    ...options,
    nobodyIsThere: true,
    settings,
  });
  const instanceId = await responder.deliver();
  return until('the end of the instance', async () => {
    const { json } = await responder.call('GET', '/api/incidents');
    const [instance] = json.incidents as { runtimeStatus: string }[];
    return instance?.runtimeStatus === 'Completed' ? responder.caseFile(instanceId) : undefined;
  });
}
const isIsolated = () => responder.tenant().machines.find(({ id }) => id === DEVICE)?.isolated;

it('releases a device that was isolated later than the containment was to last', async () => {
  const file = await contained({
    change: (tenant: Tenant & { machineActionTiming?: object }) => {
      tenant.machineActionTiming = { startsAfter: 20, endsAfter: 15 * 60 };
    },
  });
  expect(file.effects[0]).toMatchObject({
    action: 'defender.isolate-device',
    state: 'confirmed',
    undo: { because: 'containment-over', state: 'confirmed' },
  });
  expect(isIsolated()).toBe(false);
});

it('releases a device whose isolation was requested by a call with a lost answer', async () => {
  const file = await contained({
    faults: [
      { ...isolate, times: 1, answer: { kind: 'reset', after: 'effect' } },
      { ...actions, skip: 1, times: 1, answer: { kind: 'status', status: 503, retryAfterSeconds: 300 } },
    ],
  });
  expect(file.effects[0]).toMatchObject({
    action: 'defender.isolate-device',
    undo: { because: 'containment-over', state: 'confirmed' },
  });
  expect(isIsolated()).toBe(false);
});

it('does not call an isolation failed that may have been taken up', async () => {
  const file = await contained({
    faults: [
      { ...isolate, times: 1, answer: { kind: 'reset', after: 'effect' } },
      { ...actions, skip: 1, times: 1, answer: { kind: 'reset', after: 'nothing' } },
      { ...actions, times: 1000, answer: { kind: 'status', status: 403 } },
    ],
  });
  expect(file.effects[0]).toMatchObject({ action: 'defender.isolate-device', state: 'unconfirmed' });
  expect(file.timeline.map(({ text }) => text).join('\n')).toMatch(
    /The temporary containment has ended: .*undo it manually/,
  );
});

it('releases a device although a part of the responder failed for good while it was being isolated', async () => {
  let isContained = false;
  const file = await contained(
    {
      change: (tenant: Tenant & { machineActionTiming?: object }) => {
        tenant.machineActionTiming = { startsAfter: 20, endsAfter: 6 * 60 };
      },
      introspection: {
        onActivity: ({ name }) => {
          if (name === 'runResponse') isContained = true;
          return name === 'processTimeouts' && isContained ? { kind: 'fail', message: 'broken' } : undefined;
        },
      },
    },
    [['      remind: [30m, 90m]\n      deadline: 4h', '      remind: [30m, 241m]\n      deadline: 5h']],
  );
  expect(file.outcome).toBe('needs-analyst');
  expect(file.effects[0]).toMatchObject({ state: 'confirmed', undo: { state: 'confirmed' } });
  expect(isIsolated()).toBe(false);
});

it('contains nothing that cannot be undone, even if the activity says so', async () => {
  let hasChanged = false;
  responder = await Responder.start({
    nobodyIsThere: true,
    introspection: {
      onActivity: ({ name, input }) => {
        if (name !== 'processTimeouts' || hasChanged) return undefined;
        hasChanged = true;
        const { approvals } = input as { approvals: ApprovalRequest[] };
        const onDeadline = { do: 'contain', forMs: 600_000 };
        const changed = approvals.map((one) => ({
          ...one,
          state: 'contained',
          selected: one.stepIds,
          onDeadline,
        }));
        const events = approvals.map(({ id }) => ({ id, what: 'contained' }));
        return { kind: 'replace', result: { ok: true, value: { approvals: changed, events } } };
      },
    },
  });
  const file = await responder.ended(await responder.deliver());
  expect(file.approvals[0]?.selected).toHaveLength(2);
  expect(file.plan?.steps.map(({ action }) => action)).toContain('entra.revoke-sessions');
  expect(file.effects.map(({ action }) => action)).toEqual(['defender.isolate-device']);
  expect(responder.effects().some(({ path }) => path.includes('revokeSignInSessions'))).toBe(false);
});

it('isolates nothing when a request that was abandoned long ago is carried out after the release', async () => {
  let first = true;
  const file = await contained({
    introspection: {
      onActivity: ({ name, input }) => {
        if (name !== 'runResponse' || !JSON.stringify(input).includes('isolate') || !first) return undefined;
        first = false;
        return { kind: 'delay', ms: 40 * 60_000 };
      },
    },
  });
  await until('the late request', async () =>
    responder.events.filter(
      ({ kind, name }: { kind: string; name?: string }) =>
        kind === 'invocation-ended' && name === 'runResponse',
    ).length >= 2
      ? true
      : undefined,
  );
  expect(file.effects[0]).toMatchObject({ state: 'confirmed', undo: { state: 'confirmed' } });
  expect(responder.tenant().machineActions.map(({ type }) => type)).toEqual(['Isolate', 'Unisolate']);
});
