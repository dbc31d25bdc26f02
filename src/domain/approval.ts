/** What analysts are asked, what they answer, and what became of it. */
import { z } from 'zod';
import { approversSchema, deadlineOutcomeSchema } from './approval-tier.js';
import { handedInSchema } from './handed-in.js';

export const channelSchema = z.enum(['http', 'web', 'cli', 'teams', 'service-bus']);
export type Channel = z.infer<typeof channelSchema>;

/** Who decides. A person is who the object id says, on whatever channel; automation is a sender with a name. */
export const deciderSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('person'),
    /** Entra tenant of the sign-in; absent: the home tenant by construction. */
    tenantId: z.string().optional(),
    objectId: z.string().min(1),
    name: z.string(),
    channel: channelSchema,
  }),
  z.object({
    kind: z.literal('automation'),
    id: z.string().min(1),
    name: z.string(),
    channel: channelSchema,
  }),
]);
export type Decider = z.infer<typeof deciderSchema>;

/** One card that stands somewhere, so that it can be brought up to date. */
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

/** What an analyst says about one request. `id` makes a repeated delivery harmless. */
export const analystDecisionSchema = z.object({
  id: z.string().min(1).max(200),
  requestId: z.string().min(1).max(200),
  kind: decisionKindSchema,
  /** Of the request, as the analyst saw it. */
  revision: z.number().int().positive(),
  planHash: z.string().max(100),
  /** Ids of the steps to carry out, or to undo; empty for `reject` and `extend`, which are about all of it. */
  steps: z.array(z.string().max(500)).max(500),
  /** A rejection must have one. */
  reason: z.string().max(2000).optional(),
  by: deciderSchema,
  /** ISO 8601, UTC: when the door accepted it. */
  at: z.string(),
  /** The card that was clicked: one that a repeated post left behind becomes known by this. */
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
  'hand-in-unsigned',
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

export const verdictSchema = z.discriminatedUnion('accepted', [
  z.object({ accepted: z.literal(true), code: acceptedCodeSchema, message: z.string() }),
  z.object({ accepted: z.literal(false), code: refusalCodeSchema, message: z.string() }),
]);
export type Verdict = z.infer<typeof verdictSchema>;

/** Every decision that came is kept, also the ones that did not count: this is the audit. */
export const judgedDecisionSchema = z.object({
  decision: analystDecisionSchema,
  verdict: verdictSchema,
  /** ISO 8601, UTC: when the orchestration judged it. */
  judgedAt: z.string(),
  /** SHA-256 (hex) of the exact selection; of an approval or an undo only. */
  selectionHash: z.string().optional(),
});
export type JudgedDecision = z.infer<typeof judgedDecisionSchema>;

/** One accepted approval (or undo) of one exact selection. Only votes of the current revision count, unless void. */
export const voteSchema = z.object({
  decisionId: z.string(),
  by: deciderSchema,
  revision: z.number().int().positive(),
  steps: z.array(z.string()),
  selectionHash: z.string(),
  at: z.string(),
  /** Why it no longer counts: when the quorum was complete, its maker might not decide any more. */
  voided: z.object({ code: refusalCodeSchema, reason: z.string(), at: z.string() }).optional(),
});
export type Vote = z.infer<typeof voteSchema>;

export const requestStateSchema = z.enum([
  'waiting',
  'approved',
  'rejected',
  /** Nobody decided in time, and nothing is done. */
  'expired',
  /** Nobody decided in time, and policy contains for a while. */
  'contained',
  /** The question is gone: the incident was closed meanwhile, or its handling ended. */
  'superseded',
]);
export type RequestState = z.infer<typeof requestStateSchema>;

/**
 * One question to the approvers of one tier. All times ISO 8601 in UTC.
 * A second approver who selects other steps starts a new revision with that one approval.
 */
export const approvalRequestSchema = z.object({
  /** `{instance id}.{generation}.{tier}`, and `.undo` after it for an undo: may stand in a URL path as it is. */
  id: z.string(),
  instanceId: z.string(),
  tier: z.string(),
  /** `respond`: whether to carry out the steps. `undo`: whether to undo what was carried out. */
  purpose: z.enum(['respond', 'undo']),
  revision: z.number().int().positive(),
  planHash: z.string(),
  /** The steps that may be selected. */
  stepIds: z.array(z.string()),
  /** Who may decide now, with those whom it was escalated to. */
  approvers: approversSchema,
  managersMayDecide: z.boolean(),
  /** How many different approvers it takes; four eyes are counted in. */
  approvalsNeeded: z.number().int().positive(),
  fourEyes: z.boolean(),
  /** Absent: of a version that did not keep it. */
  handedIn: handedInSchema.optional(),
  /** Policy asks for a signed hand-in, and this one is not: nothing of it may be approved. */
  handInRefused: z.literal(true).optional(),
  requestedAt: z.string(),
  expiresAt: z.string(),
  onDeadline: deadlineOutcomeSchema,
  /** When the orchestration looks at it again: to remind, to escalate, or because it expires. */
  wakeAt: z.string(),
  /** Names of the channels that it is shown in. */
  channels: z.array(z.string()),
  reminders: z.array(z.string()),
  escalations: z.array(z.object({ to: z.string(), at: z.string() })),
  extensions: z.array(z.object({ by: deciderSchema, at: z.string(), expiresAt: z.string() })),
  extension: z.object({ byMs: z.number().int().positive(), times: z.number().int().nonnegative() }),
  votes: z.array(voteSchema),
  state: requestStateSchema,
  /** What was decided to be carried out (or undone): exactly this, and nothing else. */
  selected: z.array(z.string()),
  /** Why it may wait in vain, e.g. a group that is too small; said as soon as it is known. */
  warnings: z.array(z.string()),
  cards: z.array(postedCardSchema),
});
export type ApprovalRequest = z.infer<typeof approvalRequestSchema>;
export type Purpose = ApprovalRequest['purpose'];

/** One run of an instance. An incident that is handled again, after its instance was purged, is another generation. */
export interface Run {
  readonly instanceId: string;
  /** Counts from 1. */
  readonly generation: number;
}

export function requestIdOf({ instanceId, generation }: Run, tier: string, purpose: Purpose): string {
  return `${instanceId}.${generation}.${tier}${purpose === 'undo' ? '.undo' : ''}`;
}

/** The run that a request belongs to, or undefined for what is no request's id. */
export function runOfRequest(requestId: string): Run | undefined {
  const [, instanceId, generation] =
    /^(incident-[0-9a-f]{40})\.([1-9]\d{0,5})\.[a-z][a-z0-9-]{0,63}(?:\.undo)?$/.exec(requestId) ?? [];
  return instanceId === undefined ? undefined : { instanceId, generation: Number(generation) };
}

/** The votes that count: those of the current revision that are not void. */
export function currentVotes(request: Pick<ApprovalRequest, 'votes' | 'revision'>): Vote[] {
  return request.votes.filter((vote) => vote.revision === request.revision && vote.voided === undefined);
}

/** The one external event name of an instance; the kind stands in the payload. */
export const INBOX_EVENT = 'inbox';
/**
 * What is said to an instance. The signature is HMAC-SHA-256 (hex) over the canonical JSON of all other fields; an
 * activity verifies it before the decision counts, so that raising an event approves nothing.
 */
export const inboxMessageSchema = z.object({
  kind: z.literal('decision'),
  instanceId: z.string(),
  /** Orders messages; the host does not. */
  sequence: z.string(),
  decision: analystDecisionSchema,
  signature: z.object({ keyId: z.string(), mac: z.string() }),
});
export type InboxMessage = z.infer<typeof inboxMessageSchema>;
export type UnsignedMessage = Omit<InboxMessage, 'signature'>;
