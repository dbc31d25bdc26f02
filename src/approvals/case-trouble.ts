/** Whether what people are shown may be decided about: it must be all that was said, and what its hash says. */
import type { ApprovalRequest } from '../domain/approval.js';
import type { CaseAlarm } from '../domain/case-record.js';
import type { Plan, PlanBody } from '../domain/plan.js';
import { contentHash } from './seal.js';

export interface CaseTrouble {
  readonly code: 'case-rewritten' | 'case-incomplete' | 'plan-differs';
  readonly message: string;
  readonly next: string;
}

const NEXT =
  'Handle the incident by hand, and find out who can write to the storage of the durable extension.';

/** What the alarms of a case file mean for whoever would decide by it; forgeries changed nothing. */
export function alarmTrouble(alarms: readonly CaseAlarm[]): CaseTrouble | undefined {
  const has = (code: CaseAlarm['code']) => alarms.some((alarm) => alarm.code === code);
  if (has('rewritten')) {
    const message = 'This case file was tampered with: its run was told a second time in other words.';
    return { code: 'case-rewritten', message: `${message} Nothing can be decided by it.`, next: NEXT };
  }
  if (!has('incomplete')) return undefined;
  const message = 'This case file is incomplete: something that its run said is missing.';
  return { code: 'case-incomplete', message: `${message} Nothing can be decided by it.`, next: NEXT };
}

/**
 * The hash is computed from the very data that is shown. A plan whose steps were added to, taken from or changed has
 * another one; and a request asks for steps of that plan, all those that its tier decides.
 */
export function planTrouble({
  plan,
  approvals,
}: {
  readonly plan?: Plan | undefined;
  readonly approvals: readonly ApprovalRequest[];
}): CaseTrouble | undefined {
  const right =
    plan === undefined ? approvals.length === 0 : isSealed(plan) && approvals.every((one) => isOf(one, plan));
  if (right) return undefined;
  const message = 'The plan that is shown is not the one that its hash belongs to.';
  return { code: 'plan-differs', message: `${message} Nothing can be decided by it.`, next: NEXT };
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
