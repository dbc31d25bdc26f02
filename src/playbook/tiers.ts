/** What the form of the tiers cannot say: names that lead somewhere, ladders that end, quorums that can be met. */
import type { ApprovalTier } from '../domain/approval-tier.js';
import type { ActionCatalogue } from './catalogue.js';
import { parseDuration } from './duration.js';
import type { TierFile } from './schema.js';
import type { Path } from './source.js';
import { suggestion } from './suggest.js';

export type Report = (code: string, path: Path, message: string, next: string) => void;

/** A response rule as far as its tier is concerned. */
export interface TierUse {
  readonly action: string;
  readonly tier: string;
  readonly unattended: boolean;
  /** Of the rule. */
  readonly path: Path;
}

/** Tells everything that is wrong with the tiers, and with the rules that name them. */
export function checkTiers(
  tiers: readonly TierFile[],
  uses: readonly TierUse[],
  catalogue: ActionCatalogue,
  report: Report,
): void {
  const names = tiers.map(({ name }) => name);
  tiers.forEach((tier, index) => {
    checkTier(tier, ['approvals', 'tiers', index], tiers, report);
  });
  for (const { action, tier, unattended, path: rule } of uses) {
    const path = [...rule, 'tier'];
    const declared = catalogue.responses.get(action);
    if (unattended && tier !== 'auto') {
      report('unattended-unused', [...rule, 'unattended'], `tier "${tier}" decides`, 'leave it out');
    }
    if (tier === 'auto') {
      if (declared?.risk === 'destructive') {
        const message = `${action} is destructive: it is never carried out without a person`;
        report('auto-refused', path, message, 'name a tier');
      } else if (declared?.risk === 'disruptive' && !unattended) {
        const message = `${action} is disruptive and no tier decides about it`;
        report(
          'auto-refused',
          path,
          message,
          'name a tier; or, if nobody shall be asked, add: unattended: true',
        );
      }
    } else if (!names.includes(tier)) {
      report('unknown-tier', path, `there is no tier "${tier}"`, suggestion(tier, names));
    } else if (declared !== undefined) {
      const final = 'irreversible' in declared.undo;
      const containing = containingTier(tier, tiers);
      if (containing === undefined || (!final && declared.risk !== 'destructive')) continue;
      const why = final ? 'cannot be undone' : 'is destructive';
      const message = `tier "${containing}" contains when nobody decides, and ${action} ${why}`;
      report('contain-refused', path, message, 'use a tier that does nothing, or escalates');
    }
  }
}

/**
 * The tier that carries out what nobody decided about: this one, or one of its ladder where the deadline leads there.
 * Any of the ladder may be reached by then, since each may be called early, whatever its own deadline does.
 */
function containingTier(name: string, tiers: readonly TierFile[]): string | undefined {
  const contains = (of: string) => tiers.find((tier) => tier.name === of)?.onDeadline === 'contain';
  if (contains(name)) return name;
  const first = tiers.find((tier) => tier.name === name);
  return first?.onDeadline === 'escalate' ? ladderFrom(name, tiers).find(contains) : undefined;
}

function checkTier(tier: TierFile, path: Path, tiers: readonly TierFile[], report: Report): void {
  const { groups, people, automation } = tier.approvers;
  const needed = Math.max(tier.quorum, tier.fourEyes ? 2 : 1);
  const deciders =
    new Set(people.map(({ id }) => id.toLowerCase())).size + (tier.fourEyes ? 0 : new Set(automation).size);
  if (tier.name === 'auto') {
    report('reserved-name', [...path, 'name'], '"auto" means that nobody decides', 'choose another name');
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
      'name more, or ask for fewer',
    );
  }
  if (tier.fourEyes && automation.length > 0) {
    const message = 'automation never counts where four eyes are asked for';
    report(
      'automation-refused',
      [...path, 'approvers', 'automation'],
      message,
      'leave it out, or drop fourEyes',
    );
  }
  checkOutcome(tier, path, report);
  checkLadder(tier, path, tiers, report);
}

function checkOutcome(tier: TierFile, path: Path, report: Report): void {
  if (tier.onDeadline === 'contain' && tier.containFor === undefined) {
    report('contain-for-missing', [...path, 'onDeadline'], 'containment needs an end', 'add: containFor: 8h');
  }
  if (tier.onDeadline !== 'contain' && tier.containFor !== undefined) {
    report(
      'contain-for-unused',
      [...path, 'containFor'],
      'containFor means nothing here',
      'set: onDeadline: contain',
    );
  }
  if (tier.onDeadline === 'escalate' && tier.escalate === undefined) {
    report('ladder-ends', [...path, 'onDeadline'], 'there is nobody to escalate to', 'add: escalate');
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

function checkLadder(tier: TierFile, path: Path, tiers: readonly TierFile[], report: Report): void {
  const to = tier.escalate?.to;
  if (to === undefined) return;
  const names = tiers.map(({ name }) => name);
  const place = [...path, 'escalate', 'to'];
  if (!names.includes(to)) {
    report('unknown-tier', place, `there is no tier "${to}"`, suggestion(to, names));
    return;
  }
  const climbed = ladderFrom(tier.name, tiers);
  if (climbed.at(-1) === tier.name) {
    report(
      'circular-ladder',
      place,
      `the ladder goes in a circle: ${climbed.join(' -> ')}`,
      'let the last tier not escalate',
    );
  }
}

/** The tiers from this one upwards; one that stands there twice ends it. */
function ladderFrom(name: string, tiers: readonly TierFile[]): string[] {
  const climbed = [name];
  for (;;) {
    const to = tiers.find((tier) => tier.name === climbed.at(-1))?.escalate?.to;
    if (to === undefined) return climbed;
    const again = climbed.includes(to);
    climbed.push(to);
    if (again) return climbed;
  }
}

/** A tier as plans carry it: durations in milliseconds, ids in lower case. */
export function compileTier(tier: TierFile): ApprovalTier {
  const ms = (text: string) => parseDuration(text) ?? 0;
  const lower = <P extends { readonly id: string }>(people: readonly P[]) =>
    people.map((one) => ({ ...one, id: one.id.toLowerCase() }));
  return {
    name: tier.name,
    approvers: {
      groups: lower(tier.approvers.groups),
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
    ...(tier.handIn === 'signed' ? { handIn: tier.handIn } : {}),
  };
}

function outcomeOf({ onDeadline, containFor }: TierFile): ApprovalTier['onDeadline'] {
  switch (onDeadline) {
    case 'do-nothing':
      return { do: 'nothing' };
    case 'contain':
      return { do: 'contain', forMs: parseDuration(containFor ?? '') ?? 0 };
    case 'escalate':
      return { do: 'escalate' };
  }
}

/** The tiers that decide about these steps, and those that their ladders lead to; in the playbook's order. */
export function tiersFor(names: Iterable<string>, tiers: readonly ApprovalTier[]): ApprovalTier[] {
  const wanted = new Set(names);
  for (const name of wanted) {
    const to = tiers.find((tier) => tier.name === name)?.escalation?.to;
    if (to !== undefined) wanted.add(to);
  }
  return tiers.filter((tier) => wanted.has(tier.name));
}
