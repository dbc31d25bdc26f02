/** Checks every decided request against the instance's own plan, whatever its source. */
import type { ApprovalRequest } from '../domain/approval.js';
import { ResponderError } from '../domain/errors.js';
import type { Plan, PlanStep } from '../domain/plan.js';

/**
 * A changed request may have a new state, but the same subject: purpose, tier, plan and steps.
 * @throws ResponderError `not-of-this-plan` if the subject differs, or the selection has other steps
 */
export function checkAgainstPlan(plan: Plan, original: ApprovalRequest, changed: ApprovalRequest): void {
  const isUnchanged =
    changed.purpose === original.purpose &&
    changed.tier === original.tier &&
    changed.planHash === plan.hash &&
    changed.stepIds.join('\n') === original.stepIds.join('\n');
  const isSelection =
    new Set(changed.selected).size === changed.selected.length &&
    changed.selected.every((id) => original.stepIds.includes(id)) &&
    selectedSteps(plan, changed).length === changed.selected.length;
  if (isUnchanged && isSelection) return;
  throw new ResponderError({
    code: 'not-of-this-plan',
    message: `The decision for tier ${original.tier} does not match its approval request; none of it is carried out.`,
    fault: 'responder',
    retry: 'no',
    next: 'Find out who changed it: the history of this instance contains the request and the decision.',
  });
}

/** The steps of this instance's own plan that are to be carried out; none if the request is not decided. */
export function stepsToCarryOut(plan: Plan, request: ApprovalRequest): PlanStep[] {
  if (request.state === 'approved') return selectedSteps(plan, request);
  if (request.state !== 'contained') return [];
  // The playbook check refuses tiers that would contain anything else. No approver has decided, so check again.
  return selectedSteps(plan, request).filter(({ reversible, risk }) => reversible && risk !== 'destructive');
}

function selectedSteps({ steps }: Plan, { tier, selected }: ApprovalRequest): PlanStep[] {
  return steps.filter((step) => step.mode === 'approval' && step.tier === tier && selected.includes(step.id));
}
