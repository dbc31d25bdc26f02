import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { SignJWT } from 'jose';
import type { TokenChange } from 'tenant-simulator';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ClaimedActivity, TokenVerifier } from '../../../src/connectors/teams/index.js';
import { BOT, type RunningTeams, startTeams, TENANT } from './contoso.js';

const SERVICE_URL = 'https://smba.trafficmanager.net/teams/';
const activity: ClaimedActivity = { channelId: 'msteams', serviceUrl: SERVICE_URL };
const METADATA = 'login.botframework.com';

let running: RunningTeams;
let verifier: TokenVerifier;
let fetchedBefore = 0;
beforeAll(async () => {
  running = await startTeams();
});
beforeEach(() => {
  ({ verifier } = running.fresh());
  fetchedBefore = metadataCalls();
});
afterAll(() => running.simulator.stop());

const outcome = async (authorization: string | undefined, about: Partial<ClaimedActivity> = {}) => {
  const result = await verifier.verify(authorization, { ...activity, ...about });
  return result.ok ? 'accepted' : result.code;
};
const codeFor = (change: TokenChange, about: Partial<ClaimedActivity> = {}) =>
  outcome(`Bearer ${running.simulator.teams.token(change)}`, about);
const metadataCalls = () => running.simulator.calls().filter(({ host }) => host === METADATA).length;
const fetches = () => metadataCalls() - fetchedBefore;
const seconds = () => Math.floor(running.clock.now() / 1000);

/** The published key, as an attacker can fetch it. */
async function published() {
  const response = await fetch(`${running.simulator.url}/v1/.well-known/keys`, {
    headers: { 'x-forwarded-host': METADATA },
  });
  const { keys } = (await response.json()) as { keys: { kid: string; n: string; e: string }[] };
  const key = keys[0];
  if (key === undefined) throw new Error('no key is published');
  return key;
}
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = () => ({
  aud: BOT,
  iss: 'https://api.botframework.com',
  nbf: seconds(),
  exp: seconds() + 3600,
  serviceurl: SERVICE_URL,
});

describe('a token of the Bot Connector', () => {
  it('is accepted', async () => {
    expect(await codeFor({})).toBe('accepted');
    expect(await outcome(`bearer ${running.simulator.teams.token()}`)).toBe('accepted');
  });

  it('is accepted for a region whose address it names', async () => {
    const serviceUrl = 'https://smba.trafficmanager.net/emea/';
    expect(await codeFor({ claims: { serviceurl: serviceUrl } }, { serviceUrl })).toBe('accepted');
  });

  it.each([
    [
      'of another address than the activity',
      { claims: { serviceurl: 'https://smba.trafficmanager.net/emea/' } },
      'service-url-differs',
    ],
    [
      'with the address in another case',
      { claims: { serviceurl: 'https://SMBA.trafficmanager.net/teams/' } },
      'service-url-differs',
    ],
    [
      'without the slash at the end of the address',
      { claims: { serviceurl: 'https://smba.trafficmanager.net/teams' } },
      'service-url-differs',
    ],
    ['without an address', { claims: { serviceurl: undefined } }, 'claim-missing'],
    [
      'with the claim in camel case',
      { claims: { serviceurl: undefined, serviceUrl: SERVICE_URL } },
      'claim-missing',
    ],
    ['signed by a key that may only speak for web chat', { key: 'other' }, 'not-endorsed'],
    ['for another bot', { claims: { aud: '00000000-0000-4000-8000-00000000dead' } }, 'audience'],
    ['for several', { claims: { aud: [BOT, 'https://api.botframework.com'] } }, 'audience'],
    ['for the bot as an API', { claims: { aud: `api://${BOT}` } }, 'audience'],
    [
      'of an app of the own tenant',
      { claims: { iss: `https://login.microsoftonline.com/${TENANT}/v2.0`, tid: TENANT } },
      'issuer',
    ],
    [
      'of an app of the own tenant, old form',
      { claims: { iss: `https://sts.windows.net/${TENANT}/` } },
      'issuer',
    ],
    [
      'of an app of another tenant',
      { claims: { iss: 'https://login.microsoftonline.com/00000000-0000-4000-8000-00000000ffff/v2.0' } },
      'issuer',
    ],
    ['of the emulator', { claims: { iss: 'https://api.botframework.com/' } }, 'issuer'],
    ['without an issuer', { claims: { iss: undefined } }, 'claim-missing'],
    ['without an audience', { claims: { aud: undefined } }, 'claim-missing'],
    ['without an end', { claims: { exp: undefined } }, 'claim-missing'],
    ['without a beginning', { claims: { nbf: undefined } }, 'claim-missing'],
    ['that never ends', { claims: { exp: 'never' } }, 'expired'],
  ] satisfies [string, TokenChange, string][])('is refused %s', async (_, change, code) => {
    expect(await codeFor(change)).toBe(code);
  });

  it.each([
    ['299 s after its end', { exp: -299 }, 'accepted'],
    ['301 s after its end', { exp: -301 }, 'expired'],
    ['an hour after its end', { exp: -3600 }, 'expired'],
    ['299 s before its beginning', { nbf: 299 }, 'accepted'],
    ['301 s before its beginning', { nbf: 301 }, 'not-yet-valid'],
    ['a day before its beginning', { nbf: 86_400, exp: 90_000 }, 'not-yet-valid'],
  ])('%s: %o is %s', async (_, offsets, expected) => {
    const changed = Object.fromEntries(
      Object.entries(offsets).map(([name, offset]) => [name, seconds() + offset]),
    );
    expect(await codeFor({ claims: changed })).toBe(expected);
  });
});

