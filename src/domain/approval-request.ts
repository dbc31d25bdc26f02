/** How a request begins, and the request to undo what was carried out. Pure: the time is a parameter, in milliseconds since 1970 (UTC). */
import type { ApprovalRequest, Purpose } from './approval.js';
import type { ApprovalTier } from './approval-tier.js';
import { ResponderError } from './errors.js';

/** What every request starts with. */
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
    wakeAt: iso(now),
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
 * Opens the request to undo what an earlier one carried out, for the same approvers and by the same rules. Nothing
 * is reminded, escalated or extended: without a decision it simply ends.
 * @throws ResponderError `nothing-to-undo`
 */
export function openUndo(
  asked: ApprovalRequest,
  tier: ApprovalTier,
  stepIds: readonly string[],
  now: number,
): ApprovalRequest {
  if (stepIds.length === 0 || tier.undoForMs === 0) {
    const message = 'there is nothing to undo';
    throw new ResponderError({ code: 'nothing-to-undo', message, blame: 'responder', retry: 'no' });
  }
  const expiresAt = iso(now + tier.undoForMs);
  return {
    ...newRequest(tier, 'undo', asked.instanceId, now),
    id: `${asked.id}.undo`,
    ...(asked.handedIn === undefined ? {} : { handedIn: asked.handedIn }),
    planHash: asked.planHash,
    stepIds: [...stepIds],
    approvers: asked.approvers,
    expiresAt,
    wakeAt: expiresAt,
    onDeadline: { do: 'nothing' },
    extension: { byMs: 1, times: 0 },
    channels: [],
  };
}

/** After some of it was undone, the rest may still be: a new revision of the same request. */
export function reopenUndo(undo: ApprovalRequest, stepIds: readonly string[]): ApprovalRequest {
  return {
    ...undo,
    revision: undo.revision + 1,
    stepIds: [...stepIds],
    state: 'waiting',
    selected: [],
    wakeAt: undo.expiresAt,
  };
}

const iso = (at: number) => new Date(at).toISOString();
