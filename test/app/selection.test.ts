/** Whatever is said to have been decided, only what was asked is carried out. */
import { afterEach, expect, it } from 'vitest';
import type { ApprovalRequest } from '../../src/domain/approval.js';
import { Responder, until } from './responder.js';

let responder: Responder;
afterEach(() => responder.stop());

const OTHER = 'isolate-server:host:made-up';

it.each<[what: string, change: (request: ApprovalRequest) => Partial<ApprovalRequest>]>([
  ['a step that the plan does not have', () => ({ selected: [OTHER] })],
  ['one more step than was asked about', ({ stepIds }) => ({ selected: [...stepIds, OTHER] })],
  [
    'a step that was put into the request',
    ({ stepIds }) => ({ stepIds: [...stepIds, OTHER], selected: [OTHER] }),
  ],
  ['a step twice', ({ stepIds: [first = ''] }) => ({ selected: [first, first] })],
  ['the steps of another plan', ({ stepIds }) => ({ planHash: '0'.repeat(64), selected: stepIds })],
  ['the steps of another tier', ({ stepIds }) => ({ tier: 'leads', selected: stepIds })],
  ['an undo of what was never done', ({ stepIds }) => ({ purpose: 'undo', selected: stepIds })],
])('carries out nothing where the judge gives back %s', async (_what, change) => {
  let isForged = false;
  responder = await Responder.start({
    introspection: {
      onActivity: ({ name, input }) => {
        if (name !== 'judgeDecision' || isForged) return undefined;
        isForged = true;
        const { approvals, message } = input as {
          approvals: ApprovalRequest[];
          message: { decision: object };
        };
        const changed = approvals.map((one) => ({ ...one, state: 'approved', ...change(one) }));
        const verdict = { accepted: true, code: 'approved', message: '' };
        const judged = { decision: message.decision, verdict, judgedAt: '2026-03-10T08:13:00.000Z' };
        return { kind: 'replace', result: { ok: true, value: { judged, approvals: changed } } };
      },
    },
  });
  const request = await responder.asked(await responder.deliver());
  await responder.decide(request);
  const told = await until('a word about it', async () => {
    const file = await responder.caseFile(request.instanceId);
    return file?.timeline.find(({ text }) => text.includes('is not a selection from what was asked'));
  });
  expect(told.text).toContain('could not be judged, and did not count');
  expect(responder.effects()).toEqual([]);
  expect((await responder.caseFile(request.instanceId))?.decisions).toEqual([]);
  // What was asked can still be decided.
  expect((await responder.decide(request)).json.code).toBe('approved');
  const file = await responder.ended(request.instanceId);
  expect(file.effects.map(({ stepId }) => stepId)).toEqual(request.approval.stepIds);
});
