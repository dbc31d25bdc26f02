/** Malformed forms from a signed-in person: each is answered and logged, and decides nothing. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ANALYSTS, type Request, Responder } from './responder.js';

let responder: Responder;
let request: Request;
let cookie = '';
let genuine: URLSearchParams;
const TYPE = 'application/x-www-form-urlencoded';

beforeAll(async () => {
  responder = await Responder.start();
  request = await responder.asked(await responder.deliver(), 'analysts');
  const body = new URLSearchParams({ token: responder.linkToken, analyst: ANALYSTS[0].id }).toString();
  const signedIn = await post('/sign-in', body);
  cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const { text } = await responder.fetch(`/approvals/${request.approval.id}`, { headers: { cookie } });
  const hidden = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? '';
  genuine = new URLSearchParams({
    form: hidden('form'),
    revision: hidden('revision'),
    planHash: hidden('planHash'),
    kind: 'reject',
    reason: 'as a test has it',
  });
  expect(genuine.get('form')).toMatch(/^\d+\./);
});
afterAll(() => responder.stop());

const post = (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  responder.fetch(path, {
    method: 'POST',
    headers: { 'content-type': TYPE, origin: responder.host.url, cookie, ...headers },
    body,
  });
const logged = () => responder.events.flatMap((event) => (event.kind === 'log' ? [event.message] : []));

async function expectRefused(
  body: string | Uint8Array<ArrayBuffer>,
  { path = `/approvals/${request.approval.id}`, headers = {} } = {},
): Promise<void> {
  const lines = logged().length;
  const what = `${path}: ${String(body).slice(0, 300)}`;
  const { status } = await post(path, body, headers);
  expect(status, what).toBeGreaterThanOrEqual(400);
  expect(status, what).toBeLessThan(500);
  const words = logged().slice(lines).join('\n');
  expect(words, what).toMatch(/\([a-z-]+\)|"code":/);
  expect(words, what).not.toMatch(/TypeError|RangeError|URIError|\n\s+at /);
  const { approval } = await responder.request(request.approval.id);
  expect([approval.state, approval.votes], what).toEqual(['waiting', []]);
}

const HOSTILE = [
  '',
  ' ',
  '%00',
  '%ED%A0%80',
  '%FF%FE',
  '%',
  '%zz',
  '__proto__',
  'constructor',
  '1e0',
  '0x1',
  '01',
  '+1',
  '1.0',
  'NaN',
  '-1',
  '9007199254740993',
  'x'.repeat(3_000),
  '%C5%BF',
  'null',
  '[]',
  '{}',
];
const fields = () => [...genuine].map(([name, value]) => [name, encodeURIComponent(value)] as const);
const written = (pairs: readonly (readonly [string, string])[]) =>
  pairs.map((pair) => pair.join('=')).join('&');

it('with any field changed, without one, or with another of its name', async () => {
  const names = fields()
    .map(([name]) => name)
    .filter((name) => name !== 'reason');
  let sent = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...names),
      fc.constantFrom('change', 'leave out', 'before', 'after'),
      fc.constantFrom(...HOSTILE),
      async (name, how, value) => {
        sent += 1;
        // The rate limit refuses more than sixty a minute.
        if (sent > 50) return;
        const pairs = fields().flatMap((pair) => {
          if (pair[0] !== name) return [pair];
          const other = [name, value] as const;
          if (how === 'change') return [other];
          if (how === 'leave out') return [];
          return how === 'before' ? [other, pair] : [pair, other];
        });
        await expectRefused(written(pairs));
      },
    ),
    { numRuns: 50, seed: 20_260_310 },
  );
});

it.each([
  ['no form', {}, '{"kind":"approve"}'],
  ['JSON', { 'content-type': 'application/json' }, '{"kind":"approve"}'],
  ['of another site', { origin: 'https://fabrikam.com' }, 'kind=approve'],
  ['too large', {}, `kind=approve&reason=${'x'.repeat(70_000)}`],
  ['with many fields', {}, 'a=1&'.repeat(10_000)],
  ['with many steps', {}, `kind=approve${'&step=x'.repeat(501)}`],
  ['of a prototype', {}, '__proto__=1&__proto__[kind]=approve&constructor=2'],
])('%s', async (_, headers, body) => {
  await expectRefused(body, { headers: headers as Record<string, string> });
});

it('that is no UTF-8', async () => {
  await expectRefused(Uint8Array.from([0x6b, 0x3d, 0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80]));
});

it.each([
  '__proto__',
  'constructor',
  '%00',
  '%ED%A0%80',
  '%E2%80%AE',
  'x'.repeat(2_000),
  `incident-${'0'.repeat(40)}`,
  `incident-${'0'.repeat(40)}.99999999999999999999.analysts`,
  `incident-${'0'.repeat(40)}.1.__proto__`,
  `incident-${'0'.repeat(40)}.1.analysts.undo.undo`,
])('an address such as %s is unknown, for GET and POST', async (id) => {
  for (const path of [`/approvals/${id}`, `/approvals/${id}?decision=%00&follow=%ED%A0%80`]) {
    const { status } = await responder.fetch(path, { headers: { cookie } });
    expect([400, 404], path).toContain(status);
    expect([400, 403, 404, 429], path).toContain((await post(path, genuine.toString())).status);
  }
  for (const path of [`/api/approvals/${id}`, `/api/approvals/${id}/audit`, `/api/incidents/${id}`])
    expect([400, 404], path).toContain((await responder.call('GET', path)).status);
});

it('the genuine form is taken: what was refused was refused for what was changed', async () => {
  const other = await responder.fetch('/sign-in/analyst', {
    method: 'POST',
    headers: { 'content-type': TYPE, origin: responder.host.url, cookie },
    body: new URLSearchParams({ analyst: ANALYSTS[1].id }).toString(),
  });
  cookie = other.headers.get('set-cookie')?.split(';')[0] ?? '';
  const { text } = await responder.fetch(`/approvals/${request.approval.id}`, { headers: { cookie } });
  genuine.set('form', /name="form" value="([^"]*)"/.exec(text)?.[1] ?? '');
  expect((await post(`/approvals/${request.approval.id}`, genuine.toString())).status).toBeLessThan(400);
});
