import { describe, expect, it } from 'vitest';
import { appServiceCaller } from '../../../src/app/auth/app-service.js';
import { tenantIdOf } from '../../../src/app/auth/caller.js';
import type { EntraTokens } from '../../../src/app/auth/entra.js';
import { tenantIdSchema } from '../../../src/domain/tenant-id.js';

const APP = {
  tenantId: tenantIdSchema.parse('00000000-0000-4000-8000-0000000000ac'),
  clientId: '00000000-0000-4000-8000-00000000c11e',
};
const PERSON = '00000000-0000-4000-8000-00000000a102';
const OTHER = '00000000-0000-4000-8000-00000000a103';

/** Replaces the verifier, which has its own tests: the token is the object id that it proves. */
const tokens: EntraTokens = {
  callerOf: () => Promise.reject(new Error('unexpected call')),
  personOf: async (idToken) =>
    idToken === 'forged'
      ? { ok: false, kind: 'refused', status: 401, code: 'token-refused', detail: 'forged', next: '' }
      : { ok: true, value: { id: idToken, name: 'Robin Keller' } },
};

const claims = (oid: string, tid: string = APP.tenantId) => [
  { typ: 'http://schemas.microsoft.com/identity/claims/objectidentifier', val: oid },
  { typ: 'http://schemas.microsoft.com/identity/claims/tenantid', val: tid },
  { typ: 'name', val: 'Robin Keller' },
];
const encode = (principal: unknown) => Buffer.from(JSON.stringify(principal)).toString('base64');
const caller = async (headers: Readonly<Record<string, string>>) => {
  const result = await appServiceCaller((name) => headers[name] ?? null, [{ app: APP, tokens }]);
  return result.ok ? result.value : result.code;
};
const principal = (value: unknown) => caller({ 'x-ms-client-principal': encode(value) });

describe('the principal of App Service', () => {
  it('names the person', async () => {
    const expected = { kind: 'person', channel: 'web', person: { id: PERSON, name: 'Robin Keller' } };
    expect(await principal({ auth_typ: 'aad', claims: claims(PERSON) })).toMatchObject(expected);
    const short = [
      { typ: 'oid', val: PERSON.toUpperCase() },
      { typ: 'tid', val: APP.tenantId },
      { typ: 'name', val: 'Robin Keller' },
    ];
    expect(await principal({ auth_typ: 'aad', claims: short })).toMatchObject(expected);
  });

  it('is held to the ID token where there is one', async () => {
    const given = encode({ auth_typ: 'aad', claims: claims(PERSON) });
    const withToken = (token: string) =>
      caller({ 'x-ms-client-principal': given, 'x-ms-token-aad-id-token': token });
    expect(await withToken(PERSON)).toMatchObject({ kind: 'person' });
    expect(await withToken(OTHER)).toBe('principal-refused');
    expect(await withToken('forged')).toBe('token-refused');
  });

  it.each([
    ['another provider', { auth_typ: 'google', claims: claims(PERSON) }],
    ['another tenant', { auth_typ: 'aad', claims: claims(PERSON, OTHER) }],
    ['no tenant', { auth_typ: 'aad', claims: claims(PERSON).slice(0, 1) }],
    ['no person', { auth_typ: 'aad', claims: claims(PERSON).slice(1) }],
    ['two persons', { auth_typ: 'aad', claims: [...claims(PERSON), { typ: 'oid', val: OTHER }] }],
    ['a person that is no id', { auth_typ: 'aad', claims: claims('somebody') }],
    ['a guest', { auth_typ: 'aad', claims: [...claims(PERSON), { typ: 'acct', val: '1' }] }],
    ['no claims', { auth_typ: 'aad' }],
    ['a list', []],
  ])('with %s is refused', async (_what, value) => {
    expect(['principal-refused', 'guest']).toContain(await principal(value));
  });

  it('with several tenants, is that of the tenant whose app it is for', async () => {
    const other = { tenantId: tenantIdSchema.parse(OTHER), clientId: '00000000-0000-4000-8000-00000000c22e' };
    const all = [APP, other].map((app) => ({ app, tokens }));
    const given = async (tid: string, ...audiences: readonly string[]) => {
      const more = audiences.map((val) => ({ typ: 'aud', val }));
      const header = encode({ auth_typ: 'aad', claims: [...claims(PERSON, tid), ...more] });
      const result = await appServiceCaller(
        (name) => (name === 'x-ms-client-principal' ? header : null),
        all,
      );
      return result.ok ? tenantIdOf(result.value) : result.code;
    };
    expect(await given(APP.tenantId, APP.clientId)).toBe(APP.tenantId);
    expect(await given(OTHER, `api://${other.clientId}`)).toBe(OTHER);
    expect(await given(OTHER)).toBe('principal-refused');
    expect(await given(OTHER, APP.clientId)).toBe('principal-refused');
    expect(await given(OTHER, other.clientId, APP.clientId)).toBe('principal-refused');
    expect(await given(PERSON, APP.clientId)).toBe('principal-refused');
  });

  it('that cannot be read is refused, and none at all is not signed in', async () => {
    expect(await caller({ 'x-ms-client-principal': '%%%' })).toBe('principal-refused');
    expect(await caller({})).toBe('not-signed-in');
    expect(await caller({ 'x-ms-client-principal-id': PERSON, 'x-ms-client-principal-name': 'x' })).toBe(
      'not-signed-in',
    );
  });
});
