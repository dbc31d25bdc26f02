import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  DECISION_AUDIENCE,
  DECISION_TYPE,
  readDecisionToken,
} from '../../../src/app/service-bus/decision-token.js';
import { type DecisionSenders, decisionSendersSchema } from '../../../src/app/service-bus/senders.js';

const NOW = Date.parse('2026-03-10T08:12:00Z');
const seconds = NOW / 1000;
let senders: DecisionSenders;
let soar: CryptoKey;
let ticketing: CryptoKey;
let rsa: CryptoKey;

beforeAll(async () => {
  const pairs = await Promise.all([
    generateKeyPair('ES256'),
    generateKeyPair('Ed25519'),
    generateKeyPair('PS256'),
  ]);
  [soar, ticketing, rsa] = pairs.map((pair) => pair.privateKey) as [CryptoKey, CryptoKey, CryptoKey];
  const [ec, okp, rs] = await Promise.all(pairs.map((pair) => exportJWK(pair.publicKey)));
  senders = decisionSendersSchema.parse([
    {
      id: 'soar',
      name: 'SOAR',
      keys: [
        { ...ec, kid: 's1' },
        { ...rs, kid: 's2', alg: 'PS256' },
      ],
    },
    { id: 'ticketing', name: 'Ticketing', keys: [{ ...okp, kid: 't1' }] },
  ]);
});

const genuine: JWTPayload = {
  iss: 'soar',
  aud: DECISION_AUDIENCE,
  iat: seconds,
  exp: seconds + 600,
  jti: 'a-1',
  requestId: `incident-${'0'.repeat(40)}.1.analysts`,
  kind: 'approve',
  revision: 1,
  planHash: 'f'.repeat(64),
  steps: ['isolate'],
};
const sign = (payload: JWTPayload, header: object = {}, key = soar) =>
  new SignJWT(payload)
    .setProtectedHeader({ alg: 'ES256', kid: 's1', typ: DECISION_TYPE, ...header })
    .sign(key);
const read = async (body: unknown) => {
  const token = await readDecisionToken(body, senders, NOW);
  return token.ok ? [token.sender.id, token.claims.kind] : token.code;
};

describe('a decision that a program signed', () => {
  it('is read with any key of its sender', async () => {
    expect(await read(await sign(genuine))).toEqual(['soar', 'approve']);
    expect(await read(await sign(genuine, { alg: 'PS256', kid: 's2' }, rsa))).toEqual(['soar', 'approve']);
    const other = { ...genuine, iss: 'ticketing' };
    expect(await read(await sign(other, { alg: 'Ed25519', kid: 't1' }, ticketing))).toEqual([
      'ticketing',
      'approve',
    ]);
  });

  it('has an id that follows from sender and jti, so that a repetition is the same decision', async () => {
    const ids = await Promise.all(
      [genuine, { ...genuine, exp: seconds + 601 }, { ...genuine, jti: 'a-2' }].map(async (payload) => {
        const token = await readDecisionToken(await sign(payload), senders, NOW);
        return token.ok ? token.id : '';
      }),
    );
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).not.toBe(ids[2]);
  });

  it.each<[string, JWTPayload, string]>([
    ['of an unknown sender', { ...genuine, iss: 'somebody' }, 'unknown-sender'],
    ['in the name of another sender', { ...genuine, iss: 'ticketing' }, 'unknown-key'],
    ['for another service', { ...genuine, aud: 'elsewhere' }, 'audience'],
    ['that has expired', { ...genuine, exp: seconds - 301 }, 'expired'],
    ['from the future', { ...genuine, iat: seconds + 301, exp: seconds + 600 }, 'not-yet-valid'],
    ['that is valid for days', { ...genuine, exp: seconds + 86_400 }, 'lifetime'],
    ['without an id', { ...genuine, jti: undefined } as unknown as JWTPayload, 'claim-missing'],
    ['of another kind', { ...genuine, kind: 'wipe' }, 'bad-decision'],
    ['without a revision', { ...genuine, revision: undefined }, 'bad-decision'],
  ])('%s is refused', async (_what, payload, code) => {
    expect(await read(await sign(payload))).toBe(code);
  });

  it.each<[string, object, string]>([
    ['another type', { typ: 'JWT' }, 'type'],
    ['no type', { typ: undefined }, 'type'],
    ['an unknown key', { kid: '../../keys' }, 'unknown-key'],
    ['a critical extension', { crit: ['exp'], exp: 1 }, 'malformed-token'],
  ])('with %s in its header is refused', async (_what, header, code) => {
    const body = await sign(genuine, header).catch(() => 'not.a.token');
    expect(await read(body)).toBe(code);
  });

  it('with another algorithm, another key, or a changed text is refused', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    expect(await read(await sign(genuine, {}, privateKey))).toBe('signature');
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const none = part({ alg: 'none', kid: 's1', typ: DECISION_TYPE });
    expect(await read(`${none}.${part(genuine)}.`)).toMatch(/^(algorithm|malformed-token)$/);
    const secret = new TextEncoder().encode(JSON.stringify(senders[0]?.keys[0]));
    const hmac = await new SignJWT(genuine)
      .setProtectedHeader({ alg: 'HS256', kid: 's1', typ: DECISION_TYPE })
      .sign(secret);
    expect(await read(hmac)).toMatch(/^(algorithm|malformed-token)$/);
    const [header = '', , signature = ''] = (await sign(genuine)).split('.');
    const changed = part({ ...genuine, steps: ['isolate', 'wipe'] });
    expect(await read(`${header}.${changed}.${signature}`)).toBe('signature');
  });

  it.each([
    ['text', 'hello'],
    ['JSON', { kind: 'approve' }],
    ['nothing', undefined],
    ['a number', 1],
    ['a flood', 'x'.repeat(70_000)],
  ])('that is no token is refused: %s', async (_what, body) => {
    expect(await read(body)).toMatch(/^(no-token|malformed-token)$/);
  });
});

describe('the setting of senders', () => {
  const key = { kty: 'EC', crv: 'P-256', kid: 'k', x: 'x', y: 'y' };
  it.each([
    ['a private key', [{ id: 'a', name: 'A', keys: [{ ...key, d: 'secret' }] }]],
    ['a shared secret', [{ id: 'a', name: 'A', keys: [{ kty: 'oct', kid: 'k', k: 'c2VjcmV0' }] }]],
    ['a short RSA key', [{ id: 'a', name: 'A', keys: [{ kty: 'RSA', kid: 'k', n: 'AQAB', e: 'AQAB' }] }]],
    ['a sender twice', [1, 2].map(() => ({ id: 'a', name: 'A', keys: [key] }))],
    ['no keys', [{ id: 'a', name: 'A', keys: [] }]],
  ])('is refused with %s', (_what, value) => {
    expect(decisionSendersSchema.safeParse(value).success).toBe(false);
  });
});
