/** Checks of the tiers beyond the schema: names must exist, escalation chains must end, quorums must be reachable. */
import type { ActionCatalogue } from './catalogue.js';
import { parseDuration } from './duration.js';
import { suggestion } from './suggest.js';
import type { TierRules } from './tier-schema.js';
import type { Path } from './yaml-source.js';

export type Report = (code: string, path: Path, message: string, next: string) => void;

/** The tiers of one file. */
export interface TierSet<T extends TierRules = TierRules> {
  /** Path of the file, as given. */
  readonly file: string;
  /** Of all tiers, also of those with mistakes in their form. */
  readonly names: readonly string[];
  /** The tiers without mistakes in their form. */
  readonly tiers: readonly T[];
}

/** The use of a tier by a response rule. */
export interface TierUse {
  readonly action: string | undefined;
  readonly tier: string;
  readonly unattended: boolean;
  /** Of the rule. */
  readonly path: Path;
}

/** Reports what is wrong with the tiers; `places` are the paths of `tiers` in the file. */
export function checkTiers({ names, tiers }: TierSet, places: readonly Path[], report: Report): void {
  for (const [index, tier] of tiers.entries()) checkTier(tier, places[index] ?? [], names, tiers, report);
}

/** Reports what is wrong with the rules that name tiers. */
export function checkTierUses(
  { file, names, tiers }: TierSet,
  uses: readonly TierUse[],
  catalogue: ActionCatalogue,
  report: Report,
): void {
  for (const { action, tier, unattended, path: rule } of uses) {
    const path = [...rule, 'tier'];
    const declared = action === undefined ? undefined : catalogue.responses.get(action);
    if (unattended && tier !== 'auto') {
      report('unattended-unused', [...rule, 'unattended'], `tier "${tier}" decides`, 'leave it out');
    }
    if (tier === 'auto') {
      if (declared?.risk === 'destructive') {
        const message = `${action} is destructive: it is never carried out without approval`;
        report('auto-refused', path, message, 'name a tier');
      } else if (declared?.risk === 'disruptive' && !unattended) {
        const message = `${action} is disruptive and no tier decides about it`;
        report(
          'auto-refused',
          path,
          message,
          'name a tier; or, to run it without approval, add: unattended: true',
        );
      }
    } else if (!names.includes(tier)) {
      report('unknown-tier', path, `there is no tier "${tier}" in ${file}`, suggestion(tier, names));
    } else if (declared !== undefined) {
      const final = 'irreversible' in declared.undo;
      const containing = containingTier(tier, tiers);
      if (containing === undefined || (!final && declared.risk !== 'destructive')) continue;
      const why = final ? 'cannot be undone' : 'is destructive';
      const message = `tier "${containing}" contains if no one decides, and ${action} ${why}`;
      report('contain-refused', path, message, 'use a tier that does nothing, or escalates');
    }
  }
}

/**
 * The tier that carries out steps without a decision: this tier, or one of its escalation chain if its deadline
 * escalates. Any tier of the chain may be reached by then: each can escalate before its deadline.
 */
function containingTier(name: string, tiers: readonly TierRules[]): string | undefined {
  const contains = (of: string) => tiers.find((tier) => tier.name === of)?.onDeadline === 'contain';
  if (contains(name)) return name;
  const first = tiers.find((tier) => tier.name === name);
  return first?.onDeadline === 'escalate' ? escalationChain(name, tiers).find(contains) : undefined;
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

/** The tiers from this one upwards; a repeated tier ends the chain. */
function escalationChain(name: string, tiers: readonly TierRules[]): string[] {
  const chain = [name];
  for (;;) {
    const to = tiers.find((tier) => tier.name === chain.at(-1))?.escalate?.to;
    if (to === undefined) return chain;
    const again = chain.includes(to);
    chain.push(to);
    if (again) return chain;
  }
}
