/** Approval requests, the decisions on them, and their outcomes. */
import { z } from 'zod';
import { approversSchema, deadlineOutcomeSchema } from './approval-tier.js';
import { submissionSchema } from './submission.js';

export const channelSchema = z.enum(['http', 'web', 'cli', 'teams', 'service-bus']);
export type Channel = z.infer<typeof channelSchema>;

/** Who decides. The object id identifies a person on every channel; automation is a named sender. */
export const deciderSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('person'),
    /** Entra tenant of the sign-in. Absent: the only tenant, or an older version has written it. */
    tenantId: z.string().optional(),
    objectId: z.string().min(1),
    name: z.string(),
    channel: channelSchema,
  }),
  z.object({
    kind: z.literal('automation'),
    /** The tenant about whose incidents it decides, as of a person. */
    tenantId: z.string().optional(),
    id: z.string().min(1),
    name: z.string(),
    channel: channelSchema,
  }),
]);
export type Decider = z.infer<typeof deciderSchema>;

/** Identifies a posted card, for later updates. */
export const postedCardSchema = z.object({
  /** The channel's name in the playbook. */
  channel: z.string(),
  serviceUrl: z.string(),
  tenantId: z.string(),
  channelId: z.string(),
  conversationId: z.string(),
  activityId: z.string(),
});
export type PostedCard = z.infer<typeof postedCardSchema>;

export const decisionKindSchema = z.enum(['approve', 'reject', 'extend', 'undo']);
export type DecisionKind = z.infer<typeof decisionKindSchema>;

/** A decision on one request. `id` makes repeated deliveries harmless. */
export const analystDecisionSchema = z.object({
  id: z.string().min(1).max(200),
  requestId: z.string().min(1).max(200),
  kind: decisionKindSchema,
  /** Revision of the request that the approver saw. */
  revision: z.number().int().positive(),
  planHash: z.string().max(100),
  /** Ids of the steps to carry out or undo; empty for `reject` and `extend`, which concern the whole request. */
  steps: z.array(z.string().max(500)).max(500),
  /** Required for `reject`. */
  reason: z.string().max(2000).optional(),
  by: deciderSchema,
  /** When the channel received it (ISO 8601, UTC). */
  at: z.string(),
  /** The card that was clicked. Identifies a card that a repeated post left behind. */
  card: postedCardSchema.optional(),
});
export type AnalystDecision = z.infer<typeof analystDecisionSchema>;

export const acceptedCodeSchema = z.enum([
  'approved',
  'more-approvers-needed',
  'rejected',
  'extended',
  'undo-approved',
]);
export const refusalCodeSchema = z.enum([
  'unverified',
  'unknown-request',
  'not-intact',
  'ended',
  'superseded',
  'already-decided',
  'expired',
  'wrong-kind',
  'submission-unsigned',
  'stale-plan',
  'stale-revision',
  'unknown-action',
  'nothing-selected',
  'reason-required',
  'no-more-time',
  'not-an-approver',
  'account-disabled',
  'account-gone',
  'guest',
  'membership-unknown',
  'own-incident',
  'second-approver-must-differ',
]);
export type AcceptedCode = z.infer<typeof acceptedCodeSchema>;
export type RefusalCode = z.infer<typeof refusalCodeSchema>;

export const decisionOutcomeSchema = z.discriminatedUnion('accepted', [
  z.object({ accepted: z.literal(true), code: acceptedCodeSchema, message: z.string() }),
  z.object({ accepted: z.literal(false), code: refusalCodeSchema, message: z.string() }),
]);
export type DecisionOutcome = z.infer<typeof decisionOutcomeSchema>;

/** A decision with its outcome. Accepted and refused decisions are stored: they are the audit trail. */
export const evaluatedDecisionSchema = z.object({
  decision: analystDecisionSchema,
  outcome: decisionOutcomeSchema,
  /** When the orchestration evaluated it (ISO 8601, UTC). */
  evaluatedAt: z.string(),
  /** SHA-256 (hex) of the exact selection; only for `approve` and `undo`. */
  selectionHash: z.string().optional(),
});
export type EvaluatedDecision = z.infer<typeof evaluatedDecisionSchema>;

/** One accepted approval (or undo) of one exact selection. Only valid votes of the current revision count. */
export const voteSchema = z.object({
  decisionId: z.string(),
  by: deciderSchema,
  revision: z.number().int().positive(),
  steps: z.array(z.string()),
  selectionHash: z.string(),
  at: z.string(),
  /** Why the vote no longer counts: when the quorum was reached, its approver was no longer allowed to decide. */
  voided: z.object({ code: refusalCodeSchema, reason: z.string(), at: z.string() }).optional(),
});
export type Vote = z.infer<typeof voteSchema>;

/**
 * `changed`: the incident changed, and a new plan replaced the request. `gone`: the incident is no longer returned.
 * `elsewhere`: another instance handles the same incident.
 * `failed`: the incident could not be handled further. `undo`: the steps are being undone without a decision.
 */
