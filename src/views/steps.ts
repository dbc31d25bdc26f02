/** The steps of a plan, and the actions that are left to people. */
import type { ApprovalRequest } from '../domain/approval.js';
import type { CaseView } from '../domain/case-file.js';
import { foundWords } from '../domain/found-by.js';
import { isPreselected, type PlanStep } from '../domain/plan.js';
import { stepsOf } from '../domain/settled.js';
import { uncheckedWords } from '../domain/target.js';
import { RISKS, type Words } from './words/case.js';
import { type PresentState, stepState } from './words/effect.js';

/** One step. All texts may be hostile: escape them at the point of output. */
export interface StepView {
  readonly id: string;
  readonly action: string;
  readonly title: string;
  readonly target: string;
  readonly state: PresentState;
  /** The step was begun, or done before. */
  readonly isStarted: boolean;
  readonly risk: Words;
  readonly canBeUndone: 'can be undone' | 'cannot be undone';
  /** Identifiers of the incident that match the record. */
  readonly identifiedBy: string | undefined;
  /** Identifiers that could not be compared. */
  readonly unchecked: string | undefined;
  /** How the record was found, and what was left out: `Found by its full name.` */
  readonly found: string;
  readonly why: string;
  readonly impact: string;
  /** `Undo`, or `No undo` where `undo` is the reason. */
  readonly undoLabel: 'Undo' | 'No undo';
  readonly undo: string;
}

/** A response that the playbook calls for but that must not be automated. */
export interface ManualAction {
  readonly title: string;
  readonly target: string;
  readonly reason: string;
}

type Case = Pick<CaseView, 'plan' | 'formerPlans' | 'approvals' | 'effects'>;

/** The steps of the plan, and those of former plans that were begun. */
export function stepViews(file: Case): StepView[] {
  const { approvals, effects } = file;
  const proposed = file.plan?.steps ?? [];
  const begun = stepsOf(file).filter(
    ({ id }, i, all) =>
      effects.some(({ stepId }) => stepId === id) &&
      proposed.every((step) => step.id !== id) &&
      all.findLastIndex((step) => step.id === id) === i,
  );
  return [...begun, ...proposed].map((step) =>
    stepView(
      step,
      effects.find(({ stepId }) => stepId === step.id),
      approvals.findLast(({ purpose, stepIds }) => purpose === 'respond' && stepIds.includes(step.id)),
    ),
  );
}

/** @param request for the step; undefined if it needs none, or does not exist yet. */
export function stepView(
  step: PlanStep,
  effect: CaseView['effects'][number] | undefined,
  request: Pick<ApprovalRequest, 'state' | 'selected'> | undefined,
): StepView {
  const { id, action, title, target, record, risk, reversible, why, impact, undo } = step;
  return {
    id,
    action,
    title,
    target,
    state: stepState(step, effect, request),
    isStarted: effect !== undefined,
    risk: RISKS[risk],
    canBeUndone: canBeUndone(reversible),
    identifiedBy: record.agreed.length === 0 ? undefined : record.agreed.join(', '),
    unchecked: uncheckedWords(record),
    found: [foundWords(record), ...(record.notes ?? [])].join(' '),
    why,
    impact,
    undoLabel: reversible ? 'Undo' : 'No undo',
    undo,
  };
}

export function canBeUndone(reversible: boolean): StepView['canBeUndone'] {
  return reversible ? 'can be undone' : 'cannot be undone';
}

export function manualActionsOf({ plan }: Pick<CaseView, 'plan'>): ManualAction[] {
  return (plan?.refused ?? []).map(({ title, target, reason }) => ({ title, target, reason }));
}

/**
 * The default selection: the steps that others approved; otherwise all reversible steps that are not destructive. Of
 * an undo, the step if there is only one.
 */
export function preselected(
  file: Pick<CaseView, 'plan'>,
  { purpose, stepIds }: Pick<ApprovalRequest, 'purpose' | 'stepIds'>,
  approved: readonly string[] | undefined,
): readonly string[] {
  if (approved !== undefined) return approved;
  if (purpose === 'undo') return stepIds.length === 1 ? stepIds : [];
  const steps = (file.plan?.steps ?? []).filter(({ id }) => stepIds.includes(id));
  return steps.filter(isPreselected).map(({ id }) => id);
}