describe('a forged token', () => {
  it.each(['none', 'None', 'NONE', 'nOnE'])('with alg %s is refused', async (alg) => {
    const { kid } = await published();
    expect(await outcome(`Bearer ${part({ alg, kid, typ: 'JWT' })}.${part(claims())}.`)).toBe('algorithm');
  });

  it.each(['raw', 'pem', 'jwk'])(
    'with HS256 and the public key (%s) as its secret is refused',
    async (form) => {
      const { kid, n, e } = await published();
      const pem = createPublicKey({ key: { kty: 'RSA', n, e }, format: 'jwk' }).export({
        type: 'spki',
        format: 'pem',
      });
      const secret =
        { raw: Buffer.from(n, 'base64url'), pem: String(pem), jwk: JSON.stringify({ n, e }) }[form] ?? '';
      const input = `${part({ alg: 'HS256', kid, typ: 'JWT' })}.${part(claims())}`;
      const mac = createHmac('sha256', secret).update(input).digest('base64url');
      expect(await outcome(`Bearer ${input}.${mac}`)).toBe('algorithm');
    },
  );

  it('under the id of a genuine key is refused', async () => {
    const { kid } = await published();
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = publicKey.export({ format: 'jwk' });
    for (const header of [
      {},
      { jwk },
      { jku: 'https://contoso.com/keys' },
      { x5u: 'https://contoso.com/x5u' },
    ]) {
      const input = `${part({ alg: 'RS256', kid, ...header })}.${part(claims())}`;
      const signature = sign('RSA-SHA256', Buffer.from(input), privateKey).toString('base64url');
      expect(await outcome(`Bearer ${input}.${signature}`)).toBe('signature');
    }
  });

  it('that was tampered with is refused', async () => {
    const [header = '', , signature = ''] = running.simulator.teams.token().split('.');
    const changed = part({ ...claims(), serviceurl: SERVICE_URL, exp: seconds() + 999_999 });
    expect(await outcome(`Bearer ${header}.${changed}.${signature}`)).toBe('signature');
    const genuine = running.simulator.teams.token();
    expect(await outcome(`Bearer ${genuine.slice(0, -6)}AAAAAA`)).toBe('signature');
  });

  it.each(['ES256', 'PS256', 'RS512', 'RS1', '', undefined])('with alg %s is refused', async (alg) => {
    const { kid } = await published();
    const answer = await outcome(`Bearer ${part({ alg, kid })}.${part(claims())}.AAAA`);
    expect(['algorithm', 'malformed-token']).toContain(answer);
  });

  it.each([
    ['nothing', undefined],
    ['an empty text', ''],
    ['no token', 'Bearer'],
    ['an empty token', 'Bearer '],
    ['null', 'Bearer null'],
    ['letters', 'Bearer a.b.c'],
    ['dots', 'Bearer ....'],
    ['a very long token', `Bearer ${'a'.repeat(9000)}.b.c`],
    ['a password', 'Basic YTpi'],
  ])('%s is refused without asking for keys', async (_, authorization) => {
    expect(['no-token', 'malformed-token']).toContain(await outcome(authorization));
    expect(fetches()).toBe(0);
  });

  it('with a critical extension is refused', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const { kid } = await published();
    const token = await new SignJWT(claims())
      .setProtectedHeader({ alg: 'RS256', kid, crit: ['b64'], b64: true })
      .sign(privateKey);
    expect(['signature', 'malformed-token']).toContain(await outcome(`Bearer ${token}`));
  });
});