export const supersededBySchema = z.enum([
  'closed',
  'merged',
  'gone',
  'elsewhere',
  'changed',
  'failed',
  'undo',
]);
export type SupersededBy = z.infer<typeof supersededBySchema>;

export const requestStateSchema = z.enum([
  'waiting',
  'approved',
  'rejected',
  /** No decision in time; nothing is carried out. */
  'expired',
  /** No decision in time; policy requires temporary containment. */
  'contained',
  /** See `supersededBy`. */
  'superseded',
]);
export type RequestState = z.infer<typeof requestStateSchema>;

/**
 * One request to the approvers of one tier. All times ISO 8601 in UTC.
 * A second approver who selects other steps starts a new revision with that one approval.
 */
export const approvalRequestSchema = z.object({
  /**
   * `{instance id}.{generation}.{tier}`, then `.{round}` from the second plan of a run on, then `.undo` for an undo. Safe
   * in a URL path without encoding.
   */
  id: z.string(),
  instanceId: z.string(),
  tier: z.string(),
  /** `respond`: whether to carry out the steps. `undo`: whether to undo what was carried out. */
  purpose: z.enum(['respond', 'undo']),
  revision: z.number().int().positive(),
  planHash: z.string(),
  /** The selectable steps. */
  stepIds: z.array(z.string()),
  /** The approvers so far, including those of escalations. */
  approvers: approversSchema,
  managersMayDecide: z.boolean(),
  /** Required number of different approvers, including the two of four eyes. */
  approvalsNeeded: z.number().int().positive(),
  fourEyes: z.boolean(),
  /** Absent: written by an older version. */
  submission: submissionSchema.optional(),
  /** Policy requires a signed submission and this one is not signed: the request cannot be approved. */
  submissionRefused: z.literal(true).optional(),
  requestedAt: z.string(),
  expiresAt: z.string(),
  onDeadline: deadlineOutcomeSchema,
  /** Time of the next reminder, escalation or expiry. */
  nextCheckAt: z.string(),
  /** Names of the channels that the request is posted to. */
  channels: z.array(z.string()),
  reminders: z.array(z.string()),
  escalations: z.array(z.object({ to: z.string(), at: z.string() })),
  extensions: z.array(z.object({ by: deciderSchema, at: z.string(), expiresAt: z.string() })),
  extension: z.object({ byMs: z.number().int().positive(), times: z.number().int().nonnegative() }),
  votes: z.array(voteSchema),
  state: requestStateSchema,
  /** Why it was superseded. */
  supersededBy: supersededBySchema.optional(),
  /** The steps decided to be carried out (or undone): exactly these. */
  selected: z.array(z.string()),
  /** Reasons why the request may never be approved, e.g. a group that is too small; reported when first detected. */
  warnings: z.array(z.string()),
  cards: z.array(postedCardSchema),
});
export type ApprovalRequest = z.infer<typeof approvalRequestSchema>;
export type Purpose = ApprovalRequest['purpose'];

/** One run of an instance. If the incident is submitted again after the run has ended, the next generation starts. */
export interface Run {
  readonly instanceId: string;
  /** Counts from 1. */
  readonly generation: number;
}

export function requestIdOf({ instanceId, generation }: Run, tier: string, round?: number): string {
  return `${instanceId}.${generation}.${tier}${round === undefined ? '' : `.${round}`}`;
}

/** The run of a request; undefined if the text is not a request id. */
export function runOfRequest(requestId: string): Run | undefined {
  const [, instanceId, generation] =
    /^(incident-[0-9a-f]{40})\.([1-9]\d{0,5})\.[a-z][a-z0-9-]{0,63}(?:\.[1-9]\d{0,3})?(?:\.undo)?$/.exec(
      requestId,
    ) ?? [];
  return instanceId === undefined ? undefined : { instanceId, generation: Number(generation) };
}

/** The votes of the current revision that are not void. */
export function currentVotes(request: Pick<ApprovalRequest, 'votes' | 'revision'>): Vote[] {
  return request.votes.filter((vote) => vote.revision === request.revision && vote.voided === undefined);
}

/** The only external event name of an instance; the payload contains the kind. */
export const INBOX_EVENT = 'inbox';
/**
 * A message to an instance. The signature is HMAC-SHA-256 (hex) over the canonical JSON of all other fields. An activity
 * verifies it before the decision counts, so raising an event approves nothing.
 */
export const inboxMessageSchema = z.object({
  kind: z.literal('decision'),
  instanceId: z.string(),
  /** Orders messages, because the host does not. */
  sequence: z.string(),
  decision: analystDecisionSchema,
  signature: z.object({ keyId: z.string(), mac: z.string() }),
});
export type InboxMessage = z.infer<typeof inboxMessageSchema>;
export type UnsignedMessage = Omit<InboxMessage, 'signature'>;
