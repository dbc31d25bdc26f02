/** Whether the end of a plan is final for this version of the incident. */
import { isMissingPermission } from '../domain/errors.js';
import type { Plan, RefusedStep } from '../domain/plan.js';
import type { Unfinished } from '../domain/unfinished.js';
import { isLeftToOther, isProved, isWatched, type StepExecution } from './step-execution.js';

/** Refusals whose reason may pass. The others are decided: a person has to handle the entity. */
const MAY_PASS: readonly RefusedStep['code'][] = ['condition-unknown', 'target-unknown', 'not-found'];

/** Undefined: the end is final, for example because approvers have decided. */
export function unfinishedOf(
  plan: Plan,
  steps: readonly StepExecution[],
  leftOut: readonly string[],
): Unfinished | undefined {
  // What may still come is under way.
  const mayEnd = (one: StepExecution) => isProved(one.effect) || isWatched(one) || isLeftToOther(one);
  const unproved = steps.filter((one) => one.effect.undo === undefined && !mayEnd(one));
  if (unproved.length > 0) {
    const isForbidden = unproved.some(({ effect: { error } }) => error && isMissingPermission(error));
    return isForbidden ? 'no-permission' : 'step-unproved';
  }
  if (leftOut.length > 0) return 'left-out';
  return plan.refused.some(({ code }) => MAY_PASS.includes(code)) ? 'unknown-values' : undefined;
}
