import type { ApprovalTier, Principal } from '../domain/approval-tier.js';
import { parseDuration } from '../domain/duration.js';
import type { TierRules } from './tier-schema.js';

/** A tier in the form that plans carry: durations in milliseconds, ids in lower case. */
export function compileTier(tier: TierRules, groups: readonly Principal[]): ApprovalTier {
  const ms = (text: string) => parseDuration(text) ?? 0;
  const lower = <P extends { readonly id: string }>(people: readonly P[]) =>
    people.map((one) => ({ ...one, id: one.id.toLowerCase() }));
  return {
    name: tier.name,
    approvers: {
      groups: lower(groups),
      people: lower(tier.approvers.people),
      automation: tier.approvers.automation,
    },
    ...(tier.channel === undefined ? {} : { channel: tier.channel }),
    quorum: tier.quorum,
    fourEyes: tier.fourEyes,
    remindAfterMs: tier.remind.map(ms).sort((a, b) => a - b),
    ...(tier.escalate === undefined
      ? {}
      : { escalation: { afterMs: ms(tier.escalate.after), to: tier.escalate.to } }),
    deadlineMs: ms(tier.deadline),
    onDeadline: outcomeOf(tier),
    extension: { byMs: ms(tier.moreTime.by), times: tier.moreTime.times },
    undoForMs: tier.undoFor === undefined ? 0 : ms(tier.undoFor),
    managersMayDecide: tier.managers === 'may-decide',
    ...(tier.submission === 'signed' ? { submission: tier.submission } : {}),
  };
}

function outcomeOf({ onDeadline, containFor }: TierRules): ApprovalTier['onDeadline'] {
  switch (onDeadline) {
    case 'do-nothing':
      return { do: 'nothing' };
    case 'contain':
      return { do: 'contain', forMs: parseDuration(containFor ?? '') ?? 0 };
    case 'escalate':
      return { do: 'escalate' };
  }
}

/** The tiers with these names, and the tiers of their escalation chains, in the order of their file. */
export function tiersFor(names: Iterable<string>, tiers: readonly ApprovalTier[]): ApprovalTier[] {
  const wanted = new Set(names);
  for (const name of wanted) {
    const to = tiers.find((tier) => tier.name === name)?.escalation?.to;
    if (to !== undefined) wanted.add(to);
  }
  return tiers.filter((tier) => wanted.has(tier.name));
}
