/** The schema of a playbook file. load.ts checks names, kinds and conditions. */
import { z } from 'zod';
import { entitySchema } from '../domain/entities.js';
import type { ActionCatalogue } from './catalogue.js';
import { DURATION_PATTERN, parseDuration } from './duration.js';

export const MAX_EXPRESSION = 2_000;
const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const kinds = entitySchema.options.map((option) => option.shape.kind.value);

const sentence = (description: string) => z.string().trim().min(1).max(2_000).describe(description);
const name = (description: string) =>
  z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,63}$/, 'expected lower-case letters, digits and hyphens, e.g. isolate-device')
    .describe(description);
const expression = (description: string) =>
  z.string().trim().min(1).max(MAX_EXPRESSION).describe(description);
const duration = (description: string, min: number, max: number, range: string) =>
  z
    .string()
    .regex(DURATION_PATTERN, 'expected a duration: a whole number and s, m, h or d, e.g. 30s or 4h')
    .refine((text) => {
      const ms = parseDuration(text);
      return ms === undefined || (ms >= min && ms <= max);
    }, `expected a duration from ${range}`)
    .describe(`${description} A whole number and a unit: s, m, h or d; from ${range}.`);
const kind = z.enum(kinds).describe('The kind of entity, as the action declares it.');

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
  for: kind,
  when: expression(
    'CEL, true or false, evaluated for each entity of the kind. Variables: incident, entity, and each enrichment by ' +
      'its name: one object if it runs for the same kind, otherwise the list over all entities that it runs for.',
  ),
  tier: name(
    'The tier of "approvals" that decides. auto: the step is carried out at once, without approval; only for actions of low risk, or with unattended.',
  ),
  unattended: z
    .boolean()
    .default(false)
    .describe('With tier auto, true allows a disruptive action without approval; never a destructive one.'),
  why: sentence('The reason that approvers see.'),
});

const principal = (description: string) =>
  z
    .array(
      z.strictObject({
        id: z
          .guid('expected an object id, e.g. 00000000-0000-4000-8000-00000000b001')
          .describe('Object id in Entra.'),
        name: sentence('Display name; only the id is used.'),
      }),
    )
    .max(50)
    .default([])
    .describe(description);

export const tierSchema = z.strictObject({
  name: name('Name of the tier; responses and escalations refer to it.'),
  approvers: z
    .strictObject({
      groups: principal('Groups whose members may decide, including members of nested groups.'),
      people: principal('Users who may decide, without membership in a group.'),
      automation: z
        .array(z.string().trim().min(1).max(200))
        .max(20)
        .default([])
        .describe('Ids of the automated senders that may also decide. Not with fourEyes.'),
    })
    .describe('Who may decide. No one may decide about an incident that involves them.'),
  channel: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .describe('Name of the channel that the request is posted to (docs/teams.md).'),
  quorum: z
    .number()
    .int()
    .min(1)
    .max(10)
    .default(1)
    .describe('How many different approvers must approve the same selection of steps.'),
  fourEyes: z
    .boolean()
    .default(false)
    .describe('At least two different people must approve the same selection; automation does not count.'),
  managers: z
    .enum(['may-decide', 'may-not-decide'])
    .default('may-decide')
    .describe('Whether the manager of a user in the incident may decide.'),
  submission: z
    .enum(['any', 'signed'])
    .default('any')
    .describe(
      'signed: an incident that was submitted over HTTP with only the function key cannot be approved, because its sender could be one of the approvers. Service Bus messages and Event Grid events are not affected.',
    ),
  remind: z
    .array(duration('After the request was made, or escalated to this tier.', MINUTE, 30 * DAY, '1m to 30d'))
    .max(5)
    .default([])
    .describe('When to remind, the earliest first.'),
  escalate: z
    .strictObject({
      after: duration(
        'After the request was made, or escalated to this tier.',
        MINUTE,
        30 * DAY,
        '1m to 30d',
      ),
      to: z.string().describe('The tier whose approvers may then also decide.'),
    })
    .optional()
    .describe('The next level of the escalation chain.'),
  deadline: duration('How long the request stays open.', MINUTE, 30 * DAY, '1m to 30d'),
  onDeadline: z
    .enum(['do-nothing', 'contain', 'escalate'])
    .default('do-nothing')
    .describe(
      'What happens if no one has decided by the deadline. do-nothing: the request expires. contain: its steps are ' +
        'carried out, and undone after containFor. escalate: the next tier decides, with its own deadline.',
    ),
  containFor: duration(
    'How long the temporary containment lasts.',
    5 * MINUTE,
    7 * DAY,
    '5m to 7d',
  ).optional(),
  moreTime: z
    .strictObject({
      by: duration('How much one extension adds to the deadline.', MINUTE, 7 * DAY, '1m to 7d'),
      times: z.number().int().min(0).max(20).describe('How many extensions are allowed.'),
    })
    .default({ by: '1h', times: 2 })
    .describe('The extensions of the deadline that approvers may request.'),
  undoFor: duration(
    'How long afterwards the same approvers may decide to undo the steps.',
    MINUTE,
    30 * DAY,
    '1m to 30d',
  ).optional(),
});
export type TierFile = z.infer<typeof tierSchema>;

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
        .array(tierSchema)
        .min(1)
        .max(20)
        .describe('Who decides, by tier: each response names one of them.'),
    })
    .optional()
    .describe('Who decides about the proposed responses, and how long they have.'),
});
export type PlaybookFile = z.infer<typeof playbookFileSchema>;

/** JSON Schema (draft 2020-12) of a playbook file for editors, with the actions of a catalogue spelled out. */
export function playbookJsonSchema(catalogue: ActionCatalogue): Record<string, unknown> {
  const schema = z.toJSONSchema(playbookFileSchema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === enrichSchema.shape.action) {
        jsonSchema.anyOf = choices([...catalogue.enrichments.values()], () => '');
      }
      if (zodSchema === respondSchema.shape.action) {
        jsonSchema.anyOf = choices([...catalogue.responses.values()], (action) => ` ${action.impact}`);
      }
    },
  });
  return {
    $schema: schema.$schema,
    title: 'Playbook of sentinel-responder',
    ...Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$schema')),
  };
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
