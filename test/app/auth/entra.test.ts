import { type CryptoKey, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { createEntraTokens, entraAuthority } from '../../../src/app/auth/entra.js';
import type { FoundKey, SigningKeys } from '../../../src/connectors/teams/keys.js';
import { tenantIdSchema } from '../../../src/domain/tenant-id.js';

const TENANT = tenantIdSchema.parse('00000000-0000-4000-8000-0000000000ac');
const CLIENT = '00000000-0000-4000-8000-00000000c11e';
const PERSON = '00000000-0000-4000-8000-00000000a102';
const NOW = Date.parse('2026-03-10T08:12:00Z');
const seconds = NOW / 1000;

let privateKey: CryptoKey;
let publicKey: CryptoKey;
let foreignKey: CryptoKey;
let asked: string[] = [];
const keys: SigningKeys = {
  async find(kid): Promise<FoundKey> {
    asked.push(kid);
    if (kid === 'down') return 'keys-unavailable';
    return kid === 'k1' ? { key: publicKey, endorsements: [] } : 'unknown-key';
  },
};
const tokens = createEntraTokens({ tenantId: TENANT, clientId: CLIENT }, keys, { now: () => NOW });

beforeAll(async () => {
  ({ privateKey, publicKey } = await generateKeyPair('RS256'));
  ({ privateKey: foreignKey } = await generateKeyPair('RS256'));
});

const genuine: JWTPayload = {
  aud: CLIENT,
  iss: entraAuthority(TENANT).issuer,
  iat: seconds,
  nbf: seconds,
  exp: seconds + 3600,
  tid: TENANT,
  oid: PERSON,
  name: 'Robin Keller',
  scp: 'Approvals.Decide',
  ver: '2.0',
};
const without = (...names: string[]): JWTPayload =>
  Object.fromEntries(Object.entries(genuine).filter(([name]) => !names.includes(name)));
const sign = (payload: JWTPayload, header: object = {}, key = privateKey) =>
  new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'k1', ...header }).sign(key);
const outcome = async (token: string) => {
  const result = await tokens.callerOf(token);
  return result.ok ? result.value : [result.status, result.code, result.detail];
};

describe('an access token of Entra', () => {
  it('that is genuine names the person, who may decide', async () => {
    for (const aud of [CLIENT, `api://${CLIENT}`]) {
      expect(await outcome(await sign({ ...genuine, aud }))).toMatchObject({
        kind: 'person',
        channel: 'http',
        mayDecide: true,
        person: { id: PERSON, name: 'Robin Keller' },
      });
    }
  });

  it('with the scope for looking lets a person look only', async () => {
    const token = await sign({ ...genuine, scp: 'Approvals.Read openid' });
    expect(await outcome(token)).toMatchObject({ kind: 'person', mayDecide: false });
  });

  it('of a program with the role lets it look', async () => {
    const token = await sign({ ...without('scp'), roles: ['Approvals.Read'] });
    expect(await outcome(token)).toEqual({ kind: 'app', id: PERSON, tenantId: TENANT });
  });

  it.each<[string, JWTPayload, number, string, RegExp]>([
    ['has expired', { ...genuine, exp: seconds - 301 }, 401, 'token-refused', /expired/],
    ['is not valid yet', { ...genuine, nbf: seconds + 301 }, 401, 'token-refused', /nbf/],
    ['is of another tenant', { ...genuine, tid: `${TENANT.slice(0, -2)}ff` }, 401, 'token-refused', /tid/],
    [
      "is of another tenant's issuer",
      { ...genuine, iss: entraAuthority(CLIENT).issuer },
      401,
      'token-refused',
      /iss/,
    ],
    ['is of version 1', { ...genuine, ver: '1.0' }, 401, 'token-refused', /ver/],
    ['is for another app', { ...genuine, aud: 'https://graph.microsoft.com' }, 401, 'token-refused', /aud/],
    ['is for several apps', { ...genuine, aud: [CLIENT, 'other'] }, 401, 'token-refused', /aud/],
    ['has no object id', without('oid'), 401, 'token-refused', /oid/],
    ['has no tenant', without('tid'), 401, 'token-refused', /tid/],
    ['has no end', without('exp'), 401, 'token-refused', /exp/],
    ['has no scope and no role', without('scp'), 403, 'scope-missing', /role/],
    ['has another scope', { ...genuine, scp: 'User.Read' }, 403, 'scope-missing', /Approvals\.Decide/],
    ['is of a guest', { ...genuine, acct: 1 }, 403, 'guest', /Guests/],
    ['of a program claims a scope', { ...genuine, idtyp: 'app' }, 401, 'token-refused', /program/],
  ])('that %s is refused', async (_what, payload, status, code, detail) => {
    expect(await outcome(await sign(payload))).toEqual([status, code, expect.stringMatching(detail)]);
  });

  it('is good for five minutes of skew, and no longer', async () => {
    expect(await outcome(await sign({ ...genuine, exp: seconds - 299 }))).toMatchObject({ kind: 'person' });
    expect(await outcome(await sign({ ...genuine, nbf: seconds + 299 }))).toMatchObject({ kind: 'person' });
    const refused = [401, 'token-refused', expect.any(String)];
    expect(await outcome(await sign({ ...genuine, exp: seconds - 301 }))).toEqual(refused);
    expect(await outcome(await sign({ ...genuine, nbf: seconds + 301 }))).toEqual(refused);
  });

  it('that is signed with another key, or with none, is refused', async () => {
    const refused = [401, 'token-refused', expect.any(String)];
    expect(await outcome(await sign(genuine, {}, foreignKey))).toEqual(refused);
    expect(await outcome(await sign(genuine, { kid: 'elsewhere' }))).toEqual(refused);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    expect(await outcome(`${part({ alg: 'none', kid: 'k1' })}.${part(genuine)}.`)).toEqual(refused);
    expect(await outcome(`${part({ alg: 'none', kid: 'k1' })}.${part(genuine)}.AA`)).toEqual(refused);
  });

  it('that is signed by HS256 with the public key is refused before any key is looked for', async () => {
    asked = [];
    const spki = Buffer.from(await crypto.subtle.exportKey('spki', publicKey));
    const token = await new SignJWT(genuine).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).sign(spki);
    expect(await outcome(token)).toEqual([401, 'token-refused', expect.stringMatching(/algorithm/)]);
    expect(asked).toEqual([]);
  });

  it('that was changed after signing is refused', async () => {
    const [header = '', , signature = ''] = (await sign(genuine)).split('.');
    const changed = Buffer.from(JSON.stringify({ ...genuine, oid: CLIENT })).toString('base64url');
    expect(await outcome(`${header}.${changed}.${signature}`)).toEqual([
      401,
      'token-refused',
      expect.stringMatching(/signature/),
    ]);
  });

  it.each([['', 'x', 'a.b.c', `${'a'.repeat(20_000)}.b.c`, '../../etc/passwd']])(
    'that is none is refused: %s',
    async (token) => {
      expect(await outcome(token)).toEqual([401, 'token-refused', expect.any(String)]);
    },
  );

  it('is refused while the keys cannot be read', async () => {
    expect(await outcome(await sign(genuine, { kid: 'down' }))).toEqual([
      503,
      'keys-unavailable',
      expect.any(String),
    ]);
  });

  it('is never repeated in the refusal', async () => {
    const token = await sign({ ...genuine, aud: 'a-canary' });
    const text = JSON.stringify(await tokens.callerOf(token));
    expect(text).not.toContain('a-canary');
    expect(text).not.toContain(token);
  });
});
