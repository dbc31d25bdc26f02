/** Checks whether decisions on a case are allowed: its case file must be complete and its plan must match its hash. */
import type { ApprovalRequest } from '../domain/approval.js';
import type { CaseAlarm } from '../domain/case-record.js';
import type { Plan, PlanBody } from '../domain/plan.js';
import { plansOf } from '../domain/settled.js';
import { contentHash } from './plan-hash.js';

export interface CaseProblem {
  readonly code: 'case-rewritten' | 'case-incomplete' | 'plan-differs';
  readonly message: string;
  readonly next: string;
}

const NEXT =
  'Handle the incident manually, and find out who can write to the storage of the Durable extension.';

/** The problem that the alarms of a case file mean for its approvers. Forgeries change nothing and are no problem. */
export function alarmProblem(alarms: readonly CaseAlarm[]): CaseProblem | undefined {
  const has = (code: CaseAlarm['code']) => alarms.some((alarm) => alarm.code === code);
  if (has('rewritten')) {
    const message = 'This case file was tampered with: an update arrived a second time with other content.';
    return { code: 'case-rewritten', message: `${message} No decision is accepted.`, next: NEXT };
  }
  if (!has('incomplete')) return undefined;
  const message = 'This case file is incomplete: at least one update is missing.';
  return { code: 'case-incomplete', message: `${message} No decision is accepted.`, next: NEXT };
}

/**
 * Computes the hash from the same data that approvers see: adding, removing or changing steps changes it. Each request
 * must contain exactly the steps of its plan that its tier decides.
 */
export function planProblem({
  approvals,
  ...file
}: {
  readonly plan?: Plan | undefined;
  readonly formerPlans?: Plan[] | undefined;
  readonly approvals: readonly ApprovalRequest[];
}): CaseProblem | undefined {
  const plans = plansOf(file);
  const right = plans.every(isSealed) && approvals.every((one) => plans.some((plan) => isOf(one, plan)));
  if (right) return undefined;
  const message = 'The plan does not match its hash.';
  return { code: 'plan-differs', message: `${message} No decision is accepted.`, next: NEXT };
}

function isSealed({ hash, ...body }: Plan): boolean {
  return contentHash(body satisfies PlanBody) === hash;
}

function isOf({ planHash, stepIds, purpose, tier }: ApprovalRequest, plan: Plan): boolean {
  const decided = plan.steps.filter((step) => step.tier === tier).map(({ id }) => id);
  const same =
    purpose === 'undo'
      ? stepIds.every((id) => decided.includes(id))
      : JSON.stringify(stepIds) === JSON.stringify(decided);
  return planHash === plan.hash && same;
}
