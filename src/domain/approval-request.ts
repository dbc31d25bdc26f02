/** Creates approval requests and undo requests. Pure: the time is a parameter, in milliseconds since 1970 (UTC). */
import type { ApprovalRequest, Purpose } from './approval.js';
import type { ApprovalTier } from './approval-tier.js';
import { ResponderError } from './errors.js';

/** The initial fields of every request. */
export function newRequest(tier: ApprovalTier, purpose: Purpose, instanceId: string, now: number) {
  return {
    instanceId,
    tier: tier.name,
    purpose,
    revision: 1,
    managersMayDecide: tier.managersMayDecide,
    approvalsNeeded: Math.max(tier.quorum, tier.fourEyes ? 2 : 1),
    fourEyes: tier.fourEyes,
    requestedAt: iso(now),
    nextCheckAt: iso(now),
    reminders: [],
    escalations: [],
    extensions: [],
    votes: [],
    state: 'waiting' as const,
    selected: [],
    warnings: [],
    cards: [],
  };
}

/**
 * Opens the request to undo the steps of an earlier request, for the same approvers and under the same rules. It has
 * no reminder, escalation or extension: without a decision it ends. `from`: when the undo period begins; later than `now` if
 * an effect may still come.
 * @throws ResponderError `nothing-to-undo`
 */
export function openUndo(
  asked: ApprovalRequest,
  tier: ApprovalTier,
  stepIds: readonly string[],
  now: number,
  from = now,
): ApprovalRequest {
  if (stepIds.length === 0 || tier.undoForMs === 0) {
    const message = 'there is nothing to undo';
    throw new ResponderError({ code: 'nothing-to-undo', message, fault: 'responder', retry: 'no' });
  }
  const expiresAt = iso(from + tier.undoForMs);
  return {
    ...newRequest(tier, 'undo', asked.instanceId, now),
    id: `${asked.id}.undo`,
    ...(asked.submission === undefined ? {} : { submission: asked.submission }),
    planHash: asked.planHash,
    stepIds: [...stepIds],
    approvers: asked.approvers,
    expiresAt,
    nextCheckAt: expiresAt,
    onDeadline: { do: 'nothing' },
    extension: { byMs: 1, times: 0 },
    channels: [],
  };
}

/** After a partial undo, reopens the same request in a new revision for the remaining steps. */
export function reopenUndo(undo: ApprovalRequest, stepIds: readonly string[]): ApprovalRequest {
  return {
    ...undo,
    revision: undo.revision + 1,
    stepIds: [...stepIds],
    state: 'waiting',
    selected: [],
    nextCheckAt: undo.expiresAt,
  };
}

const iso = (at: number) => new Date(at).toISOString();
