/** The schema of a playbook file. load.ts checks names, kinds and conditions. */
import { z } from 'zod';
import { entitySchema } from '../domain/entities.js';
import type { ActionCatalogue } from './catalogue.js';
import { duration, MINUTE, name, sentence } from './form.js';
import { jsonSchemaOf } from './json-schema.js';
import { ownTierSchema } from './tier-schema.js';

export const MAX_EXPRESSION = 2_000;
const kinds = entitySchema.options.map((option) => option.shape.kind.value);

const expression = (description: string) =>
  z.string().trim().min(1).max(MAX_EXPRESSION).describe(description);
const kind = z.enum(kinds).describe('The kind of entity, as the action declares it.');
const subject = z
  .enum([...kinds, 'incident'])
  .describe(
    'The kind of entity, as the action declares it; or the incident itself, for which the rule is evaluated once.',
  );

export const enrichSchema = z.strictObject({
  action: z.string().describe('The enrichment to run.'),
  as: z
    .string()
    .regex(/^[a-z][A-Za-z0-9]{0,31}$/, 'expected a name in camel case, e.g. signIns')
    .describe('The name that conditions use for its result.'),
  for: kind,
  deadline: duration(
    'How long one run may take; after that it counts as failed.',
    1_000,
    10 * MINUTE,
    '1s to 10m',
  ),
  limit: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(20)
    .describe('The most entities to run it on. What it skips is unknown, not absent.'),
});

export const respondSchema = z.strictObject({
  id: name('Names the rule in the decision, and in the steps that it proposes.'),
  action: z.string().describe('The response to propose.'),
  for: subject,
  with: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      'What the action lets a rule choose, e.g. the severity to set. Each action lists its settings in the reference.',
    ),
  when: expression(
    'CEL, true or false, evaluated for each entity of the kind. Variables: incident, entity, and each enrichment by ' +
      'its name: one object if it runs for the same kind, otherwise the list over all entities that it runs for.',
  ),
  tier: name(
    'The tier of the approval policy that decides. auto: the step is carried out at once, without approval; only for safe actions, or with unattended.',
  ),
  unattended: z
    .boolean()
    .default(false)
    .describe('With tier auto, true allows a disruptive action without approval; never a destructive one.'),
  why: sentence('The reason that approvers see.'),
});

export const playbookFileSchema = z.strictObject({
  id: name('Unique among all playbooks.'),
  title: sentence('A title of one line.'),
  description: sentence('What the playbook is for.').optional(),
  when: expression('CEL, true or false, over the variable incident: whether the playbook applies.'),
  enrich: z
    .array(enrichSchema)
    .max(30)
    .default([])
    .describe('The enrichments to run first. All of them run concurrently.'),
  respond: z.array(respondSchema).max(50).describe('What to propose, and when. Earlier rules win.'),
  approvals: z
    .strictObject({
      tiers: z
        .array(ownTierSchema)
        .min(1)
        .max(20)
        .describe('The tiers that this playbook can name instead of those of the policy.'),
    })
    .optional()
    .describe(
      'Tiers of its own, to try the playbook out. Only the simulated tenant accepts them: tiers belong in policy/approvals.yaml.',
    ),
});
export type PlaybookFile = z.infer<typeof playbookFileSchema>;

/** JSON Schema (draft 2020-12) of a playbook file for editors, with the actions of a catalogue spelled out. */
export function playbookJsonSchema(catalogue: ActionCatalogue): Record<string, unknown> {
  return jsonSchemaOf(playbookFileSchema, 'Playbook of sentinel-responder', ({ zodSchema, jsonSchema }) => {
    if (zodSchema === enrichSchema.shape.action) {
      jsonSchema.anyOf = choices([...catalogue.enrichments.values()], () => '');
    }
    if (zodSchema === respondSchema.shape.action) {
      jsonSchema.anyOf = choices([...catalogue.responses.values()], (action) => ` ${action.impact}`);
    }
  });
}

function choices<A extends { name: string; title: string; entity: string }>(
  actions: readonly A[],
  more: (action: A) => string,
): { const: string; description: string }[] {
  return actions.map((action) => ({
    const: action.name,
    description: `${action.title} (for: ${action.entity}).${more(action)}`,
  }));
}
