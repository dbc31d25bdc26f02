import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ANALYSTS, type Answer, type Request, Responder } from './responder.js';

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
  request = await responder.asked(await responder.deliver(), 'analysts');
  const signedIn = await page('/sign-in', form({ token: responder.linkToken, analyst: ANALYSTS[0].id }));
  cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
});
afterAll(() => responder.stop());

const page = (path: string, init: RequestInit = {}) =>
  responder.fetch(path, { ...init, headers: { cookie, ...init.headers } });
/** A form as a browser sends it from a page of this origin. */
const form = (fields: Readonly<Record<string, string>>, headers: Record<string, string> = {}) => ({
  method: 'POST',
  headers: {
    'content-type': 'application/x-www-form-urlencoded',
    origin: responder.host.url,
    ...headers,
  },
  body: new URLSearchParams(fields).toString(),
});
const hidden = (answer: Answer, name: string) =>
  new RegExp(`name="${name}" value="([^"]*)"`).exec(answer.text)?.[1] ?? '';
const requestPath = () => `/approvals/${request.approval.id}`;

describe('without a sign-in', () => {
  it.each([
    ['GET', '/api/approvals'],
    ['GET', '/api/incidents'],
    ['GET', '/approvals'],
    ['GET', `/approvals/incident-${'0'.repeat(40)}.1.analysts`],
    ['POST', `/approvals/incident-${'0'.repeat(40)}.1.analysts`],
    ['POST', `/api/approvals/incident-${'0'.repeat(40)}.1.analysts/decisions`],
    ['POST', `/api/approvals/incident-${'0'.repeat(40)}.1.analysts/extend`],
    ['GET', `/api/approvals/incident-${'0'.repeat(40)}.1.analysts/audit`],
  ])('%s %s is refused', async (method, path) => {
    expect((await responder.fetch(path, { method })).status).toBe(401);
  });

  it('a made-up token and session are refused', async () => {
    for (const token of ['0'.repeat(64), `${ANALYSTS[0].id}.${'0'.repeat(64)}`, 'a.b.c']) {
      const headers = { authorization: `Bearer ${token}` };
      expect((await responder.fetch('/api/approvals', { headers })).status).toBe(401);
    }
    const made = `responder-session=${Date.parse('2030-01-01')}.${ANALYSTS[0].id}.00.${'0'.repeat(64)}`;
    expect((await responder.fetch('/api/approvals', { headers: { cookie: made } })).status).toBe(401);
    expect((await responder.fetch('/sign-in?token=wrong', {})).status).toBe(401);
  });

  it("the platform's headers prove nothing where there is no platform", async () => {
    const principal = {
      auth_typ: 'aad',
      claims: [
        { typ: 'oid', val: ANALYSTS[0].id },
        { typ: 'tid', val: '00000000-0000-4000-8000-0000000000ac' },
      ],
    };
    const headers = {
      'x-ms-client-principal': Buffer.from(JSON.stringify(principal)).toString('base64'),
      'x-ms-client-principal-id': ANALYSTS[0].id,
    };
    expect((await responder.fetch('/approvals', { headers })).status).toBe(401);
    expect((await responder.fetch('/api/approvals', { headers })).status).toBe(401);
  });
});

it('signs in with the printed link, once, by a button and not by opening the link', async () => {
  const token = responder.linkOf(1);
  /** Without a session. */
  const visit = (path: string, init: RequestInit = {}) => responder.fetch(path, init);
  const link = `/sign-in?token=${token}`;
  for (const _again of [1, 2]) {
    const offered = await visit(link);
    expect([offered.status, hidden(offered, 'token')]).toEqual([200, token]);
  }
  const fields = { token, analyst: ANALYSTS[0].id };
  expect((await visit('/sign-in', form(fields, { origin: 'https://fabrikam.com' }))).status).toBe(403);
  expect((await visit('/sign-in', form({ ...fields, analyst: 'somebody' }))).status).toBe(401);

  const signedIn = await visit('/sign-in', form(fields));
  expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, '/approvals']);
  const set = signedIn.headers.get('set-cookie') ?? '';
  expect(set.toLowerCase()).toMatch(/httponly/);
  expect(set.toLowerCase()).toMatch(/samesite=strict/);
  const headers = { cookie: set.split(';')[0] ?? '' };
  expect((await visit('/approvals', { headers })).status).toBe(200);
  expect((await visit('/sign-in', form(fields))).status).toBe(401);
});

it('shows the queue, the request and the case, with nothing of the incident as markup', async () => {
  const queue = await page('/approvals');
  expect(queue.status).toBe(200);
  expect(queue.text).toMatch(/\d pending requests?/);
  const shown = await page(requestPath());
  const whole = await page(`/approvals/${request.instanceId}`);
  for (const { text, headers } of [queue, shown, whole]) {
    expect(text).not.toMatch(/<script|<img|onerror=alert\(2\)>/);
    expect(text).toContain('&lt;script&gt;');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-frame-options')).toBe('DENY');
  }
  for (const step of request.approval.stepIds) expect(shown.text).toContain(`value="${step}"`);
  for (const part of ['Supporting evidence', 'Could not be determined', 'Evidence', 'Timeline', 'Audit']) {
    expect(shown.text).toContain(part);
  }
  const follows = await page(`${requestPath()}?follow=1`);
  expect(follows.headers.get('refresh'), 'a form keeps what is typed').toBeNull();
  expect((await page('/approvals?follow=1')).headers.get('refresh')).toBe('10');
});

