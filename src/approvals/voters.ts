/**
 * Checks the votes of a quorum again when it is reached: since voting, an approver may have been disabled, deleted or
 * removed from the group. Pure.
 */
import type { ApprovalRequest, RefusalCode, Vote } from '../domain/approval.js';
import { deciderKey } from '../domain/same-decision.js';
import { type DeciderFacts, refuseDecider } from './eligibility.js';

const WHY: Readonly<Partial<Record<RefusalCode, string>>> = {
  'account-disabled': 'the account was disabled',
  'account-gone': 'the account is no longer in the directory',
  guest: 'the account is a guest of the tenant',
  'not-an-approver': 'the person is no longer an approver',
  'own-incident': 'the person is involved in the incident',
};

/** Facts by `deciderKey`. */
export type VoterFacts = ReadonlyMap<string, DeciderFacts>;

/**
 * Returns the votes, voided where the approver may no longer decide. Returns `unknown` if facts about one approver are
 * missing: then no vote may count.
 * @param at ISO 8601, UTC.
 */
export function checkedVotes(
  request: ApprovalRequest,
  votes: readonly Vote[],
  facts: VoterFacts,
  at: string,
): Vote[] | 'unknown' {
  const checked: Vote[] = [];
  for (const vote of votes) {
    const known = facts.get(deciderKey(vote.by));
    const refusal = known && refuseDecider(request, vote.by, known);
    if (known === undefined || refusal?.code === 'membership-unknown') return 'unknown';
    if (refusal === undefined) checked.push(vote);
    else
      checked.push({
        ...vote,
        voided: { code: refusal.code, reason: WHY[refusal.code] ?? refusal.code, at },
      });
  }
  return checked;
}
