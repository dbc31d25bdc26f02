/** Decisions on a case are accepted only while its plan matches its hash and its case file is complete. */
import { describe, expect, it } from 'vitest';
import { alarmProblem, hashPlan, planProblem } from '../../src/approvals/index.ts';
import type { Plan, PlanStep } from '../../src/domain/plan.ts';
import { problemCard } from '../../src/views/card/index.ts';
import { iso, NOW, plan, waiting } from './contoso.ts';

const [first, ...others] = plan.steps as [PlanStep, ...PlanStep[]];
const { hash: _, ...body } = plan;
const request = waiting();
const withSteps = (steps: PlanStep[]): Plan => ({ ...plan, steps });
const shown = (altered: Plan, approvals = [request]) => planProblem({ plan: altered, approvals })?.code;

describe('a plan that is shown', () => {
  it('matches its hash', () => {
    expect(planProblem({ plan, approvals: [request] })).toBeUndefined();
    expect(planProblem({ approvals: [] })).toBeUndefined();
  });

  it.each([
    ['a step is altered', withSteps([{ ...first, target: 'another-device' }, ...others])],
    ['an input is altered', withSteps([{ ...first, input: { ...first.input, id: 'x' } }, ...others])],
    ['a step is added', withSteps([...plan.steps, { ...first, id: 'added' }])],
    ['a step is removed', withSteps(others)],
    ['steps change places', withSteps(plan.steps.toReversed())],
    ['its hash is another', { ...plan, hash: '0'.repeat(64) }],
    [
      'it is another plan with its own hash',
      hashPlan({ ...body, steps: [{ ...first, target: 'x' }, ...others] }),
    ],
  ])('is refused where %s', (_what, altered) => {
    expect(shown(altered)).toBe('plan-differs');
  });

  it('is refused where a request has steps of another tier, or no plan exists', () => {
    expect(shown(plan, [{ ...request, stepIds: request.stepIds.slice(1) }])).toBe('plan-differs');
    expect(shown(plan, [{ ...request, stepIds: [...request.stepIds, 'added'] }])).toBe('plan-differs');
    const undo = { ...request, id: `${request.id}.undo`, purpose: 'undo' as const };
    expect(shown(plan, [request, { ...undo, stepIds: request.stepIds.slice(0, 1) }])).toBeUndefined();
    expect(shown(plan, [request, { ...undo, stepIds: ['added'] }])).toBe('plan-differs');
    expect(planProblem({ approvals: [request] })?.code).toBe('plan-differs');
  });

  it.each([
    ['a step is altered', withSteps([{ ...first, target: 'another-device' }, ...others])],
    ['it is another plan with its own hash', hashPlan({ ...body, steps: others })],
  ])('is refused where a former plan is not the one that was decided: %s', (_what, altered) => {
    const { hash: __, ...next } = hashPlan({ ...body, round: 2, steps: others });
    const newer = hashPlan(next);
    const undo = { ...request, id: `${request.id}.undo`, purpose: 'undo' as const };
    const approvals = [request, undo];
    expect(planProblem({ plan: newer, formerPlans: [plan], approvals })).toBeUndefined();
    expect(planProblem({ plan: newer, formerPlans: [altered], approvals })?.code).toBe('plan-differs');
    // The same without a request about it: its steps may be undone.
    expect(planProblem({ plan: newer, formerPlans: [withSteps(others)], approvals: [] })?.code).toBe(
      'plan-differs',
    );
  });

  it('has a card with the problem and what to do, without buttons', () => {
    const problem = planProblem({ approvals: [request] });
    if (problem === undefined) throw new Error('no trouble');
    const card = JSON.stringify(problemCard({ title: 'An incident' }, problem));
    expect(card).toContain('No decision is accepted');
    expect(card).not.toContain('Action.Execute');
  });
});

it('a forgery alarm does not block decisions, other alarms do', () => {
  const alarm = (code: 'forged' | 'incomplete' | 'rewritten') => ({
    code,
    count: 1,
    firstAt: iso(NOW),
    lastAt: iso(NOW),
  });
  expect(alarmProblem([alarm('forged')])).toBeUndefined();
  expect(alarmProblem([alarm('forged'), alarm('incomplete')])?.code).toBe('case-incomplete');
  expect(alarmProblem([alarm('incomplete'), alarm('rewritten')])?.code).toBe('case-rewritten');
});
