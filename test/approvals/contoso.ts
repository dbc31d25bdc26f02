/** A plan with two steps for people and an automatic one, and decisions about it. */
import { openRequest, sealPlan } from '../../src/approvals/index.ts';
import type { AnalystDecision, ApprovalRequest } from '../../src/domain/approval.ts';
import type { PlanBody, PlanStep } from '../../src/domain/plan.ts';

export const NOW = Date.parse('2026-03-10T08:15:00Z');
export const EXPIRES = Date.parse('2026-03-10T12:15:00Z');

const step = (id: string, mode: PlanStep['mode']): PlanStep => ({
  id,
  action: id.split(':')[0] ?? id,
  title: id,
  entityKey: id.slice(id.indexOf(':') + 1),
  target: 'WS-FIN-0142.corp.contoso.com',
  input: { machine: 'one' },
  mode,
  risk: 'disruptive',
  impact: 'People notice.',
  reversible: true,
  undo: 'Back to what it was.',
  why: 'Policy.',
});

export const bodyOf = (): PlanBody => ({
  incidentKey: '/subscriptions/00000000-0000-4000-8000-0000000000aa/incidents/1',
  playbook: { id: 'p', title: 'P', hash: 'h' },
  steps: [
    step('isolate:host:1', 'approval'),
    step('revoke:account:1', 'auto'),
    step('disable:account:1', 'approval'),
  ],
  refused: [],
  approval: { approvers: ['soc-tier-2@contoso.com'], deadlineMs: 4 * 3_600_000 },
});
export const plan = sealPlan(bodyOf());
export const waiting = (): ApprovalRequest => openRequest(plan, 'incident-1', NOW);

export const decisionOf = (changes: Partial<AnalystDecision> = {}): AnalystDecision => ({
  id: 'd-1',
  kind: 'approve',
  planHash: plan.hash,
  steps: ['isolate:host:1'],
  by: { id: 'u-1', name: 'Eli', channel: 'web' },
  at: new Date(NOW).toISOString(),
  ...changes,
});
