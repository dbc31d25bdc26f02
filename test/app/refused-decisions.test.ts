/** Decisions after the end of the incident, and submissions refused before evaluation: recorded only in the audit. */
import { afterEach, expect, it } from 'vitest';
import type { AuditEntry } from '../../src/app/http/approval-schemas.js';
import type { CaseFile } from '../../src/domain/case-file.js';
import { ANALYSTS, type Request, Responder, until } from './responder.js';

const MARKUP = '</li><script>alert(1)</script> [x](https://contoso.com)';

let responder: Responder;
afterEach(async () => {
  expect(responder.simulator.unknownCalls()).toEqual([]);
  expect(responder.effects()).toEqual([]);
  await responder.stop();
});

const refusals = async ({ approval }: Request): Promise<AuditEntry[]> => {
  const { json } = await responder.call('GET', `/api/approvals/${approval.id}/audit`);
  return (json.entries as AuditEntry[]).filter(({ event }) => event === 'refused' || event === 'omitted');
};
const kept = (request: Request, count: number) =>
  until(`${count} refusals`, async () => {
    const entries = await refusals(request);
    return entries.length >= count ? entries : undefined;
  });
const codeOf = async (...[request, decision]: Parameters<Responder['decide']>) =>
  (await responder.decide(request, decision)).json.code;
const statusIs = (instanceId: string, wanted: string) =>
  until(`the instance to be ${wanted}`, async () => {
    const { json } = await responder.call('GET', '/api/incidents');
    const all = json.incidents as { instanceId: string; runtimeStatus: string }[];
    return all.find((one) => one.instanceId === instanceId)?.runtimeStatus === wanted || undefined;
  });
/** The case file without refused decisions. */
const written = ({ refusedDecisions: _, ...file }: CaseFile) => file;
const caseFile = async (instanceId: string): Promise<CaseFile> => {
  const file = await responder.caseFile(instanceId);
  if (file === undefined) throw new Error('no case file');
  return file;
};

/** An incident whose request was rejected and whose instance has ended. */
async function over(): Promise<Request> {
  responder = await Responder.start();
  const request = await responder.asked(await responder.deliver());
  expect(await codeOf(request, { kind: 'reject', reason: 'A test of the backup team.' })).toBe('rejected');
  await responder.ended(request.instanceId);
  await statusIs(request.instanceId, 'Completed');
  return request;
}

it('records a decision after the end once, however often it is sent, and changes nothing else', async () => {
  const request = await over();
  const before = written(await caseFile(request.instanceId));
  const late = { by: 'Robin Keller', key: 'late', reason: MARKUP } as const;
  for (let i = 0; i < 3; i++) expect(await codeOf(request, late)).toBe('ended');
  expect(await codeOf(request, { by: 'Kim Larsen' })).toBe('ended');
  const entries = await kept(request, 2);
  expect(entries).toMatchObject([
    {
      by: { name: 'Robin Keller', channel: 'cli' },
      text: expect.stringContaining('no longer being handled'),
      refused: { kind: 'approve', code: 'ended', revision: 1, reason: MARKUP },
    },
    { by: { name: 'Kim Larsen' }, refused: { code: 'ended' } },
  ]);
  const after = await caseFile(request.instanceId);
  expect(written(after)).toEqual(before);
  expect(after.refusedDecisions?.kept).toHaveLength(2);
});

/** Signs in with the local link, as an analyst. */
async function signedIn(): Promise<{ readonly cookie: string }> {
  const answer = await post('/sign-in', { token: responder.linkToken, analyst: ANALYSTS[0].id });
  return { cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' };
}
const post = (path: string, fields: Readonly<Record<string, string>>, headers: object = {}) =>
  responder.fetch(path, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: responder.host.url,
      ...headers,
    },
    body: new URLSearchParams(fields).toString(),
  });

it('shows it on the page, with nothing of it as markup', async () => {
  const request = await over();
  await responder.decide(request, { reason: MARKUP });
  await kept(request, 1);
  const headers = await signedIn();
  const { text } = await responder.fetch(`/approvals/${request.approval.id}`, { headers });
  expect(text).toMatch(/decision to approve refused on submission(?:, revision \d)? \(ended\)/);
  expect(text).toContain('&lt;script&gt;');
  expect(text).not.toContain('<script');
});

