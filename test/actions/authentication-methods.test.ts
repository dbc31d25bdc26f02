/** New authentication methods of a user: which ones, each as a target of its own, and which are left to people. */
import { describe, expect, it } from 'vitest';
import type { Response } from '../../src/actions/define.js';
import removeAction from '../../src/actions/entra/remove-authentication-method.js';
import { confirmResponse, resolveTarget } from '../../src/actions/run.js';
import { type Contoso, DANA, incident, method, NEW_METHOD, withContoso } from './contoso.js';
import { act } from './contract/act.js';

const remove = removeAction as unknown as Response;
const BEGAN = incident.firstActivityAt ?? '';
const BEFORE = '2026-03-10T07:41:11Z';
const AFTER = '2026-03-10T07:41:13Z';
const AGAIN = '2026-03-10T08:00:00Z';
const KEY = '-2_GRUg2-HYz6_1YG4YRAQ2';
const MOBILE = '3179e48a-750b-4051-897c-87b9720928f7';

const idsOf = (contoso: Contoso) =>
  contoso
    .state()
    .users.find(({ id }) => id === DANA)
    ?.authenticationMethods?.map(({ id }) => id);
const change = (contoso: Contoso, authenticationMethods: readonly object[], more: object = {}) =>
  contoso.change(({ users }) =>
    Object.assign(users.find(({ id }) => id === DANA) ?? {}, { authenticationMethods, ...more }),
  );
const resolve = (contoso: Contoso, more = {}) =>
  resolveTarget(remove, { objectId: DANA }, contoso.context(remove.name, DANA, more));
async function accepted(contoso: Contoso) {
  const found = await resolve(contoso);
  if (!found.ok || !found.value.ok) throw new Error(JSON.stringify(found));
  return found.value;
}
const refusal = (reason: RegExp) => ({
  ok: true,
  value: { ok: false, code: 'unsupported-target', reason: expect.stringMatching(reason) },
});
const phone = (phoneType: string, id: string, at: string | null) =>
  method('phone', id, at, { phoneType, phoneNumber: '+1 5555550100' });

describe.concurrent('a new authentication method', () => {
  it('is what was added after the incident began, and nothing else', () =>
    withContoso([], async (contoso) => {
      const token = (id: string, at: string) => method('softwareOath', id, at);
      change(contoso, [token('old', BEFORE), token('then', BEGAN), token('new', AFTER)]);
      const { record, input, others } = await accepted(contoso);
      expect(others).toBeUndefined();
      expect(record).toMatchObject({
        kind: 'entra.authentication-method',
        id: `${DANA}/softwareOathMethods/new/${AFTER}`,
        name: `software token (OATH) of dana.ortiz@contoso.com, added at ${AFTER}`,
        partOf: { kind: 'entra.user', id: DANA },
      });
      expect(await act(remove, { record, input }, contoso)).toMatchObject({ ok: true });
      expect(idsOf(contoso)).toEqual(['old', 'then']);
    }));

  it('is each a target of its own, and each act removes one', () =>
    withContoso([], async (contoso) => {
      change(contoso, [
        method('fido2', KEY, AFTER, { displayName: 'Red key' }),
        method('microsoftAuthenticator', NEW_METHOD, AFTER, { displayName: 'Pixel' }),
      ]);
      const { record, input, others = [] } = await accepted(contoso);
      expect([record, ...others.map((one) => one.record)].map(({ name }) => name)).toEqual([
        `passkey (FIDO2) “Red key” of dana.ortiz@contoso.com, added at ${AFTER}`,
        `Microsoft Authenticator “Pixel” of dana.ortiz@contoso.com, added at ${AFTER}`,
      ]);
      await act(remove, { record, input }, contoso);
      expect(idsOf(contoso)).toEqual([NEW_METHOD]);
      const [other] = others;
      if (other === undefined) throw new Error('there are two');
      await act(remove, other, contoso);
      expect(idsOf(contoso)).toEqual([]);
      expect(contoso.writes()).toHaveLength(2);
    }));

  it('is unknown where the incident does not say when it began', () =>
    withContoso([], async (contoso) => {
      const { firstActivityAt: _, ...unknown } = incident;
      expect(await resolve(contoso, { incident: unknown })).toMatchObject(refusal(/unknown when.*began/));
    }));

  it('is none without a time: people learn which these are', () =>
    withContoso([], async (contoso) => {
      change(contoso, [phone('mobile', MOBILE, null)]);
      expect(await resolve(contoso)).toMatchObject(refusal(/does not say when .* phone \(mobile\)/));
      change(contoso, [phone('mobile', MOBILE, null), method('fido2', KEY, AFTER)]);
      expect((await accepted(contoso)).record.notes).toEqual([
        'The directory does not say when these methods were added: phone (mobile).',
      ]);
    }));

  it('is never the password', () =>
    withContoso([], async (contoso) => {
      change(contoso, [method('password', 'p', AFTER)]);
      expect(await resolve(contoso)).toMatchObject(refusal(/no authentication method/));
    }));

  it('is left to people with all others if one of them is of a kind that is not known', () =>
    withContoso([], async (contoso) => {
      const external = (at: string | null) => method('external', 'e', at, { displayName: 'Other MFA' });
      const key = method('fido2', KEY, AFTER);
      change(contoso, [external(AFTER), key]);
      expect(await resolve(contoso)).toMatchObject(refusal(/“Other MFA”.*Remove all new methods by hand/));
      change(contoso, [external(null), key]);
      expect((await accepted(contoso)).record.notes).toEqual([expect.stringContaining('Other MFA')]);
      change(contoso, [external(BEFORE), key]);
      expect((await accepted(contoso)).record.notes).toBeUndefined();
    }));

  it('is another one if it was registered again since the approval, under the same id', () =>
    withContoso([], async (contoso) => {
      change(contoso, [phone('mobile', MOBILE, AFTER)]);
      const { record, input } = await accepted(contoso);
      change(contoso, [phone('mobile', MOBILE, AGAIN)]);
      expect((await accepted(contoso)).record.id).not.toBe(record.id);
      const result = await act(remove, { record, input }, contoso);
      expect(result).toMatchObject({ value: { state: 'already-done' } });
      expect(idsOf(contoso)).toEqual([MOBILE]);
      const output = result.ok ? result.value.output : undefined;
      const context = contoso.context(remove.name, DANA);
      expect(await confirmResponse(remove, input, output, context)).toMatchObject({
        value: { state: 'confirmed', proof: expect.stringContaining(`another one at ${AGAIN}`) },
      });
    }));

  it('is left to people if it is a mobile phone beside an alternate one', () =>
    withContoso([], async (contoso) => {
      change(contoso, [phone('mobile', MOBILE, AFTER), phone('alternateMobile', 'alternate', BEFORE)]);
      expect(await resolve(contoso)).toMatchObject(refusal(/alternate mobile phone.*by hand/));
    }));

  it('stays if Graph refuses, because it is the default: people learn what to do', () =>
    withContoso([], async (contoso) => {
      change(contoso, [phone('mobile', MOBILE, BEFORE), method('fido2', KEY, AFTER)], { defaultMethod: KEY });
      const { record, input } = await accepted(contoso);
      expect(await act(remove, { record, input }, contoso)).toMatchObject({
        error: { httpStatus: 400, next: expect.stringContaining('default') },
      });
      expect(idsOf(contoso)).toEqual([MOBILE, KEY]);
    }));
});
