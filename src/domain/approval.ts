import { z } from 'zod';

export const channelSchema = z.enum(['http', 'web', 'cli', 'teams', 'service-bus', 'auto']);

/** What an analyst says about a plan. `id` makes a repeated delivery harmless. */
export const analystDecisionSchema = z.object({
  id: z.string().min(1),
  kind: z.enum(['approve', 'reject']),
  planHash: z.string(),
  /** Ids of the plan's steps that the decision covers; for a rejection, empty = all. */
  steps: z.array(z.string()),
  reason: z.string().max(2000).optional(),
  by: z.object({ id: z.string(), name: z.string(), channel: channelSchema }),
  /** ISO 8601, UTC: when the door accepted it. */
  at: z.string(),
});
export type AnalystDecision = z.infer<typeof analystDecisionSchema>;

export const refusalCodeSchema = z.enum([
  'stale-plan',
  'unknown-action',
  'nothing-selected',
  'already-decided',
  'expired',
  'ended',
]);
export type RefusalCode = z.infer<typeof refusalCodeSchema>;

/** Every decision that came is kept, also the ones that did not count. */
export const judgedDecisionSchema = z.object({
  decision: analystDecisionSchema,
  verdict: z.discriminatedUnion('accepted', [
    z.object({ accepted: z.literal(true) }),
    z.object({ accepted: z.literal(false), code: refusalCodeSchema, message: z.string() }),
  ]),
});
export type JudgedDecision = z.infer<typeof judgedDecisionSchema>;
export type Verdict = JudgedDecision['verdict'];

export const approvalRequestSchema = z.object({
  /** The orchestration's instance id. */
  id: z.string(),
  planHash: z.string(),
  stepIds: z.array(z.string()),
  approvers: z.array(z.string()),
  requestedAt: z.string(),
  expiresAt: z.string(),
  state: z.enum(['waiting', 'approved', 'rejected', 'expired']),
});
export type ApprovalRequest = z.infer<typeof approvalRequestSchema>;

/** The one external event name of an instance; the kind stands in the payload. */
export const INBOX_EVENT = 'inbox';
export const inboxMessageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('decision'), sequence: z.string(), decision: analystDecisionSchema }),
]);
export type InboxMessage = z.infer<typeof inboxMessageSchema>;
