/** Opens and supersedes approval requests. Pure: the time is a parameter, in milliseconds since 1970 (UTC). */
import { type ApprovalRequest, type Run, requestIdOf, type SupersededBy } from '../domain/approval.js';
import { newRequest } from '../domain/approval-request.js';
import type { ApprovalTier } from '../domain/approval-tier.js';
import { ResponderError } from '../domain/errors.js';
import type { Plan } from '../domain/plan.js';
import { isUnsigned, type Submission } from '../domain/submission.js';
import { nextCheckAt } from './approval-timeouts.js';

/**
 * Opens the request for the steps of a plan that one tier decides.
 * @throws ResponderError `nothing-to-approve` if the tier has no steps; `unknown-tier`.
 */
export function openRequest(
  plan: Plan,
  tierName: string,
  run: Run,
  now: number,
  submission?: Submission,
): ApprovalRequest {
  const tier = tierOf(plan, tierName);
  const stepIds = plan.steps.filter((step) => step.tier === tierName).map((step) => step.id);
  if (stepIds.length === 0)
    throw error('nothing-to-approve', `the plan has no step that tier ${tierName} decides`);
  const request: ApprovalRequest = {
    ...newRequest(tier, 'respond', run.instanceId, now),
    id: requestIdOf(run, tierName, plan.round),
    planHash: plan.hash,
    stepIds,
    approvers: tier.approvers,
    expiresAt: iso(now + tier.deadlineMs),
    onDeadline: tier.onDeadline,
    extension: tier.extension,
    channels: tier.channel === undefined ? [] : [tier.channel],
    ...(submission === undefined ? {} : { submission }),
    ...(tier.submission === 'signed' && (submission === undefined || isUnsigned(submission))
      ? { submissionRefused: true as const }
      : {}),
  };
  return { ...request, nextCheckAt: nextCheckAt(request, plan.tiers) };
}

/** Why the request cannot be approved, as text for approvers. Undefined: it can be. */
export function submissionProblem({ submissionRefused, tier }: ApprovalRequest): string | undefined {
  return submissionRefused
    ? `Policy requires a signed submission for tier ${tier}, but the submitter of this incident is unknown. The request cannot be approved: reject it and handle the incident manually. In future, send POST /api/incidents with the bearer token of a user or an application in addition to the function key, or submit through the Service Bus queue.`
    : undefined;
}

/** Supersedes a waiting request; later decisions are refused with `superseded`. */
export function supersede(request: ApprovalRequest, supersededBy: SupersededBy): ApprovalRequest {
  return request.state === 'waiting' ? { ...request, state: 'superseded', supersededBy } : request;
}

function tierOf({ tiers }: Plan, name: string): ApprovalTier {
  const tier = tiers.find((one) => one.name === name);
  if (tier === undefined) throw error('unknown-tier', `the plan has no tier ${name}`);
  return tier;
}

function error(code: string, message: string): ResponderError {
  return new ResponderError({ code, message, fault: 'responder', retry: 'no' });
}

const iso = (at: number) => new Date(at).toISOString();
