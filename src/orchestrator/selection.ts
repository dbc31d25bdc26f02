/** What was decided is held against this instance's own plan, whoever said that it was decided. */
import type { ApprovalRequest } from '../domain/approval.js';
import { ResponderError } from '../domain/errors.js';
import type { Plan, PlanStep } from '../domain/plan.js';

/**
 * A request may change what became of it, and never what it is about.
 * @throws ResponderError `not-of-this-plan` where it is about anything but what was asked, or selects anything else
 */
export function checkAgainstPlan(plan: Plan, asked: ApprovalRequest, changed: ApprovalRequest): void {
  const isTheSame =
    changed.purpose === asked.purpose &&
    changed.tier === asked.tier &&
    changed.planHash === plan.hash &&
    changed.stepIds.join('\n') === asked.stepIds.join('\n');
  const isSelection =
    new Set(changed.selected).size === changed.selected.length &&
    changed.selected.every((id) => asked.stepIds.includes(id)) &&
    selectedSteps(plan, changed).length === changed.selected.length;
  if (isTheSame && isSelection) return;
  throw new ResponderError({
    code: 'not-of-this-plan',
    message: `What was decided for tier ${asked.tier} is not a selection from what was asked; nothing of it is done.`,
    blame: 'responder',
    retry: 'no',
    next: 'Find out who changed it: the history of this instance says what was asked and what was decided.',
  });
}

/** The steps that are to be carried out, out of this instance's own plan; none where nothing was decided. */
export function stepsToCarryOut(plan: Plan, request: ApprovalRequest): PlanStep[] {
  if (request.state === 'approved') return selectedSteps(plan, request);
  if (request.state !== 'contained') return [];
  // Playbooks that would contain anything else are refused; nobody has decided about it here.
  return selectedSteps(plan, request).filter(({ reversible, risk }) => reversible && risk !== 'destructive');
}

function selectedSteps({ steps }: Plan, { tier, selected }: ApprovalRequest): PlanStep[] {
  return steps.filter((step) => step.mode === 'approval' && step.tier === tier && selected.includes(step.id));
}
