/** How a request to the approvers begins and ends. Pure: the time is always a parameter, in milliseconds since 1970 (UTC). */
import { type ApprovalRequest, type Run, requestIdOf } from '../domain/approval.js';
import { newRequest } from '../domain/approval-request.js';
import type { ApprovalTier } from '../domain/approval-tier.js';
import { ResponderError } from '../domain/errors.js';
import { type HandedIn, isUnsigned } from '../domain/handed-in.js';
import type { Plan } from '../domain/plan.js';
import { wakeAt } from './passing-time.js';

/**
 * Opens the request for the steps of a plan that one tier decides.
 * Throws ResponderError `nothing-to-approve` when there are none, and `unknown-tier`.
 */
export function openRequest(
  plan: Plan,
  tierName: string,
  run: Run,
  now: number,
  handedIn?: HandedIn,
): ApprovalRequest {
  const tier = tierOf(plan, tierName);
  const stepIds = plan.steps.filter((step) => step.tier === tierName).map((step) => step.id);
  if (stepIds.length === 0)
    throw error('nothing-to-approve', `the plan has no step that tier ${tierName} decides`);
  const request: ApprovalRequest = {
    ...newRequest(tier, 'respond', run.instanceId, now),
    id: requestIdOf(run, tierName, 'respond'),
    planHash: plan.hash,
    stepIds,
    approvers: tier.approvers,
    expiresAt: iso(now + tier.deadlineMs),
    onDeadline: tier.onDeadline,
    extension: tier.extension,
    channels: tier.channel === undefined ? [] : [tier.channel],
    ...(handedIn === undefined ? {} : { handedIn }),
    ...(tier.handIn === 'signed' && (handedIn === undefined || isUnsigned(handedIn))
      ? { handInRefused: true as const }
      : {}),
  };
  return { ...request, wakeAt: wakeAt(request, plan.tiers) };
}

/** Why nothing of a request may be approved, for whoever looks at it; undefined: it may be. */
export function handInDoubt({ handInRefused, tier }: ApprovalRequest): string | undefined {
  return handInRefused
    ? `Policy asks for a signed hand-in for tier ${tier}, and nobody knows who handed this incident in. It cannot be approved: reject it and handle the incident by hand. For the next one send POST /api/incidents with a bearer token of a person or a program as well as the function key, or hand it in by the queue.`
    : undefined;
}

/** The question is gone: whoever answers now is told so. */
export function supersede(request: ApprovalRequest): ApprovalRequest {
  return request.state === 'waiting' ? { ...request, state: 'superseded' } : request;
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
