/** What a run has decided and done: the next plan for the same incident does not propose it again. Pure. */
import type { CaseFile, EarlierRun } from './case-file.js';
import { ownChangeId } from './incident-change.js';
import type { Plan, PlanStep } from './plan.js';

type Case = Pick<CaseFile, 'generation' | 'plan' | 'formerPlans' | 'effects' | 'approvals' | 'ownEnded'>;

/** The plans of a run, the newest last. */
export function plansOf({ plan, formerPlans = [] }: Pick<CaseFile, 'plan' | 'formerPlans'>): Plan[] {
  return plan === undefined ? [...formerPlans] : [...formerPlans, plan];
}

/** The steps of all plans of a run. The position of a step never changes. */
export function stepsOf(file: Pick<CaseFile, 'plan' | 'formerPlans'>): PlanStep[] {
  return plansOf(file).flatMap(({ steps }) => steps);
}

/** Identifies an action on a record, whatever the plan and the incident's name for the record. */
export function targetKeyOf({
  action,
  record,
  variant,
}: Pick<PlanStep, 'action' | 'record' | 'variant'>): string {
  const key = `${action} ${record.kind}:${record.id}`;
  return variant === undefined ? key : `${key} ${variant}`;
}

/** A step of a former plan of the same run. */
export interface FormerStep {
  readonly id: string;
  readonly key: string;
}

export function formerSteps(file: Pick<CaseFile, 'plan' | 'formerPlans'>): FormerStep[] {
  return stepsOf(file).map((step) => ({ id: step.id, key: targetKeyOf(step) }));
}

/**
 * The id of a step in its run: the same action on the same record keeps its id, so a new attempt replaces the effect of the
 * one before. If a former plan has the id for another record, the round is appended: that effect stays.
 */
export function stepIdIn(former: readonly FormerStep[], step: PlanStep, round = 1): string {
  const key = targetKeyOf(step);
  const ofRule = former.filter(({ id }) => id === step.id || id.startsWith(`${step.id} (plan `));
  const same = ofRule.findLast((one) => one.key === key);
  return same?.id ?? (ofRule.length === 0 ? step.id : `${step.id} (plan ${round})`);
}

/**
 * Keys of the actions that must not be proposed again: what is in force or under way. If the incident has not changed,
 * also what approvers decided against, and what was undone. A failed or unproved step is not settled.
 */
export function settledTargets(file: Case, hasChanged: boolean): string[] {
  return keysOf(file, hasChanged, () => true);
}

/** Keys of what a run has carried out and what has no lasting effect: that effect cannot end, so it is never repeated. */
export function doneOnce(file: Case): string[] {
  return keysOf(file, true, ({ lasting }) => lasting === undefined);
}

/**
 * Keys of what the runs before have settled, for a plan about this content. If the incident has changed since, or the end was
 * final, people decide about all of it, except for what was carried out once.
 */
export function settledBefore(
  before: EarlierRun | undefined,
  content: string | undefined,
): readonly string[] {
  if (before === undefined) return [];
  const { settled = [], once = [] } = before;
  return before.content === content && mayBeginAgain(before) ? [...new Set([...settled, ...once])] : once;
}

/** A run that ended without an outcome has failed, or was terminated. An expired request may be sent again. */
export function mayBeginAgain({ outcome, unfinished }: Pick<CaseFile, 'outcome' | 'unfinished'>): boolean {
  return unfinished !== undefined || outcome === undefined || outcome === 'expired';
}

function keysOf(file: Case, hasChanged: boolean, isMeant: (step: PlanStep) => boolean): string[] {
  const settled = new Set<string>();
  for (const plan of plansOf(file)) {
    for (const step of plan.steps.filter(isMeant)) {
      const key = targetKeyOf(step);
      if (isSettled(file, plan, step, hasChanged)) settled.add(key);
      else settled.delete(key);
    }
  }
  return [...settled];
}

function isSettled(file: Case, { hash }: Plan, { id }: PlanStep, hasChanged: boolean): boolean {
  const effect = file.effects.find(({ stepId }) => stepId === id);
  if (effect !== undefined) {
    // Others have changed what it had set: it may be set again.
    if (file.ownEnded?.includes(ownChangeId(file.generation, effect))) return false;
    if (effect.undo !== undefined || effect.endedByOthers !== undefined) return !hasChanged;
    // What is left to another case is settled by what that case says: see `settledByMerge`.
    if (effect.state === 'handed-over') return false;
    return effect.state !== 'failed' && (effect.state !== 'unconfirmed' || effect.watchedUntil !== undefined);
  }
  const request = file.approvals.find(
    ({ planHash, purpose, stepIds }) => planHash === hash && purpose === 'respond' && stepIds.includes(id),
  );
  const { state = 'waiting', selected = [] } = request ?? {};
  const isApproved = state === 'approved' || state === 'contained';
  // An approved step begins in the same turn, but maybe after this question.
  if (isApproved && selected.includes(id)) return true;
  return (isApproved || state === 'rejected') && !hasChanged;
}
