/** The last vote of a quorum triggers a check of all earlier voters. */
import { describe, expect, it } from 'vitest';
import { type DeciderFacts, type Evaluation, evaluateDecision } from '../../src/approvals/index.ts';
import type { AnalystDecision, ApprovalRequest } from '../../src/domain/approval.ts';
import { decisionOf, MEMBER, person, planWith, STEPS, votersWith, waiting } from './contoso.ts';

const two = planWith({ quorum: 2, fourEyes: true });
const say = (
  request: ApprovalRequest,
  changes: Partial<AnalystDecision> = {},
  voters: Partial<DeciderFacts> = {},
): Evaluation =>
  evaluateDecision(request, decisionOf({ planHash: two.hash, ...changes }), {
    ended: false,
    tiers: two.tiers,
    facts: MEMBER,
    voters: votersWith({ ...MEMBER, ...voters }, ...request.votes.map(({ by }) => by)),
  });
const code = (evaluated: Evaluation) => evaluated.outcome.code;

describe('the last vote of a quorum', () => {
  const first = say(waiting(two)).request;
  const last = { id: 'd-2', by: person('Sam') };

  it.each<[string, Partial<DeciderFacts>]>([
    ['account-disabled', { standing: 'disabled' }],
    ['account-gone', { standing: 'gone' }],
    ['guest', { standing: 'guest' }],
    ['not-an-approver', { member: false }],
    ['own-incident', { conflictOfInterest: 'entity' }],
  ])('voids an earlier vote (%s), counts itself, and leaves the request open', (expected, facts) => {
    const { outcome, request } = say(first, last, facts);
    expect(outcome).toMatchObject({ accepted: true, code: 'more-approvers-needed' });
    expect(outcome.message).toMatch(/^The approval by Robin no longer counts: .+\. 1 more approver must/);
    expect(request).toMatchObject({ state: 'waiting', selected: [], revision: 1 });
    expect(request.votes.map(({ by, voided }) => [by.name, voided?.code])).toEqual([
      ['Robin', expected],
      ['Sam', undefined],
    ]);
    const third = say(request, { id: 'd-3', by: person('Noor') });
    expect([third.outcome.code, third.request.selected]).toEqual(['approved', [STEPS[0]]]);
  });

  it('may be cast by an approver whose own earlier vote was voided', () => {
    const { request } = say(first, last, { standing: 'disabled' });
    expect(code(say(request, { id: 'd-3' }))).toBe('approved');
  });

  it('changes nothing while the accounts of the others are unknown, and may be sent again', () => {
    for (const facts of [
      { standing: 'unknown' },
      { member: 'unknown' },
      { conflictOfInterest: 'unknown' },
    ] as const) {
      const { outcome, request } = say(first, last, facts);
      expect(outcome).toMatchObject({ accepted: false, code: 'membership-unknown' });
      expect(request).toEqual(first);
    }
    expect(code(say(first, last))).toBe('approved');
  });
});
