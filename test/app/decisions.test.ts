import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Request, Responder, until } from './responder.js';

let responder: Responder;
let request: Request;

beforeAll(async () => {
  responder = await Responder.start();
  request = await responder.asked(await responder.deliver());
});
afterAll(() => responder.stop());

const codeOf = async (change: Readonly<Record<string, unknown>>) => {
  const { status, json } = await responder.decide(request, change);
  return [status, json.code];
};

// In this order: each leaves the request as it was, until one is accepted.
it('refuses another version of the plan', async () => {
  expect(await codeOf({ planHash: 'f'.repeat(64) })).toEqual([409, 'stale-plan']);
});

it('refuses a step that nobody asked about', async () => {
  expect(await codeOf({ steps: [...request.approval.stepIds, 'wipe-device:host:1'] })).toEqual([
    409,
    'unknown-action',
  ]);
});

it('refuses an approval of nothing', async () => {
  expect(await codeOf({ steps: [] })).toEqual([409, 'nothing-selected']);
});

it.each([
  ['no JSON', '{"kind": "approve"', 400, 'bad-decision'],
  ['another kind', '{"kind":"maybe","planHash":"","steps":[]}', 400, 'bad-decision'],
  ['steps that are not a list', '{"kind":"approve","planHash":"","steps":"all"}', 400, 'bad-decision'],
  ['a huge body', `{"kind":"${'x'.repeat(70_000)}"}`, 413, 'too-large'],
])('answers %s with a clear error', async (_what, body, status, code) => {
  const answer = await responder.call('POST', `/api/approvals/${request.instanceId}/decisions`, body);
  expect([answer.status, answer.json.code]).toEqual([status, code]);
  expect(answer.json.next ?? answer.json.detail).toBeTypeOf('string');
});

it('knows no request of another incident', async () => {
  const other = `incident-${'0'.repeat(40)}`;
  const answer = await responder.decide({ ...request, instanceId: other });
  expect([answer.status, answer.json.code]).toEqual([404, 'unknown-approval']);
});

it('lets one of many decisions at the same time win, and keeps all that reached the incident', async () => {
  const tries = Array.from({ length: 8 }, (_, i) => responder.decide(request, { id: `try-${i}` }));
  const answers = await Promise.all(tries);
  const accepted = answers.filter(({ status }) => status === 200);
  expect(accepted).toHaveLength(1);
  for (const { status, json } of answers.filter((answer) => !accepted.includes(answer))) {
    expect([status, json.code]).toEqual([409, expect.stringMatching(/^(already-decided|ended)$/)]);
  }
  const file = await until('the decision', () => responder.caseFile(request.instanceId));
  expect(file.decisions.filter(({ verdict }) => verdict.accepted)).toHaveLength(1);
  expect(new Set(file.decisions.map(({ decision }) => decision.id)).size).toBe(file.decisions.length);

  const winner = accepted[0]?.json.decisionId;
  const again = await responder.decide(request, { id: winner });
  expect([again.status, again.json.decisionId]).toEqual([200, winner]);
});

it('judges at once what comes around the door while responses are carried out', async () => {
  expect((await responder.caseFile(request.instanceId))?.stage).toBe('confirming');
  const { approval } = request;
  const decision = {
    id: 'around-the-door',
    kind: 'approve',
    planHash: approval.planHash,
    steps: approval.stepIds,
    by: { id: 'a', name: 'Analyst', channel: 'http' },
    at: approval.requestedAt,
  };
  const raise = (message: unknown) =>
    responder.call(
      'POST',
      `/runtime/webhooks/durabletask/instances/${request.instanceId}/raiseEvent/inbox`,
      message,
    );
  await raise({ kind: 'nonsense' });
  await raise({ kind: 'decision', sequence: '1', decision });
  await raise({ kind: 'decision', sequence: '1', decision });
  const file = await until('the verdict', async () => {
    const now = await responder.caseFile(request.instanceId);
    return now?.decisions.some(({ decision: { id } }) => id === 'around-the-door') ? now : undefined;
  });
  const judged = file.decisions.filter(({ decision: { id } }) => id === 'around-the-door');
  expect(judged.map(({ verdict }) => verdict)).toEqual([
    expect.objectContaining({ accepted: false, code: 'already-decided' }),
  ]);
});

it('refuses a second decision', async () => {
  expect(await codeOf({})).toEqual([409, expect.stringMatching(/^(already-decided|ended)$/)]);
});

it('refuses a decision after the end', async () => {
  await responder.ended(request.instanceId);
  expect(await codeOf({})).toEqual([409, 'ended']);
});
