import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Request, Responder } from './responder.js';

let responder: Responder;
let request: Request;
let cookie = '';

beforeAll(async () => {
  responder = await Responder.start({
    change: (tenant) => {
      for (const { properties } of tenant.incidents) {
        properties.title = `</h1><script>alert(1)</script><img src=x onerror=alert(2)> "ransom" 'note'`;
      }
    },
  });
  request = await responder.asked(await responder.deliver());
});
afterAll(() => responder.stop());

const page = (path: string, init: RequestInit = {}) =>
  responder.fetch(`/api/approvals${path}`, { ...init, headers: { cookie, ...init.headers } });
const form = (fields: Readonly<Record<string, string>>, headers: Record<string, string> = {}) => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  body: new URLSearchParams(fields).toString(),
});
const hidden = (answer: Answer, name: string) =>
  new RegExp(`name="${name}" value="([^"]*)"`).exec(answer.text)?.[1] ?? '';
const requestPath = () => `/page/${request.instanceId}`;

describe('without a sign-in', () => {
  it.each([
    ['GET', '/api/approvals'],
    ['GET', '/api/incidents'],
    ['GET', '/api/approvals/page'],
    ['POST', `/api/approvals/incident-${'0'.repeat(40)}/decisions`],
  ])('%s %s is refused', async (method, path) => {
    expect((await responder.fetch(path, { method })).status).toBe(401);
  });

  it('a made-up token and session are refused', async () => {
    const authorization = `Bearer ${'0'.repeat(64)}`;
    expect((await responder.fetch('/api/approvals', { headers: { authorization } })).status).toBe(401);
    const made = `responder-session=${Date.parse('2030-01-01')}.00.${'0'.repeat(64)}`;
    expect((await responder.fetch('/api/approvals', { headers: { cookie: made } })).status).toBe(401);
    expect((await page('/sign-in?token=wrong')).status).toBe(401);
  });
});

it('signs in with the printed link, once, by a button and not by opening the link', async () => {
  const link = `/sign-in?token=${responder.linkToken}`;
  for (const _again of [1, 2]) {
    const offered = await page(link);
    expect([offered.status, hidden(offered, 'token')]).toEqual([200, responder.linkToken]);
  }
  const foreign = form({ token: responder.linkToken }, { origin: 'https://fabrikam.com' });
  expect((await page('/sign-in', foreign)).status).toBe(403);

  const signedIn = await page('/sign-in', form({ token: responder.linkToken }));
  expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, '/api/approvals/page']);
  const set = signedIn.headers.get('set-cookie') ?? '';
  expect(set.toLowerCase()).toMatch(/httponly/);
  expect(set.toLowerCase()).toMatch(/samesite=strict/);
  cookie = set.split(';')[0] ?? '';
  expect((await page('/sign-in', form({ token: responder.linkToken }))).status).toBe(401);
});

it('shows the queue and the request, with nothing of the incident as markup', async () => {
  const queue = await page('/page');
  expect(queue.status).toBe(200);
  expect(queue.text).toContain('1 request waits');
  const shown = await page(requestPath());
  for (const { text, headers } of [queue, shown]) {
    expect(text).not.toMatch(/<script|<img|onerror=alert\(2\)>/);
    expect(text).toContain('&lt;script&gt;');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(headers.get('cache-control')).toBe('no-store');
  }
  for (const step of request.plan.steps) expect(shown.text).toContain(`value="${step.id}"`);
  expect(shown.text).toContain('Could not be found out');
  expect(shown.text).not.toContain('http-equiv="refresh"');
});

it('is not here for a page under another name', async () => {
  const { port } = new URL(responder.host.url);
  // fetch would not send another Host header.
  const { request: send } = await import('node:http');
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const headers = { host: 'rebound.fabrikam.com', cookie };
    send({ host: '127.0.0.1', port, path: '/api/approvals/page', headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end();
  });
  expect(status).toBe(501);
});

describe('a decision on the page', () => {
  const fields = async () => {
    const shown = await page(requestPath());
    return { form: hidden(shown, 'form'), planHash: hidden(shown, 'planHash') };
  };
  const decide = (more: Readonly<Record<string, string>>, headers?: Record<string, string>) =>
    page(`${requestPath()}/decide`, form(more, headers));

  it('is refused without the form, from another site, and by GET', async () => {
    const given = { ...(await fields()), kind: 'reject' };
    expect((await decide({ ...given, form: '0'.repeat(64) })).status).toBe(403);
    expect((await decide(given, { origin: 'https://fabrikam.com' })).status).toBe(403);
    expect((await decide(given, { origin: 'null' })).status).toBe(403);
    expect((await decide(given, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await page(`${requestPath()}/decide?kind=reject`)).status).toBe(404);
    expect((await responder.caseFile(request.instanceId))?.approval?.state).toBe('waiting');
  });

  it('that selects nothing says so on the page', async () => {
    const answer = await decide({ ...(await fields()), kind: 'approve' });
    expect(answer.status).toBe(409);
    expect(answer.text).toContain('Select at least one');
  });

  it('counts, and the page then follows what is done', async () => {
    const [step = ''] = request.approval.stepIds;
    const origin = responder.host.url;
    const given = { ...(await fields()), kind: 'approve', step, reason: '  <i>seen</i>  ' };
    const answer = await decide(given, { origin });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `/api/approvals${requestPath()}`]);
    expect((await page(requestPath())).text).toContain('http-equiv="refresh"');
    const file = await responder.ended(request.instanceId);
    expect(file.decisions[0]?.decision).toMatchObject({ steps: [step], reason: '<i>seen</i>' });
    expect(file.decisions[0]?.decision.by.channel).toBe('web');
    const after = await page(requestPath());
    expect(after.text).toContain('&lt;i&gt;seen&lt;/i&gt;');
    expect(after.text).not.toContain('http-equiv="refresh"');
    expect(after.text).toContain('read back as Succeeded');
  });
});
