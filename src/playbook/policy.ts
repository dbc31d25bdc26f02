/** The approval policy: the tiers that playbooks name, and the groups whose ids come from the settings. */
import { z } from 'zod';
import type { ApprovalTier } from '../domain/approval-tier.js';
import { compileTier } from './compile-tier.js';
import { name, sentence } from './form.js';
import { jsonSchemaOf } from './json-schema.js';
import { ProblemList } from './problem-list.js';
import type { PlaybookProblem } from './problems.js';
import { readTiers } from './read-tiers.js';
import { schemaProblems } from './schema-errors.js';
import { suggestion } from './suggest.js';
import { type PolicyTier, policyTierSchema } from './tier-schema.js';
import type { TierSet } from './tiers.js';
import { YamlSource } from './yaml-source.js';

const policyFileSchema = z.strictObject({
  groups: z
    .record(
      name('Tiers and the setting APPROVER_GROUPS use this name.'),
      sentence('The name that people see.'),
    )
    .describe(
      'The groups of approvers: each name, with the name that people see. Their ids are in the setting APPROVER_GROUPS.',
    ),
  tiers: z
    .array(policyTierSchema)
    .min(1)
    .max(20)
    .describe('Who decides, by tier: each response of a playbook names one of them.'),
});

/** The value of the setting APPROVER_GROUPS: the object id of each group, by its name in the policy. */
export const groupIdsSchema = z.record(
  z.string(),
  z.guid({ error: 'is not a GUID' }).transform((id) => id.toLowerCase()),
);

interface PolicyGroup {
  readonly displayName: string;
  /** `file:line:column` */
  readonly place: string;
}
export interface ApprovalPolicy extends TierSet<PolicyTier> {
  readonly groups: ReadonlyMap<string, PolicyGroup>;
}
export interface LoadedPolicy {
  /** With problems, only its names may be used. */
  readonly policy: ApprovalPolicy;
  readonly problems: readonly PlaybookProblem[];
}

/** Reads the policy file and checks everything but the ids of the groups. */
export function loadPolicy(file: string, text: string): LoadedPolicy {
  const source = YamlSource.parse(file, text, 'groups, tiers');
  if (!(source instanceof YamlSource)) {
    return { policy: { file, names: [], tiers: [], groups: new Map() }, problems: source };
  }
  const problems = new ProblemList(source);
  problems.add(...schemaProblems(source, policyFileSchema));
  const raw = rawSchema.parse(source.data);
  const set = readTiers(file, raw.tiers, ['tiers'], policyTierSchema, problems);
  const groups = new Map(
    Object.entries(raw.groups).map(([key, displayName]) => [
      key,
      { displayName: String(displayName), place: source.keyPlace(['groups'], key) },
    ]),
  );
  raw.tiers.forEach((tier, index) => {
    for (const [position, group] of groupsSchema.parse(tier).approvers.groups.entries()) {
      if (typeof group !== 'string' || groups.has(group)) continue;
      const place = ['tiers', index, 'approvers', 'groups', position];
      const next = suggestion(group, [...groups.keys()]);
      problems.report('unknown-group', place, `there is no group "${group}" under "groups"`, next);
    }
  });
  return { policy: { ...set, groups }, problems: problems.sorted };
}

/** The parts that can be checked in a file with other mistakes. */
const rawSchema = z
  .object({
    groups: z.record(z.string(), z.unknown()).catch({}),
    tiers: z.array(z.unknown()).catch([]),
  })
  .catch({ groups: {}, tiers: [] });
const groupsSchema = z
  .object({ approvers: z.object({ groups: z.array(z.unknown()) }) })
  .catch({ approvers: { groups: [] } });

/** A group that a tier names and that has no id in the settings. */
export interface GroupWithoutId {
  readonly name: string;
  /** In the policy file. */
  readonly place: string;
}

/**
 * The tiers of a valid policy with the ids of their groups, by name. There are no tiers if a group has no id: no one could decide, or too few.
 */
export function policyTiers(
  { tiers, groups }: ApprovalPolicy,
  ids: Readonly<Record<string, string>>,
): { readonly tiers: readonly ApprovalTier[] } | { readonly withoutId: readonly GroupWithoutId[] } {
  const idOf = (group: string) => (Object.hasOwn(ids, group) ? ids[group] : undefined);
  const used = [...new Set(tiers.flatMap(({ approvers }) => approvers.groups))];
  const withoutId = used.filter((group) => idOf(group) === undefined);
  if (withoutId.length > 0) {
    return { withoutId: withoutId.map((group) => ({ name: group, place: groups.get(group)?.place ?? '' })) };
  }
  return {
    tiers: tiers.map((tier) =>
      compileTier(
        tier,
        tier.approvers.groups.map((group) => ({
          id: idOf(group) ?? '',
          name: groups.get(group)?.displayName ?? group,
        })),
      ),
    ),
  };
}

/** JSON Schema (draft 2020-12) of the policy file for editors. */
export const policyJsonSchema = (): Record<string, unknown> =>
  jsonSchemaOf(policyFileSchema, 'Approval policy of sentinel-responder');
