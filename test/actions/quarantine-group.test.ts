/** The quarantine group: which one may be used, and what the tenant holds after each step. */
import { describe, expect, it } from 'vitest';
import type { Response } from '../../src/actions/define.js';
import addAction from '../../src/actions/entra/add-to-quarantine-group.js';
import { membershipKey } from '../../src/actions/entra/quarantine/membership.js';
import removeAction from '../../src/actions/entra/remove-from-quarantine-group.js';
import { resolveTarget, runResponse, undoResponse } from '../../src/actions/run.js';
import { type Contoso, DANA, GUEST, QUARANTINE, withContoso } from './contoso.js';

const add = addAction as unknown as Response;
const remove = removeAction as unknown as Response;
const members = (contoso: Contoso) => contoso.state().groups.find(({ id }) => id === QUARANTINE)?.members;
const change = (contoso: Contoso, more: object) =>
  contoso.change(({ groups }) => Object.assign(groups.find(({ id }) => id === QUARANTINE) ?? {}, more));
const resolve = (contoso: Contoso, objectId = DANA, more = {}) =>
  resolveTarget(add, { objectId }, contoso.context(add.name, objectId, more));

async function accepted(contoso: Contoso) {
  const found = await resolve(contoso);
  if (!found.ok || !found.value.ok) throw new Error('it is accepted');
  return found.value;
}

async function run(contoso: Contoso, action = add) {
  const { input, record } = await accepted(contoso);
  const context = { ...contoso.context(action.name, DANA), record };
  const first = await runResponse(action, input, context);
  const prechecked = first.ok && first.value.state === 'prechecked';
  const result = prechecked ? await runResponse(action, input, { ...context, prechecked }) : first;
  if (!result.ok || result.value.state === 'prechecked') throw new Error(JSON.stringify(result));
  return { ...result.value, input, context };
}

describe.concurrent('the quarantine group', () => {
  it('takes in guests, and the approver sees which group it is', () =>
    withContoso([], async (contoso) => {
      expect(await resolve(contoso, GUEST)).toMatchObject({
        value: { ok: true, input: { objectId: GUEST, groupId: QUARANTINE, group: 'Quarantine' } },
      });
    }));

  it.each<[string, object, RegExp]>([
    ['is role-assignable', { isAssignableToRole: true }, /role-assignable/],
    ['has a rule for its members', { groupTypes: ['DynamicMembership'] }, /follow from a rule/],
    ['comes from an on-premises directory', { onPremisesSyncEnabled: true }, /on-premises/],
    ['is no security group', { securityEnabled: false }, /not a security group/],
    ['does not exist', { id: 'another' }, /has no group/],
  ])('is not used if it %s, before and after the approval', (_what, more, reason) =>
    withContoso([], async (contoso) => {
      const { input, record } = await accepted(contoso);
      change(contoso, more);
      expect(await resolve(contoso)).toMatchObject({
        value: { ok: false, code: 'unsupported-target', reason: expect.stringMatching(reason) },
      });
      const context = { ...contoso.context(add.name, DANA), record };
      expect(await runResponse(add, input, context)).toMatchObject({
        error: { code: 'target-changed' },
      });
      expect(contoso.writes()).toEqual([]);
    }),
  );

  it('is not used if none is configured, or another one since the approval', () =>
    withContoso([], async (contoso) => {
      const { input, record } = await accepted(contoso);
      expect(await resolve(contoso, DANA, { containment: {} })).toMatchObject({
        value: { ok: false, reason: expect.stringContaining('QUARANTINE_GROUP') },
      });
      const context = contoso.context(add.name, DANA, { containment: { quarantineGroup: 'b001' } });
      expect(await runResponse(add, input, { ...context, record })).toMatchObject({
        error: { code: 'target-changed' },
      });
    }));

  it('loses by an undo only who was added', () =>
    withContoso([], async (contoso) => {
      change(contoso, { members: [GUEST] });
      const { input, output, context } = await run(contoso);
      expect(members(contoso)).toEqual([GUEST, DANA]);
      expect(await undoResponse(add, input, output, context)).toMatchObject({
        value: { state: 'requested' },
      });
      expect(members(contoso)).toEqual([GUEST]);
    }));

  it('keeps who was in it before', () =>
    withContoso([], async (contoso) => {
      change(contoso, { members: [DANA] });
      const { state, input, output, context } = await run(contoso);
      expect(state).toBe('already-done');
      expect(await undoResponse(add, input, output, context)).toMatchObject({ value: { state: 'not-ours' } });
      expect(members(contoso)).toEqual([DANA]);
    }));

  it('gets back who was removed', () =>
    withContoso([], async (contoso) => {
      change(contoso, { members: [DANA] });
      const { input, output, context } = await run(contoso, remove);
      expect(members(contoso)).toEqual([]);
      await undoResponse(remove, input, output, context);
      expect(members(contoso)).toEqual([DANA]);
    }));

  it('is left to who removed the user and added them again', () =>
    withContoso([], async (contoso) => {
      const { input, output, context } = await run(contoso);
      for (const members of [[], [DANA]]) {
        contoso.clock.advance(60);
        change(contoso, { members });
      }
      expect(await undoResponse(add, input, output, context)).toMatchObject({
        value: { state: 'not-ours', reason: expect.stringContaining('somebody.else@contoso.com') },
      });
      expect(members(contoso)).toEqual([DANA]);
    }));

  it('is not that of a change in another group, and another effect', () =>
    withContoso([], async (contoso) => {
      const { input, output, context } = await run(contoso);
      const { changed, before, ...period } = output as { changed: boolean; before: object };
      const ofAnother = { changed: false, before: { ...before, groupId: 'another' } };
      const own = { ...period, changed, before: { ...before, groupId: 'another' } };
      expect(await undoResponse(add, input, ofAnother, context, [own])).toMatchObject({
        value: { state: 'not-ours' },
      });
      expect(members(contoso)).toEqual([DANA]);
      const keyOf = (groupId: string) => membershipKey({ objectId: DANA, groupId });
      expect(keyOf(QUARANTINE)).toHaveLength(40);
      expect(keyOf('0b201000-0000-4000-8000-000000000000')).not.toBe(keyOf(QUARANTINE));
    }));

  it.each([
    [add, [DANA], []],
    [remove, [], [QUARANTINE]],
  ])('is read again, now or later, where the directory shows it as it was before (%#)', (action, now, seen) =>
    withContoso([], async (contoso) => {
      const { input, record } = await accepted(contoso);
      change(contoso, { members: now });
      const { graph } = contoso.clients;
      const stale = (path: string) => path.includes('/memberOf?');
      const get: typeof graph.get = async (path, schema, options) => {
        if (!stale(path)) return graph.get(path, schema, options);
        return { status: 200, body: schema.parse({ value: seen.map((id) => ({ id })) }) };
      };
      const clients = { ...contoso.clients, graph: Object.assign(Object.create(graph), { get }) };
      const context = { ...contoso.context(action.name, DANA, { clients, prechecked: true }), record };
      expect(await runResponse(action, input, context)).toMatchObject({
        ok: false,
        error: { code: 'conflict', retry: 'check-before-retry' },
      });
      const again = { ...context, clients: contoso.clients, outcomeUnknown: true };
      expect(await runResponse(action, input, again)).toMatchObject({
        value: { state: 'requested', output: { changed: 'unknown' } },
      });
      expect(members(contoso)).toEqual(now);
    }),
  );
});
