/** Only requested steps are carried out, whatever the evaluation returns. */
import { it } from 'vitest';
import type { ApprovalRequest } from '../../src/domain/approval.js';
import { Responder, until } from './responder.js';

const OTHER = 'isolate-server:host:made-up';

// The channel waits some seconds for an outcome that does not come: these wait at the same time.
it.concurrent.for<[what: string, change: (request: ApprovalRequest) => Partial<ApprovalRequest>]>([
  ['a step that the plan does not have', () => ({ selected: [OTHER] })],
  ['one more step than was requested', ({ stepIds }) => ({ selected: [...stepIds, OTHER] })],
  [
    'a step that was put into the request',
    ({ stepIds }) => ({ stepIds: [...stepIds, OTHER], selected: [OTHER] }),
  ],
  ['a step twice', ({ stepIds: [first = ''] }) => ({ selected: [first, first] })],
  ['the steps of another plan', ({ stepIds }) => ({ planHash: '0'.repeat(64), selected: stepIds })],
  ['the steps of another tier', ({ stepIds }) => ({ tier: 'leads', selected: stepIds })],
  ['an undo of what was never done', ({ stepIds }) => ({ purpose: 'undo', selected: stepIds })],
])(
  'carries out nothing if the evaluation returns %s',
  { timeout: 120_000 },
  async ([, change], { expect, onTestFinished }) => {
    let isForged = false;
    const responder = await Responder.start({
      introspection: {
        onActivity: ({ name, input }) => {
          if (name !== 'evaluateDecision' || isForged) return undefined;
          isForged = true;
          const { approvals, message } = input as {
            approvals: ApprovalRequest[];
            message: { decision: object };
          };
          const changed = approvals.map((one) => ({ ...one, state: 'approved', ...change(one) }));
          const outcome = { accepted: true, code: 'approved', message: '' };
          const evaluated = { decision: message.decision, outcome, evaluatedAt: '2026-03-10T08:13:00.000Z' };
          return { kind: 'replace', result: { ok: true, value: { evaluated, approvals: changed } } };
        },
      },
    });
    onTestFinished(() => responder.stop());
    const request = await responder.asked(await responder.deliver());
    await responder.decide(request, { pending: true });
    const entry = await until('the timeline entry', async () => {
      const file = await responder.caseFile(request.instanceId);
      return file?.timeline.find(({ text }) => text.includes('does not match its approval request'));
    });
    expect(entry.text).toContain('could not be evaluated and was refused');
    expect(responder.effects()).toEqual([]);
    expect((await responder.caseFile(request.instanceId))?.decisions).toEqual([]);
    // The request can still be decided.
    expect((await responder.decide(request)).json.code).toBe('approved');
    const file = await responder.ended(request.instanceId);
    expect(file.effects.map(({ stepId }) => stepId)).toEqual(request.approval.stepIds);
  },
);