describe('the address of the service', () => {
  it.each([
    'https://smba.trafficmanager.net.contoso.com/teams/',
    'https://smba-trafficmanager.net/teams/',
    'https://smba.trafficmanager.net@contoso.com/teams/',
    'https://contoso.com/smba.trafficmanager.net/',
    'https://contoso.com\\@smba.trafficmanager.net/teams/',
    'https://smba.trafficmanager.net:444/teams/',
    'http://smba.trafficmanager.net/teams/',
    'https://evilteams.microsoft.com/',
    'https://teams.microsoft.com.contoso.com/',
    'https://xteams.microsoft.us/',
    'https://smba.infra.gov.teams.microsoft.us/teams',
    'https://127.0.0.1/',
    'https://smba.trafficmanager.net/teams/../../evil',
    'https://smba.trafficmanager.net/teams/?x=https://contoso.com',
    ' https://smba.trafficmanager.net/teams/',
    'https://smba.trafficmanager.net\t/teams/',
    '',
  ])('%s is refused even when the token names it', async (serviceUrl) => {
    expect(await codeFor({ claims: { serviceurl: serviceUrl } }, { serviceUrl })).toBe('service-url');
    expect(fetches()).toBe(0);
  });
});

describe('the keys', () => {
  it('are fetched once for many tokens at a time', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => codeFor({})));
    expect(new Set(all)).toEqual(new Set(['accepted']));
    expect(fetches()).toBe(2);
  });

  it('are not fetched again for a flood of unknown ids', async () => {
    expect(await codeFor({})).toBe('accepted');
    for (let i = 0; i < 200; i += 1) {
      const token = `${part({ alg: 'RS256', kid: `unknown-${i}` })}.${part(claims())}.AAAA`;
      expect(await outcome(`Bearer ${token}`)).toBe('unknown-key');
    }
    expect(fetches()).toBe(2);
    running.clock.advance(301);
    for (let i = 0; i < 50; i += 1) {
      await outcome(`Bearer ${part({ alg: 'RS256', kid: `more-${i}` })}.${part(claims())}.AAAA`);
    }
    expect(fetches()).toBe(4);
    expect(await codeFor({})).toBe('accepted');
  });

  it('are changed by their owner: the new one counts within five minutes, the old one no longer', async () => {
    expect(await codeFor({})).toBe('accepted');
    const old = `Bearer ${running.simulator.teams.token()}`;
    running.simulator.teams.rotateKeys();
    expect(await codeFor({})).toBe('unknown-key');
    running.clock.advance(301);
    expect(await codeFor({})).toBe('accepted');
    expect(await outcome(old)).toBe('unknown-key');
  });

  it.each([
    ['unreachable', { kind: 'reset', after: 'nothing' }],
    ['out of order', { kind: 'status', status: 503 }],
    ['replaced by a page', { kind: 'garbage' }],
    ['cut off', { kind: 'half' }],
  ] as const)(
    'cannot be had while the metadata is %s: every token is refused, then not',
    async (_, answer) => {
      running.simulator.addFault({ host: METADATA, path: /./, times: 1, answer });
      expect(await codeFor({})).toBe('keys-unavailable');
      for (let i = 0; i < 20; i += 1) expect(await codeFor({})).toBe('keys-unavailable');
      expect(fetches()).toBeLessThanOrEqual(2);
      running.clock.advance(6);
      expect(await codeFor({})).toBe('accepted');
    },
  );

  it('are good for a day without their owner, and no longer', async () => {
    expect(await codeFor({})).toBe('accepted');
    running.simulator.addFault({
      host: METADATA,
      path: /./,
      times: 1000,
      answer: { kind: 'status', status: 503 },
    });
    running.clock.advance(23 * 3600);
    expect(await codeFor({})).toBe('accepted');
    running.clock.advance(3601);
    expect(await codeFor({})).toBe('keys-unavailable');
  });
});
