/** A plan whose steps two tiers decide, and decisions about it. */
import { type DeciderFacts, hashPlan, openRequest, type VoterFacts } from '../../src/approvals/index.ts';
import type { AnalystDecision, ApprovalRequest, Decider } from '../../src/domain/approval.ts';
import type { ApprovalTier } from '../../src/domain/approval-tier.ts';
import type { PlanBody, PlanStep } from '../../src/domain/plan.ts';
import { deciderKey } from '../../src/domain/same-decision.ts';

export const NOW = Date.parse('2026-03-10T08:15:00Z');
export const HOUR = 3_600_000;
export const EXPIRES = NOW + 4 * HOUR;
export const INSTANCE = `incident-${'0'.repeat(40)}`;
export const RUN = { instanceId: INSTANCE, generation: 1 };
export const iso = (at: number): string => new Date(at).toISOString();

const step = (id: string, tier?: string): PlanStep => ({
  id,
  action: id.split(':')[0] ?? id,
  title: id,
  entityKey: id.slice(id.indexOf(':') + 1),
  target: 'WS-FIN-0142.corp.contoso.com',
  record: {
    kind: 'defender.machine',
    id: 'one',
    name: 'WS-FIN-0142.corp.contoso.com',
    foundBy: 'defender-id',
    certainty: 'certain',
    ids: {},
    agreed: [],
    unchecked: [],
  },
  input: { machine: 'one' },
  ...(tier === undefined ? { mode: 'auto' as const } : { mode: 'approval' as const, tier }),
  risk: 'disruptive',
  impact: 'People notice.',
  reversible: true,
  undo: 'Back to what it was.',
  why: 'Policy.',
});

export const tierOf = (name: string, changes: Partial<ApprovalTier> = {}): ApprovalTier => ({
  name,
  approvers: { groups: [{ id: `group-of-${name}`, name: `SOC ${name}` }], people: [], automation: [] },
  quorum: 1,
  fourEyes: false,
  remindAfterMs: [],
  deadlineMs: 4 * HOUR,
  onDeadline: { do: 'nothing' },
  extension: { byMs: HOUR, times: 2 },
  undoForMs: 24 * HOUR,
  managersMayDecide: true,
  ...changes,
});

export const STEPS = ['isolate:host:1', 'disable:account:1', 'block:file:1'] as const;
export const bodyOf = (tiers: readonly ApprovalTier[] = [tierOf('analysts')]): PlanBody => ({
  incidentKey: '/subscriptions/00000000-0000-4000-8000-0000000000aa/incidents/1',
  playbook: { id: 'p', title: 'P', hash: 'h' },
  steps: [
    step(STEPS[0], 'analysts'),
    step('revoke:account:1'),
    step(STEPS[1], 'analysts'),
    step(STEPS[2], 'analysts'),
    step('wipe:host:1', 'leads'),
  ],
  refused: [],
  tiers: [...tiers],
});
export const planWith = (changes: Partial<ApprovalTier> = {}, ...more: readonly ApprovalTier[]) =>
  hashPlan(bodyOf([tierOf('analysts', changes), ...more]));
export const plan = planWith();
export const waiting = (of = plan): ApprovalRequest => openRequest(of, 'analysts', RUN, NOW);

export const person = (name: string, channel: Decider['channel'] = 'web'): Decider => ({
  kind: 'person',
  objectId: `id-of-${name}`,
  name,
  channel,
});
export const program: Decider = { kind: 'automation', id: 'soar', name: 'SOAR', channel: 'service-bus' };

/** An approval of the first step by Robin, with changes. */
export const decisionOf = (changes: Partial<AnalystDecision> = {}): AnalystDecision => ({
  id: 'd-1',
  requestId: `${INSTANCE}.1.analysts`,
  kind: 'approve',
  revision: 1,
  planHash: plan.hash,
  steps: [STEPS[0]],
  by: person('Robin'),
  at: iso(NOW),
  ...changes,
});

export const MEMBER: DeciderFacts = {
  homeTenantId: 'home',
  onlyTenant: true,
  standing: 'member',
  member: true,
  conflictOfInterest: undefined,
};
/** Facts about the earlier voters. */
export const votersWith = (facts: DeciderFacts, ...voters: readonly Decider[]): VoterFacts =>
  new Map(voters.map((voter) => [deciderKey(voter), facts]));
