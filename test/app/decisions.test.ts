import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Decision, type Request, Responder, until } from './responder.js';

let responder: Responder;
let request: Request;

beforeAll(async () => {
  responder = await Responder.start();
  request = await responder.asked(await responder.deliver());
});
afterAll(() => responder.stop());

const decide = async (decision: Decision) => {
  const { status, json } = await responder.decide(request, decision);
  return [status, json.code];
};
const path = () => `/api/approvals/${request.approval.id}`;
const post = (body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  responder.call('POST', `${path()}/decisions`, body, { headers });

// The order matters: each test leaves the request unchanged, until one decision is accepted.
it('needs to know which revision a decision is about', async () => {
  const answer = await post({ kind: 'approve', steps: request.approval.stepIds });
  expect([answer.status, answer.json.code]).toEqual([428, 'if-match-required']);
  expect(await decide({ etag: '"1-0000000000000000"' })).toEqual([412, 'stale-revision']);
  expect(await decide({ etag: '"2-0000000000000000", *' })).toEqual([412, 'stale-revision']);
  expect(await decide({ etag: '*' })).toEqual([412, 'stale-revision']);
});

it('refuses a step that is not in the request', async () => {
  const steps = [...request.approval.stepIds, 'wipe-device:host:1'];
  expect(await decide({ steps })).toEqual([422, 'unknown-action']);
});

it('refuses an approval of nothing, and a rejection without a reason', async () => {
  expect(await decide({ steps: [] })).toEqual([422, 'nothing-selected']);
  expect(await decide({ kind: 'reject' })).toEqual([422, 'reason-required']);
});

it('refuses somebody who is no approver', async () => {
  expect(await decide({ by: 'Noor Haddad' })).toEqual([403, 'not-an-approver']);
});

it('refuses to undo what was not done', async () => {
  expect(await decide({ kind: 'undo' })).toEqual([409, 'wrong-kind']);
});

it.each([
  ['no JSON', '{"kind": "approve"', 400, 'bad-decision'],
  ['another kind', '{"kind":"maybe","steps":[]}', 400, 'bad-decision'],
  ['steps that are not a list', '{"kind":"approve","steps":"all"}', 400, 'bad-decision'],
  ['an unknown field', '{"kind":"approve","steps":[],"by":"somebody else"}', 400, 'bad-decision'],
  ['a huge body', `{"kind":"${'x'.repeat(70_000)}"}`, 413, 'too-large'],
])('answers %s with a clear error', async (_what, body, status, code) => {
  const answer = await post(body, { 'if-match': request.etag });
  expect([answer.status, answer.json.code]).toEqual([status, code]);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(answer.json.next).toBeTypeOf('string');
});

it('answers another content type, and a wrong key, with a clear error', async () => {
  const text = await post('{}', { 'if-match': request.etag, 'content-type': 'text/plain' });
  expect([text.status, text.json.code]).toEqual([415, 'not-json']);
  expect(await decide({ key: 'two words' })).toEqual([400, 'bad-idempotency-key']);
});

it.each(['analysts', '', '%2e%2e', `incident-${'0'.repeat(40)}`, `incident-${'0'.repeat(40)}.1.analysts`])(
  'knows no request "%s"',
  async (id) => {
    for (const [method, tail] of [
      ['GET', ''],
      ['GET', '/audit'],
      ['POST', '/decisions'],
    ] as const) {
      if (id === '' && tail === '') continue;
      const body = method === 'POST' ? { kind: 'approve', steps: [] } : undefined;
      const answer = await responder.call(method, `/api/approvals/${id}${tail}`, body);
      expect(answer.status).toBe(404);
    }
  },
);

describe('a repetition', () => {
  it('with the same key gets the same answer, and changes nothing', async () => {
    expect(await decide({ kind: 'extend', key: 'more-0' })).toEqual([201, 'extended']);
    const before = await responder.caseFile(request.instanceId);
    expect(await decide({ kind: 'extend', key: 'more-0' })).toEqual([201, 'extended']);
    expect(await responder.caseFile(request.instanceId)).toEqual(before);
  });

  it('with the same key and another content is refused', async () => {
    expect(await decide({ kind: 'extend', key: 'more-0' })).toEqual([201, 'extended']);
    expect(await decide({ kind: 'extend', reason: 'something else', key: 'more-0' })).toEqual([
      422,
      'idempotency-key-reused',
    ]);
  });

  it("with somebody else's key is a decision of its own", async () => {
    expect(await decide({ kind: 'extend', key: 'more-0' })).toEqual([201, 'extended']);
    const other = { kind: 'undo', key: 'more-0', by: 'Robin Keller' } as const;
    expect(await decide(other)).toEqual([409, 'wrong-kind']);
  });
});

it('asks for more time, as often as policy allows', async () => {
  const times = request.approval.extension.times;
  for (let i = 0; i < times; i++)
    expect(await decide({ kind: 'extend', key: `more-${i}` })).toEqual([201, 'extended']);
  expect(await decide({ kind: 'extend', key: 'more' })).toEqual([409, 'no-more-time']);
  const now = await responder.request(request.approval.id);
  expect(now.approval.expiresAt > request.approval.expiresAt).toBe(true);
  expect(now.etag).toBe(request.etag);
});

it('lets one of many decisions at the same time win, and keeps all of them', async () => {
  const tries = Array.from({ length: 8 }, (_, i) =>
    responder.decide(request, { ...(i % 2 ? {} : { kind: 'reject', reason: 'planned' }), key: `try-${i}` }),
  );
  const answers = await Promise.all(tries);
  const accepted = answers.filter(({ status }) => status === 201);
  expect(accepted).toHaveLength(1);
  for (const { status, json } of answers.filter((answer) => !accepted.includes(answer))) {
    expect([status, json.code]).toEqual([
      expect.toSatisfy((value) => [409, 410].includes(value as number)),
      expect.stringMatching(/^(already-decided|ended)$/),
    ]);
  }
  const file = await until('the decisions', () => responder.caseFile(request.instanceId));
  const counted = file.decisions.filter(
    ({ decision, outcome }) => outcome.accepted && decision.kind !== 'extend',
  );
  expect(counted).toHaveLength(1);
  expect(new Set(file.decisions.map(({ decision }) => decision.id)).size).toBe(file.decisions.length);
});

it('shows in the audit who decided what, about which revision, and with which outcome', async () => {
  const { json } = await responder.call('GET', `${path()}/audit`);
  const entries = json.entries as { event: string; by?: { objectId: string }; decision?: { code: string } }[];
  expect(entries[0]?.event).toBe('requested');
  const codes = entries.flatMap(({ decision }) => decision?.code ?? []);
  for (const code of ['not-an-approver', 'unknown-action', 'reason-required', 'extended', 'no-more-time']) {
    expect(codes).toContain(code);
  }
  const refused = entries.find(({ decision }) => decision?.code === 'not-an-approver');
  expect(refused?.by?.objectId).toBe('00000000-0000-4000-8000-00000000a105');
});

it('refuses a decision after the end', async () => {
  await responder.ended(request.instanceId);
  expect(await decide({})).toEqual([
    expect.toSatisfy((value) => [409, 410].includes(value as number)),
    expect.stringMatching(/^(already-decided|ended)$/),
  ]);
});