it('keeps a form that was shown too long ago, and one that was made up', async () => {
  responder = await Responder.start();
  const request = await responder.asked(await responder.deliver());
  const headers = await signedIn();
  const path = `/approvals/${request.approval.id}`;
  const { text } = await responder.fetch(path, { headers });
  const hidden = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? '';
  const fields = {
    form: hidden('form'),
    revision: hidden('revision'),
    planHash: hidden('planHash'),
    kind: 'reject',
    reason: 'no',
  };
  expect((await post(path, { ...fields, form: `9999999999999.x.${'0'.repeat(64)}` }, headers)).status).toBe(
    403,
  );
  expect((await kept(request, 1))[0]?.refused).toMatchObject({ code: 'foreign-form', kind: 'reject' });
  await responder.ended(request.instanceId);
  expect((await post(path, fields, headers)).status).toBe(409);
  const entries = await kept(request, 2);
  expect(entries[1]).toMatchObject({
    by: { name: 'Local analyst', channel: 'web' },
    refused: { code: 'old-form', reason: 'no' },
  });
});

async function terminate(instanceId: string): Promise<void> {
  const { url, keys } = responder.host;
  const path = `/runtime/webhooks/durabletask/instances/${instanceId}/terminate`;
  const answer = await fetch(`${url}${path}?reason=x&code=${keys.system}`, { method: 'POST' });
  expect(answer.status).toBe(202);
  await statusIs(instanceId, 'Terminated');
}

it('keeps what an instance was terminated over, and says so at once', async () => {
  responder = await Responder.start({
    introspection: {
      onActivity: ({ name }) => (name === 'evaluateDecision' ? { kind: 'delay', ms: 60_000 } : undefined),
    },
  });
  const request = await responder.asked(await responder.deliver());
  const code = codeOf(request);
  await until(
    'the evaluation',
    async () =>
      responder.events.some(
        (event) => event.kind === 'invocation-started' && event.name === 'evaluateDecision',
      ) || undefined,
  );
  await terminate(request.instanceId);
  expect(await code).toBe('ended');
  expect(await kept(request, 1)).toMatchObject([{ refused: { code: 'ended' } }]);
});

it('records a decision to a terminated instance', async () => {
  responder = await Responder.start();
  const request = await responder.asked(await responder.deliver());
  await terminate(request.instanceId);
  expect(await codeOf(request)).toBe('ended');
  expect(await kept(request, 1)).toMatchObject([{ refused: { code: 'ended' } }]);
  expect((await caseFile(request.instanceId)).decisions).toEqual([]);
});

it('records a decision about a stale revision', async () => {
  responder = await Responder.start();
  const request = await responder.asked(await responder.deliver());
  expect(await codeOf(request, { etag: '"7-0000000000000000"' })).toBe('stale-revision');
  expect(await kept(request, 1)).toMatchObject([
    { by: { name: 'Local analyst' }, refused: { code: 'stale-revision', kind: 'approve' } },
  ]);
});

it('keeps so many of one person, counts the others, and leaves room for everybody else', async () => {
  const request = await over();
  const many = Array.from({ length: 25 }, (_, i) => codeOf(request, { key: `${i}` }));
  expect(new Set(await Promise.all(many))).toEqual(new Set(['ended']));
  await until('all of them', async () => {
    const { refusedDecisions } = await caseFile(request.instanceId);
    return refusedDecisions?.omitted?.count === 5 || undefined;
  });
  expect(await codeOf(request, { by: 'Robin Keller' })).toBe('ended');
  const entries = await kept(request, 22);
  expect(entries.filter(({ by }) => by?.name === 'Local analyst')).toHaveLength(20);
  expect(entries.filter(({ by }) => by?.name === 'Robin Keller')).toHaveLength(1);
  expect(entries.find(({ event }) => event === 'omitted')?.text).toMatch(/^5 more refused decisions/);
});

it('records nothing from unauthenticated callers, and creates no case file', async () => {
  const request = await over();
  const path = `/api/approvals/${request.approval.id}/decisions`;
  for (const headers of [{}, { authorization: `Bearer ${'0'.repeat(64)}` }]) {
    expect((await responder.fetch(path, { method: 'POST', headers, body: '{}' })).status).toBe(401);
  }
  const nowhere = `incident-${'0'.repeat(40)}`;
  const unknown = await responder.call('POST', `/api/approvals/${nowhere}.analysts/decisions`, {
    kind: 'approve',
    steps: [],
  });
  expect(unknown.status).toBe(404);
  await responder.host.idle();
  expect((await caseFile(request.instanceId)).refusedDecisions).toBeUndefined();
  expect(await responder.caseFile(nowhere)).toBeUndefined();
});
