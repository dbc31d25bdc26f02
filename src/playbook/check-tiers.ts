/** Checks of the tiers beyond the schema: names must exist, escalation chains must end, quorums must be reachable. */
import { parseDuration } from '../domain/duration.js';
import type { Report } from './problem-list.js';
import { suggestion } from './suggest.js';
import type { TierRules } from './tier-schema.js';
import { escalationChain, type TierSet } from './tiers.js';
import type { Path } from './yaml-source.js';

/** Reports what is wrong with the tiers; `places` are the paths of `tiers` in the file. */
export function checkTiers({ names, tiers }: TierSet, places: readonly Path[], report: Report): void {
  for (const [index, tier] of tiers.entries()) checkTier(tier, places[index] ?? [], names, tiers, report);
}

function checkTier(
  tier: TierRules,
  path: Path,
  names: readonly string[],
  tiers: readonly TierRules[],
  report: Report,
): void {
  const { groups, people, automation } = tier.approvers;
  const needed = Math.max(tier.quorum, tier.fourEyes ? 2 : 1);
  const deciders =
    new Set(people.map(({ id }) => id.toLowerCase())).size + (tier.fourEyes ? 0 : new Set(automation).size);
  if (tier.name === 'auto') {
    report('reserved-name', [...path, 'name'], '"auto" means that no one decides', 'choose another name');
  }
  if (groups.length + people.length + automation.length === 0) {
    report(
      'no-approvers',
      [...path, 'approvers'],
      `tier "${tier.name}" has no approvers`,
      'name a group or people',
    );
  } else if (groups.length === 0 && deciders < needed) {
    const message = `tier "${tier.name}" needs ${needed} approvers and names ${deciders}`;
    report(
      'quorum-too-large',
      [...path, tier.fourEyes && tier.quorum < 2 ? 'fourEyes' : 'quorum'],
      message,
      'name more approvers, or require fewer',
    );
  }
  if (tier.fourEyes && automation.length > 0) {
    const message = 'automation never counts with fourEyes';
    report(
      'automation-refused',
      [...path, 'approvers', 'automation'],
      message,
      'leave it out, or drop fourEyes',
    );
  }
  checkOutcome(tier, path, report);
  checkEscalation(tier, path, names, tiers, report);
}

function checkOutcome(tier: TierRules, path: Path, report: Report): void {
  if (tier.onDeadline === 'contain' && tier.containFor === undefined) {
    report('contain-for-missing', [...path, 'onDeadline'], 'containment needs an end', 'add: containFor: 8h');
  }
  if (tier.onDeadline !== 'contain' && tier.containFor !== undefined) {
    report(
      'contain-for-unused',
      [...path, 'containFor'],
      'containFor has no effect here',
      'set: onDeadline: contain',
    );
  }
  if (tier.onDeadline === 'escalate' && tier.escalate === undefined) {
    report('no-tier-above', [...path, 'onDeadline'], 'there is no tier to escalate to', 'add: escalate');
  }
  const deadline = parseDuration(tier.deadline) ?? 0;
  const late = tier.remind.findIndex((text) => (parseDuration(text) ?? 0) >= deadline);
  if (late >= 0) {
    report(
      'after-deadline',
      [...path, 'remind', late],
      'the request is over by then',
      `choose less than ${tier.deadline}`,
    );
  }
  if (
    tier.escalate !== undefined &&
    tier.onDeadline !== 'escalate' &&
    (parseDuration(tier.escalate.after) ?? 0) >= deadline
  ) {
    report(
      'after-deadline',
      [...path, 'escalate', 'after'],
      'the request is over by then',
      `choose less than ${tier.deadline}`,
    );
  }
}

function checkEscalation(
  tier: TierRules,
  path: Path,
  names: readonly string[],
  tiers: readonly TierRules[],
  report: Report,
): void {
  const to = tier.escalate?.to;
  if (to === undefined) return;
  const place = [...path, 'escalate', 'to'];
  if (!names.includes(to)) {
    report('unknown-tier', place, `there is no tier "${to}"`, suggestion(to, names));
    return;
  }
  const chain = escalationChain(tier.name, tiers);
  if (chain.at(-1) === tier.name) {
    report(
      'circular-escalation',
      place,
      `the escalation chain is circular: ${chain.join(' -> ')}`,
      'remove escalate from the last tier',
    );
  }
}