it('knows no page of another address', async () => {
  for (const path of ['/nothing', `/incident-${'0'.repeat(40)}`, `/${request.instanceId}.1.nobody`]) {
    expect((await page(`/approvals${path}`)).status).toBe(404);
  }
});

it('is not here for a page under another name', async () => {
  const { port } = new URL(responder.host.url);
  // fetch would not send another Host header.
  const { request: send } = await import('node:http');
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const headers = { host: 'rebound.fabrikam.com', cookie };
    send({ host: '127.0.0.1', port, path: '/approvals', headers }, (answer) => {
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
    return {
      form: hidden(shown, 'form'),
      revision: hidden(shown, 'revision'),
      planHash: hidden(shown, 'planHash'),
    };
  };
  const decide = (more: Readonly<Record<string, string>>, headers?: Record<string, string>) =>
    page(requestPath(), form(more, headers));

  it('is refused without the form, for another revision, from another site, and by GET', async () => {
    const given = { ...(await fields()), kind: 'reject', reason: 'no' };
    expect((await decide({ ...given, form: '0'.repeat(64) })).status).toBe(403);
    expect((await decide({ ...given, revision: '2' })).status).toBe(403);
    expect((await decide({ ...given, planHash: 'f'.repeat(64) })).status).toBe(403);
    expect((await decide(given, { origin: 'https://fabrikam.com' })).status).toBe(403);
    expect((await decide(given, { origin: 'null' })).status).toBe(403);
    expect((await decide(given, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await decide(given, { 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect((await decide(given, { 'sec-fetch-site': 'none' })).status).toBe(403);
    expect((await page(requestPath(), { ...form(given), method: 'PUT' })).status).toBe(404);
    expect((await page(`${requestPath()}?kind=reject`)).status).toBe(200);
    expect((await responder.request(request.approval.id)).approval.state).toBe('waiting');
  });

  it("is refused with another analyst's form", async () => {
    const given = { ...(await fields()), kind: 'reject', reason: 'no' };
    const changed = await page('/sign-in/analyst', form({ analyst: ANALYSTS[1].id }));
    const other = changed.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect(changed.status).toBe(303);
    const answer = await page(requestPath(), form(given, { cookie: other }));
    expect(answer.status).toBe(403);
  });

  it('that selects nothing, or rejects without a reason, says so and keeps what was typed', async () => {
    const nothing = await decide({ ...(await fields()), kind: 'approve', reason: 'my note' });
    expect(nothing.status).toBe(422);
    expect(nothing.text).toMatch(/role="alert"/);
    expect(nothing.text).toContain('my note');
    const without = await decide({ ...(await fields()), kind: 'reject', reason: ' ' });
    expect(without.status).toBe(422);
    expect(without.text).toMatch(/<details open>/);
  });

  it('by somebody who is no approver is refused with the true state', async () => {
    const changed = await page('/sign-in/analyst', form({ analyst: ANALYSTS[3].id }));
    const other = { cookie: changed.headers.get('set-cookie')?.split(';')[0] ?? '' };
    const shown = await page(requestPath(), { headers: other });
    const given = { form: hidden(shown, 'form'), revision: '1', planHash: request.approval.planHash };
    const [step = ''] = request.approval.stepIds;
    const answer = await page(requestPath(), form({ ...given, kind: 'approve', step }, other));
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('not an approver');
  });

  it('counts once, however often the form is sent, and the page then follows what is done', async () => {
    const [step = ''] = request.approval.stepIds;
    const given = { ...(await fields()), kind: 'approve', step, reason: '  <i>seen</i>  ' };
    const [answer, again] = [await decide(given), await decide(given)];
    expect([answer.status, again.status]).toEqual([303, 303]);
    expect(again.headers.get('location')).toBe(answer.headers.get('location'));
    const followed = await page(answer.headers.get('location') ?? '');
    expect(followed.headers.get('refresh')).toMatch(/^\d$/);
    expect(followed.text).toContain('Stop auto-refresh');
    expect(followed.text).toContain('Decision accepted.');
    const file = await responder.ended(request.instanceId);
    const mine = file.decisions.filter(({ outcome }) => outcome.accepted);
    expect(mine).toHaveLength(1);
    expect(mine[0]?.decision).toMatchObject({ steps: [step], reason: '<i>seen</i>', by: { channel: 'web' } });
    const after = await page(requestPath());
    expect(after.text).toContain('&lt;i&gt;seen&lt;/i&gt;');
    expect(after.headers.get('refresh')).toBeNull();
    expect(after.text).toContain('read back as Succeeded');
  });
});
