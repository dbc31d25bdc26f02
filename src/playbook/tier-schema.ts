/** The schema of an approval tier, in the policy and in a playbook that is tried out with its own tiers. */
import { z } from 'zod';
import { DAY, duration, MINUTE, name, sentence } from './form.js';

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

/** `groups`: how a tier refers to its groups. */
const tierWith = <G extends z.ZodType>(groups: G) =>
  z.strictObject({
    name: name('Name of the tier; responses and escalations refer to it.'),
    approvers: z
      .strictObject({
        groups,
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
      .array(
        duration('After the request was made, or escalated to this tier.', MINUTE, 30 * DAY, '1m to 30d'),
      )
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

const GROUPS = 'Groups whose members may decide, including members of nested groups.';

export const policyTierSchema = tierWith(
  z
    .array(z.string('expected the name of a group'))
    .max(50)
    .default([])
    .describe(`${GROUPS} Names from "groups".`),
);
export const ownTierSchema = tierWith(principal(GROUPS));
export type PolicyTier = z.infer<typeof policyTierSchema>;
export type OwnTier = z.infer<typeof ownTierSchema>;
export type TierRules = PolicyTier | OwnTier;
