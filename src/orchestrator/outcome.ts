import type { ApprovalRequest } from '../domain/approval.js';
import type { Outcome } from '../domain/case-file.js';
import type { Plan } from '../domain/plan.js';
import { isLeftToOther, isProved, type StepExecution } from './step-execution.js';

/** The outcome of a plan, from its requests and steps. A step that is left to another case does not count. */
export function outcomeOf(
  plan: Plan,
  requests: readonly ApprovalRequest[],
  all: readonly StepExecution[],
): Outcome {
  const responseRequests = requests.filter(({ purpose }) => purpose === 'respond');
  if (all.length === 0 && responseRequests.length === 0) return nothing(plan);
  const steps = all.filter((one) => !isLeftToOther(one));
  const proved = steps.filter(({ effect }) => isProved(effect)).length;
  const undone = steps.filter(({ effect }) => effect.undo !== undefined && isProved(effect.undo));
  if (undone.some(({ effect }) => effect.undo?.because === 'decision')) {
    return steps.some((one) => !undone.includes(one) && mayLast(one)) ? 'partly-remediated' : 'undone';
  }
  if (proved < steps.length) return proved > 0 ? 'partly-remediated' : 'needs-analyst';
  const states = new Set(responseRequests.map(({ state }) => state));
  if (states.has('approved') || states.has('contained')) {
    if (states.has('contained') && !states.has('approved')) return 'contained';
    return states.size === 1 && plan.refused.length === 0 ? 'remediated' : 'partly-remediated';
  }
  if (states.has('superseded')) {
    const why = whySuperseded(responseRequests);
    // What was done here is not in the case of the other instance.
    const isLeft = steps.some((one) => !undone.includes(one) && mayLast(one));
    return why === 'handled-elsewhere' && isLeft ? 'partly-remediated' : why;
  }
  if (states.has('rejected')) return 'rejected';
  if (states.has('expired')) return 'expired';
  return plan.refused.length === 0 ? 'remediated' : 'partly-remediated';
}

/** The outcome if nothing is proposed any more. */
function nothing({ steps, refused }: Plan): Outcome {
  if (steps.length > 0) return 'no-playbook';
  return refused.length > 0 ? 'needs-analyst' : 'no-action';
}

function whySuperseded(requests: readonly ApprovalRequest[]): Outcome {
  const reasons = requests.map(({ supersededBy }) => supersededBy);
  if (reasons.includes('elsewhere')) return 'handled-elsewhere';
  if (reasons.includes('gone')) return 'incident-gone';
  return reasons.includes('merged') ? 'incident-merged' : 'incident-closed';
}

/** Whether the effect may still be in force. An irreversible action has no lasting effect, and others may have ended it. */
function mayLast({ step, effect: { state, endedByOthers } }: StepExecution): boolean {
  return step.reversible && state !== 'failed' && endedByOthers === undefined;
}
