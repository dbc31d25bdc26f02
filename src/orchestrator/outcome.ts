import type { ApprovalRequest } from '../domain/approval.js';
import type { Outcome } from '../domain/case-file.js';
import type { Plan } from '../domain/plan.js';
import { isProved, type StepWork } from './steps.js';

/** How the handling of a plan ended. */
export function outcomeOf(
  plan: Plan,
  requests: readonly ApprovalRequest[],
  works: readonly StepWork[],
): Outcome {
  const asked = requests.filter(({ purpose }) => purpose === 'respond');
  const proved = works.filter(({ effect }) => isProved(effect)).length;
  const undone = works.filter(({ effect }) => effect.undo !== undefined && isProved(effect.undo));
  if (undone.some(({ effect }) => effect.undo?.because === 'decision')) {
    return works.some((work) => !undone.includes(work) && mayLast(work)) ? 'partly-remediated' : 'undone';
  }
  if (proved < works.length) return proved > 0 ? 'partly-remediated' : 'needs-analyst';
  const states = new Set(asked.map(({ state }) => state));
  if (states.has('approved') || states.has('contained')) {
    if (states.has('contained') && !states.has('approved')) return 'contained';
    return states.size === 1 && plan.refused.length === 0 ? 'remediated' : 'partly-remediated';
  }
  if (states.has('superseded')) return 'incident-closed';
  if (states.has('rejected')) return 'rejected';
  if (states.has('expired')) return 'expired';
  return plan.refused.length === 0 ? 'remediated' : 'partly-remediated';
}

/** What cannot be undone is done once, and not in force; what others ended is not, either. */
function mayLast({ step, effect: { state, endedByOthers } }: StepWork): boolean {
  return step.reversible && state !== 'failed' && endedByOthers === undefined;
}
