/** A tier of approval as policy defines it: who may decide, how many must, and what happens when nobody does. */
import { z } from 'zod';

const milliseconds = z.number().int().positive();

/** A group or a person of the home tenant, by object id (lower case). The name is for people only. */
export const principalSchema = z.object({ id: z.string(), name: z.string() });
export type Principal = z.infer<typeof principalSchema>;

export const approversSchema = z.object({
  /** Security groups: members, also of groups within them, may decide. */
  groups: z.array(principalSchema),
  /** Named people: in no group, and asked about in the directory all the same. */
  people: z.array(principalSchema),
  /** Ids of automated senders that may decide, too. They never count where four eyes are asked for. */
  automation: z.array(z.string()),
});
export type Approvers = z.infer<typeof approversSchema>;

/**
 * What happens when the deadline passes without a decision. `contain`: what was asked for is carried out and undone
 * after `forMs`. `escalate`: the next tier of the ladder gets a deadline of its own.
 */
export const deadlineOutcomeSchema = z.discriminatedUnion('do', [
  z.object({ do: z.literal('nothing') }),
  z.object({ do: z.literal('contain'), forMs: milliseconds }),
  z.object({ do: z.literal('escalate') }),
]);
export type DeadlineOutcome = z.infer<typeof deadlineOutcomeSchema>;

export const approvalTierSchema = z.object({
  name: z.string(),
  approvers: approversSchema,
  /** Name of the channel that the request is posted to; without one it waits on the page and the command line. */
  channel: z.string().optional(),
  /** How many different approvers must approve the same selection of steps. */
  quorum: z.number().int().positive(),
  /** At least two different people; automation does not count. */
  fourEyes: z.boolean(),
  /** When to remind, after the request was made or escalated. */
  remindAfterMs: z.array(milliseconds),
  /** After that time the approvers of the other tier may decide, too, and are told so. */
  escalation: z.object({ afterMs: milliseconds, to: z.string() }).optional(),
  deadlineMs: milliseconds,
  onDeadline: deadlineOutcomeSchema,
  /** By how much one ask for more time moves the deadline, and how often it may be asked for. */
  extension: z.object({ byMs: milliseconds, times: z.number().int().nonnegative() }),
  /** How long what was done may be undone by a decision; 0: not at all. */
  undoForMs: z.number().int().nonnegative(),
  /** False: the manager of a user in the incident may not decide either. */
  managersMayDecide: z.boolean(),
  /** An incident that was handed in by HTTP without a signature is not approved. */
  handIn: z.literal('signed').optional(),
});
export type ApprovalTier = z.infer<typeof approvalTierSchema>;
