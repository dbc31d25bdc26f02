import type { CaseFile } from './case-file.js';
import { settledByMerge } from './merge.js';
import type { PlanStep } from './plan.js';
import { settledTargets, stepsOf, targetKeyOf } from './settled.js';

type Case = Pick<
  CaseFile,
  'generation' | 'ownEnded' | 'plan' | 'formerPlans' | 'effects' | 'approvals' | 'handedOverFrom'
>;

/**
 * The steps of all plans of a run that neither it nor a merged incident has settled, each action on a record once: a retry
 * proposes them again.
 */
export function unsettledSteps(file: Case): PlanStep[] {
  const settled = new Set([...settledTargets(file, false), ...settledByMerge(file)]);
  const open = stepsOf(file).filter((step) => !settled.has(targetKeyOf(step)));
  return [...new Map(open.map((step) => [targetKeyOf(step), step])).values()];
}
