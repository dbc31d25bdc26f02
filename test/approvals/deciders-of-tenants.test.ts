/** With several tenants, only people and programs of the incident's own tenant decide. */
import { expect, it } from 'vitest';
import { type DeciderFacts, evaluateDecision } from '../../src/approvals/index.ts';
import type { Decider } from '../../src/domain/approval.ts';
import { decisionOf, MEMBER, planWith, waiting } from './contoso.ts';

const plan = planWith({
  approvers: { groups: [{ id: 'a-group', name: 'Analysts' }], people: [], automation: ['soar'] },
});
const robin = { kind: 'person', objectId: 'id-of-robin', name: 'Robin', channel: 'http' } as const;
const soar = { kind: 'automation', id: 'soar', name: 'SOAR', channel: 'service-bus' } as const;
const codeFor = (by: Decider, facts: Partial<DeciderFacts>) =>
  evaluateDecision(waiting(plan), decisionOf({ planHash: plan.hash, by }), {
    ended: false,
    tiers: plan.tiers,
    facts: { ...MEMBER, ...facts },
    voters: new Map(),
  }).outcome.code;

it.each([
  ['a person', robin],
  ['a program', soar],
])('%s decides in the own tenant only, and without a tenant nowhere', (_, by) => {
  const several = { onlyTenant: false };
  expect(codeFor({ ...by, tenantId: 'HOME' }, several)).toBe('approved');
  expect(codeFor({ ...by, tenantId: 'elsewhere' }, several)).toBe('not-an-approver');
  expect(codeFor(by, several)).toBe('not-an-approver');
});

it.each([
  ['a person', robin],
  ['a program', soar],
])('%s need not name the only tenant', (_, by) => {
  expect(codeFor(by, { onlyTenant: true })).toBe('approved');
  expect(codeFor(by, { onlyTenant: true, homeTenantId: undefined })).toBe('approved');
  expect(codeFor({ ...by, tenantId: 'elsewhere' }, { onlyTenant: true })).toBe('not-an-approver');
});
