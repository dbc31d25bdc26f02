/** An approval tier as policy defines it: approvers, quorum, and what happens without a decision. */
import { z } from 'zod';

const milliseconds = z.number().int().positive();

/** A group or user of the home tenant, by object id (lower case). The name is for display only. */
export const principalSchema = z.object({ id: z.string(), name: z.string() });
export type Principal = z.infer<typeof principalSchema>;

export const approversSchema = z.object({
  /** Security groups: direct and nested members may decide. */
  groups: z.array(principalSchema),
  /** Individually named users. The directory is queried about them, too. */
  people: z.array(principalSchema),
  /** Ids of automated senders that may decide, too. They never count towards four eyes. */
  automation: z.array(z.string()),
});
export type Approvers = z.infer<typeof approversSchema>;

/**
 * What happens when the deadline passes without a decision. `contain`: the requested steps are carried out and undone
 * after `forMs`. `escalate`: the next tier of the escalation chain gets its own deadline.
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
  /** Name of the channel that the request is posted to. Absent: only the web page and the CLI show it. */
  channel: z.string().optional(),
  /** How many different approvers must approve the same selection of steps. */
  quorum: z.number().int().positive(),
  /** Two-person approval: at least two different people; automation does not count. */
  fourEyes: z.boolean(),
  /** Times of the reminders, counted from the request or its last escalation. */
  remindAfterMs: z.array(milliseconds),
  /** After `afterMs` the approvers of tier `to` are notified and may decide, too. */
  escalation: z.object({ afterMs: milliseconds, to: z.string() }).optional(),
  deadlineMs: milliseconds,
  onDeadline: deadlineOutcomeSchema,
  /** `byMs`: how far one extension moves the deadline. `times`: how many extensions are allowed. */
  extension: z.object({ byMs: milliseconds, times: z.number().int().nonnegative() }),
  /** How long approvers may decide to undo the response; 0: not at all. */
  undoForMs: z.number().int().nonnegative(),
  /** False: the manager of a user in the incident may not decide. */
  managersMayDecide: z.boolean(),
  /** `signed`: an incident submitted over HTTP by an unknown submitter cannot be approved. */
  submission: z.literal('signed').optional(),
});
export type ApprovalTier = z.infer<typeof approvalTierSchema>;
