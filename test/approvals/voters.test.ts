/** With the last vote of a quorum everybody who voted before is looked at again. */
import { describe, expect, it } from 'vitest';
import { type DeciderFacts, type Judged, judge } from '../../src/approvals/index.ts';
import type { AnalystDecision, ApprovalRequest } from '../../src/domain/approval.ts';
import { decisionOf, MEMBER, person, planWith, STEPS, votersWith, waiting } from './contoso.ts';

const two = planWith({ quorum: 2, fourEyes: true });
const say = (
  request: ApprovalRequest,
  changes: Partial<AnalystDecision> = {},
  voters: Partial<DeciderFacts> = {},
): Judged =>
  judge(request, decisionOf({ planHash: two.hash, ...changes }), {
    ended: false,
    tiers: two.tiers,
    facts: MEMBER,
    voters: votersWith({ ...MEMBER, ...voters }, ...request.votes.map(({ by }) => by)),
  });
const code = (judged: Judged) => judged.verdict.code;

describe('the last vote of a quorum', () => {
  const first = say(waiting(two)).request;
  const last = { id: 'd-2', by: person('Sam') };

  it.each<[string, Partial<DeciderFacts>]>([
    ['account-disabled', { standing: 'disabled' }],
    ['account-gone', { standing: 'gone' }],
    ['guest', { standing: 'guest' }],
    ['not-an-approver', { member: false }],
    ['own-incident', { involvement: 'entity' }],
  ])('finds an earlier one void (%s), counts itself, and leaves the request open', (expected, facts) => {
    const { verdict, request } = say(first, last, facts);
    expect(verdict).toMatchObject({ accepted: true, code: 'more-approvers-needed' });
    expect(verdict.message).toMatch(
      /^The approval by Robin does not count any more: .+\. 1 more person must/,
    );
    expect(request).toMatchObject({ state: 'waiting', selected: [], revision: 1 });
    expect(request.votes.map(({ by, voided }) => [by.name, voided?.code])).toEqual([
      ['Robin', expected],
      ['Sam', undefined],
    ]);
    const third = say(request, { id: 'd-3', by: person('Noor') });
    expect([third.verdict.code, third.request.selected]).toEqual(['approved', [STEPS[0]]]);
  });

  it('may come from somebody whose own earlier vote was void', () => {
    const { request } = say(first, last, { standing: 'disabled' });
    expect(code(say(request, { id: 'd-3' }))).toBe('approved');
  });

  it('changes nothing while nobody knows about the others, and may come again', () => {
    for (const facts of [
      { standing: 'unknown' },
      { member: 'unknown' },
      { involvement: 'unknown' },
    ] as const) {
      const { verdict, request } = say(first, last, facts);
      expect(verdict).toMatchObject({ accepted: false, code: 'membership-unknown' });
      expect(request).toEqual(first);
    }
    expect(code(say(first, last))).toBe('approved');
  });
});
