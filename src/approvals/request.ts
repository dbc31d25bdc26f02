/** How a request to the approvers begins and ends. Pure: the time is always a parameter, in milliseconds since 1970 (UTC). */
import { type ApprovalRequest, type Purpose, type Run, requestIdOf } from '../domain/approval.js';
import type { ApprovalTier } from '../domain/approval-tier.js';
import { ResponderError } from '../domain/errors.js';
import type { Plan } from '../domain/plan.js';
import { wakeAt } from './passing-time.js';

/**
 * Opens the request for the steps of a plan that one tier decides.
 * Throws ResponderError `nothing-to-approve` when there are none, and `unknown-tier`.
 */
export function openRequest(plan: Plan, tierName: string, run: Run, now: number): ApprovalRequest {
  const tier = tierOf(plan, tierName);
  const stepIds = plan.steps.filter((step) => step.tier === tierName).map((step) => step.id);
  if (stepIds.length === 0)
    throw error('nothing-to-approve', `the plan has no step that tier ${tierName} decides`);
  const request: ApprovalRequest = {
    ...begun(tier, 'respond', run.instanceId, now),
    id: requestIdOf(run, tierName, 'respond'),
    planHash: plan.hash,
    stepIds,
    approvers: tier.approvers,
    expiresAt: iso(now + tier.deadlineMs),
    onDeadline: tier.onDeadline,
    extension: tier.extension,
    channels: tier.channel === undefined ? [] : [tier.channel],
  };
  return { ...request, wakeAt: wakeAt(request, plan.tiers) };
}

/**
 * Opens the request to undo what an earlier one carried out, for the same approvers and by the same rules. Nothing
 * is reminded, escalated or extended: without a decision it simply ends.
 */
export function openUndo(
  asked: ApprovalRequest,
  plan: Plan,
  stepIds: readonly string[],
  now: number,
): ApprovalRequest {
  const tier = tierOf(plan, asked.tier);
  if (stepIds.length === 0 || tier.undoForMs === 0)
    throw error('nothing-to-undo', 'there is nothing to undo');
  const expiresAt = iso(now + tier.undoForMs);
  return {
    ...begun(tier, 'undo', asked.instanceId, now),
    id: `${asked.id}.undo`,
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

/** The question is gone: whoever answers now is told so. */
export function supersede(request: ApprovalRequest): ApprovalRequest {
  return request.state === 'waiting' ? { ...request, state: 'superseded' } : request;
}

function begun(tier: ApprovalTier, purpose: Purpose, instanceId: string, now: number) {
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

function tierOf({ tiers }: Plan, name: string): ApprovalTier {
  const tier = tiers.find((one) => one.name === name);
  if (tier === undefined) throw error('unknown-tier', `the plan has no tier ${name}`);
  return tier;
}

function error(code: string, message: string): ResponderError {
  return new ResponderError({ code, message, blame: 'responder', retry: 'no' });
}

const iso = (at: number) => new Date(at).toISOString();
