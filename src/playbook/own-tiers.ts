/** The tiers of a playbook that is tried out with its own. */
import { z } from 'zod';
import type { ApprovalTier } from '../domain/approval-tier.js';
import { compileTier } from './compile-tier.js';
import type { ProblemList } from './problem-list.js';
import { problem } from './problems.js';
import { readTiers } from './read-tiers.js';
import { ownTierSchema } from './tier-schema.js';
import type { TierSet } from './tiers.js';
import type { YamlSource } from './yaml-source.js';

export interface OwnTiers extends TierSet {
  readonly compiled: readonly ApprovalTier[];
}

/** Reads the value of `approvals`. Reports it as a problem where own tiers are refused. */
export function readOwnTiers(
  approvals: unknown,
  source: YamlSource,
  ownTiers: 'accepted' | 'refused',
  problems: ProblemList,
): OwnTiers {
  if (ownTiers === 'refused') {
    const place = source.keyPlace([], 'approvals');
    const message = 'a playbook has no tiers of its own, except on the simulated tenant';
    problems.add(problem('own-tiers', place, message, HOW_TO_MOVE));
  }
  const { tiers: raw } = ownTiersSchema.parse(approvals);
  const set = readTiers(source.file, raw, ['approvals', 'tiers'], ownTierSchema, problems);
  return { ...set, compiled: set.tiers.map((tier) => compileTier(tier, tier.approvers.groups)) };
}

const ownTiersSchema = z.object({ tiers: z.array(z.unknown()).catch([]) }).catch({ tiers: [] });
const HOW_TO_MOVE =
  'move the tiers to policy/approvals.yaml, list their groups by name under "groups" there, and put the ids of the ' +
  'groups into the setting APPROVER_GROUPS';
