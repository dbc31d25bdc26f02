import type { ApprovalTier } from '../domain/approval-tier.js';
import type { EntityKind } from '../domain/entities.js';
import type { SubjectKind } from '../domain/subject.js';
import type { Condition } from './expression.js';

/** A playbook that passed every check. Durations in milliseconds. */
export interface CheckedPlaybook {
  readonly id: string;
  readonly title: string;
  readonly description: string | undefined;
  /** Path of its file, as given. */
  readonly file: string;
  /** Hash of its content, without comments and spacing. */
  readonly hash: string;
  readonly when: Condition;
  readonly enrich: readonly EnrichRule[];
  readonly respond: readonly RespondRule[];
  /** The tiers of a playbook that is tried out with its own; undefined: those of the policy. */
  readonly ownTiers: readonly ApprovalTier[] | undefined;
}
/** A playbook with the tiers that its rules name. */
export interface Playbook extends CheckedPlaybook {
  readonly tiers: readonly ApprovalTier[];
}
/** Gives a playbook the tiers of the policy, unless it has its own. */
export const withTiers = (playbook: CheckedPlaybook, policy: readonly ApprovalTier[]): Playbook => ({
  ...playbook,
  tiers: playbook.ownTiers ?? policy,
});
export interface EnrichRule {
  readonly action: string;
  readonly as: string;
  readonly for: EntityKind;
  readonly deadlineMs: number;
  /** Maximum number of entities. */
  readonly limit: number;
}
export interface RespondRule {
  readonly id: string;
  readonly action: string;
  readonly for: SubjectKind;
  /** The settings of the action, as its schema returned them. Absent: it has none. */
  readonly with?: unknown;
  readonly when: Condition;
  /** Name of a tier, or `auto`. */
  readonly tier: string;
  readonly unattended: boolean;
  readonly why: string;
}
