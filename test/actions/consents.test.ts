/** The consents of an app: each as a target of its own, restored exactly, and not over a consent of somebody else. */
import { describe, expect, it } from 'vitest';
import type { Response } from '../../src/actions/define.js';
import removeAction from '../../src/actions/entra/remove-consent.js';
import { confirmUndo, resolveTarget, undoResponse } from '../../src/actions/run.js';
import { ADMIN, APP, APP_ID, type Contoso, GRANT, withContoso } from './contoso.js';
import { act, actNow } from './contract/act.js';

const remove = removeAction as unknown as Response;
const { principalId: _, ...rest } = GRANT;
const FOR_ALL = { ...rest, id: 'for-all', consentType: 'AllPrincipals' as const, principalId: null };

const change = (contoso: Contoso, grants: readonly (typeof GRANT | typeof FOR_ALL)[]) =>
  contoso.change((state) => {
    state.permissionGrants = [...grants];
  });
const grantsOf = (contoso: Contoso) => contoso.state().permissionGrants;
const context = (contoso: Contoso, more = {}) => contoso.context(remove.name, APP, more);
const resolve = (contoso: Contoso, more = {}) =>
  resolveTarget(remove, { appId: APP_ID }, context(contoso, more));
async function accepted(contoso: Contoso) {
  const found = await resolve(contoso);
  if (!found.ok || !found.value.ok) throw new Error(JSON.stringify(found));
  const { others = [], record, input } = found.value;
  return [{ record, input }, ...others] as const;
}

describe.concurrent('the consents of an app', () => {
  it('are a target each, with whose it is and to which API, and each act removes one', () =>
    withContoso([], async (contoso) => {
      change(contoso, [GRANT, FOR_ALL]);
      const [first, second, ...more] = await accepted(contoso);
      expect(more).toEqual([]);
      expect([first.record.name, second?.record.name]).toEqual([
        'Mail.ReadWrite offline_access of Mail Reader on Microsoft Graph, for dana.ortiz@contoso.com',
        'Mail.ReadWrite offline_access of Mail Reader on Microsoft Graph, for all users',
      ]);
      expect(first.record.ids.key).not.toBe(second?.record.ids.key);
      await actNow(remove, first, contoso);
      expect(grantsOf(contoso)).toEqual([FOR_ALL]);
    }));

  it('are restored with exactly the permissions that were there', () =>
    withContoso([], async (contoso) => {
      change(contoso, [FOR_ALL]);
      const [approved] = await accepted(contoso);
      const { output } = await actNow(remove, approved, contoso);
      expect(grantsOf(contoso)).toEqual([]);
      await undoResponse(remove, approved.input, output, context(contoso));
      const [{ id: _id, ...restored } = {}] = grantsOf(contoso);
      const { id: _was, ...was } = FOR_ALL;
      expect(restored).toEqual(was);
      expect(await confirmUndo(remove, approved.input, output, context(contoso))).toMatchObject({
        value: { state: 'confirmed' },
      });
    }));

  it('are not restored over a new consent', () =>
    withContoso([], async (contoso) => {
      const [approved] = await accepted(contoso);
      const { output } = await actNow(remove, approved, contoso);
      const again = { ...GRANT, id: 'again', scope: 'User.Read' };
      change(contoso, [again]);
      expect(await undoResponse(remove, approved.input, output, context(contoso))).toMatchObject({
        value: { state: 'not-ours', reason: expect.stringContaining('consented again') },
      });
      expect(grantsOf(contoso)).toEqual([again]);
    }));

  it('stay removed if somebody else has removed a new consent since', () =>
    withContoso([], async (contoso) => {
      const [approved] = await accepted(contoso);
      const { output } = await actNow(remove, approved, contoso);
      for (const grants of [[GRANT], []]) {
        contoso.clock.advance(60);
        change(contoso, grants);
      }
      expect(await undoResponse(remove, approved.input, output, context(contoso))).toMatchObject({
        value: { state: 'not-ours', reason: expect.stringContaining('somebody.else@contoso.com consented') },
      });
      expect(grantsOf(contoso)).toEqual([]);
    }));

  it('are restored each, whatever became of that of another user', () =>
    withContoso([], async (contoso) => {
      const ofLee = { ...GRANT, id: 'of-lee', principalId: ADMIN };
      change(contoso, [GRANT, ofLee]);
      const all = await accepted(contoso);
      const outputs: unknown[] = [];
      for (const one of all) outputs.push((await actNow(remove, one, contoso)).output);
      contoso.clock.advance(60);
      change(contoso, [ofLee]);
      change(contoso, []);
      const undo = (n: 0 | 1) => undoResponse(remove, all[n]?.input, outputs[n], context(contoso));
      expect(await undo(0)).toMatchObject({ value: { state: 'requested' } });
      expect(await undo(1)).toMatchObject({ value: { state: 'not-ours' } });
      expect(grantsOf(contoso)).toEqual([GRANT]);
    }));

  it('are others than was approved if they got more permissions since', () =>
    withContoso([], async (contoso) => {
      const [approved] = await accepted(contoso);
      change(contoso, [{ ...GRANT, scope: `${GRANT.scope} ${'x'.repeat(300)}` }]);
      expect(await act(remove, approved, contoso)).toMatchObject({ error: { code: 'target-changed' } });
      expect(contoso.writes()).toEqual([]);
    }));

  it('are left to people if there are many, or if the app is protected', () =>
    withContoso([], async (contoso) => {
      const refusal = (reason: RegExp) => ({
        value: { ok: false, code: 'unsupported-target', reason: expect.stringMatching(reason) },
      });
      const containment = { protectedApps: [APP_ID] };
      expect(await resolve(contoso, { containment })).toMatchObject(refusal(/PROTECTED_APPS/));
      const many = Array.from({ length: 11 }, (_one, n) => ({ ...GRANT, id: `grant-${n}` }));
      change(contoso, many);
      expect(await resolve(contoso)).toMatchObject(refusal(/11 consents/));
      change(contoso, []);
      expect(await resolve(contoso)).toMatchObject({ value: { ok: false, code: 'not-found' } });
    }));
});
