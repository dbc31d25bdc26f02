/** A case is decided by only while its plan is the one that its hash belongs to, and while nothing of it is missing. */
import { describe, expect, it } from 'vitest';
import { troubleCard } from '../../src/approvals/card/index.ts';
import { alarmTrouble, planTrouble, sealPlan } from '../../src/approvals/index.ts';
import type { Plan, PlanStep } from '../../src/domain/plan.ts';
import { iso, NOW, plan, waiting } from './contoso.ts';

const [first, ...others] = plan.steps as [PlanStep, ...PlanStep[]];
const { hash: _, ...body } = plan;
const request = waiting();
const withSteps = (steps: PlanStep[]): Plan => ({ ...plan, steps });
const shown = (altered: Plan, approvals = [request]) => planTrouble({ plan: altered, approvals })?.code;

describe('a plan that is shown', () => {
  it('is what its hash belongs to', () => {
    expect(planTrouble({ plan, approvals: [request] })).toBeUndefined();
    expect(planTrouble({ approvals: [] })).toBeUndefined();
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
      sealPlan({ ...body, steps: [{ ...first, target: 'x' }, ...others] }),
    ],
  ])('is refused where %s', (_what, altered) => {
    expect(shown(altered)).toBe('plan-differs');
  });

  it('is refused where a request asks for other steps than its tier decides, or for a plan that there is not', () => {
    expect(shown(plan, [{ ...request, stepIds: request.stepIds.slice(1) }])).toBe('plan-differs');
    expect(shown(plan, [{ ...request, stepIds: [...request.stepIds, 'added'] }])).toBe('plan-differs');
    const undo = { ...request, id: `${request.id}.undo`, purpose: 'undo' as const };
    expect(shown(plan, [request, { ...undo, stepIds: request.stepIds.slice(0, 1) }])).toBeUndefined();
    expect(shown(plan, [request, { ...undo, stepIds: ['added'] }])).toBe('plan-differs');
    expect(planTrouble({ approvals: [request] })?.code).toBe('plan-differs');
  });

  it('has a card with what is wrong and what to do, and nothing to press', () => {
    const trouble = planTrouble({ approvals: [request] });
    if (trouble === undefined) throw new Error('no trouble');
    const card = JSON.stringify(troubleCard({ title: 'An incident' }, trouble));
    expect(card).toContain('Nothing can be decided by it');
    expect(card).not.toContain('Action.Execute');
  });
});

it('an alarm that changed nothing does not keep people from deciding, others do', () => {
  const alarm = (code: 'forged' | 'incomplete' | 'rewritten') => ({
    code,
    count: 1,
    firstAt: iso(NOW),
    lastAt: iso(NOW),
  });
  expect(alarmTrouble([alarm('forged')])).toBeUndefined();
  expect(alarmTrouble([alarm('forged'), alarm('incomplete')])?.code).toBe('case-incomplete');
  expect(alarmTrouble([alarm('incomplete'), alarm('rewritten')])?.code).toBe('case-rewritten');
});
