/** What a run has decided and done, for its next plans. */
import { expect, it } from 'vitest';
import type { ApprovalRequest } from '../../src/domain/approval.js';
import type { CaseFile, Effect } from '../../src/domain/case-file.js';
import { emptyCaseFile } from '../../src/domain/case-file-updates.js';
import { earlierRunOf } from '../../src/domain/earlier-run.js';
import { handedOverBy, settledByMerge } from '../../src/domain/merge.js';
import type { Plan, PlanStep } from '../../src/domain/plan.js';
import { settledBefore, settledTargets, stepIdIn, targetKeyOf } from '../../src/domain/settled.js';
import { unsettledSteps } from '../../src/domain/unsettled-steps.js';

const at = '2026-03-10T08:00:00.000Z';
const origin = { kind: 'sentinel', armId: 'a' } as const;
const header = { incidentKey: 'k', origin, instanceId: 'i', generation: 1, title: 't' } as const;
const empty = emptyCaseFile({ ...header, severity: 'high', receivedAt: at });
const step = (id: string, record: string, lasting = false): PlanStep =>
  ({
    id,
    action: 'act',
    record: { kind: 'r', id: record },
    ...(lasting ? { lasting: { key: record, does: 'begin' } } : {}),
  }) as unknown as PlanStep;
const effect = (stepId: string, state: Effect['state']): Effect => ({
  ...{ stepId, action: 'act', target: 't', state, at },
});
const run = (steps: PlanStep[], effects: Effect[], more: Partial<CaseFile> = {}): CaseFile => ({
  ...empty,
  plan: { hash: 'h', steps } as unknown as Plan,
  effects,
  content: 'one',
  outcome: 'needs-analyst',
  unfinished: 'step-unproved',
  ...more,
});

it('carries on what runs have settled, for the same content, and what was done once, for any', () => {
  const first = earlierRunOf(
    run(
      [step('a', 'A'), step('b', 'B', true), step('c', 'C')],
      [effect('a', 'confirmed'), effect('b', 'confirmed'), effect('c', 'failed')],
    ),
  );
  const unread = earlierRunOf({
    ...empty,
    earlier: [first],
    outcome: 'needs-analyst',
    unfinished: 'unreadable',
  });
  const third = earlierRunOf(run([step('c', 'C')], [effect('c', 'failed')], { earlier: [first, unread] }));
  for (const before of [first, unread, third]) {
    expect([...settledBefore(before, 'one')].sort()).toEqual(['act r:A', 'act r:B']);
    expect(settledBefore(before, 'two')).toEqual(['act r:A']);
  }
  // A final end of changed content: people decide again.
  const { unfinished: _, ...final } = run([step('c', 'C')], [], { content: 'two', earlier: [third] });
  const last = earlierRunOf({ ...final, outcome: 'rejected' });
  expect(settledBefore(last, 'two')).toEqual(['act r:A']);
});

it('leaves a step to the case that has done it, until that case says that it has not', () => {
  const from = { instanceId: 'other', generation: 1, key: 'k' };
  const said = (state: 'under-way' | 'done') =>
    [{ key: 'act r:A', title: 't', target: 't', state }] as const satisfies object[];
  const file = (effects: ReturnType<typeof said>[number][]) =>
    run([step('a', 'A')], [effect('a', 'handed-over')], {
      handedOverFrom: [{ because: 'merged', from, effects, submitters: [] }],
    });
  for (const state of ['under-way', 'done'] as const)
    expect(unsettledSteps(file([...said(state)]))).toEqual([]);
  expect(unsettledSteps(file([])).map(({ id }) => id)).toEqual(['a']);
  for (const changed of [true, false]) expect(settledTargets(file([]), changed)).toEqual([]);
  // Handed on, it is the other case's own.
  const [own, ...others] = handedOverBy(file([...said('done')]), 'merged');
  expect([own?.effects, others.map(({ effects }) => effects)]).toEqual([[], [said('done')]]);
});

it('hands over all that must not be repeated, however much it is', () => {
  const many = Array.from({ length: 130 }, (_, n) => `${n}`);
  const file = run(
    many.map((id) => step(id, id)),
    many.map((id) => effect(id, Number(id) < 60 ? 'failed' : 'confirmed')),
  );
  const more = many.map((id) => step(`b${id}`, `B${id}`));
  const all = {
    ...file,
    plan: { hash: 'h', steps: [...(file.plan?.steps ?? []), ...more] } as unknown as Plan,
  };
  const effects = [...file.effects, ...more.map(({ id }) => effect(id, 'confirmed'))];
  const settled = settledByMerge({ handedOverFrom: handedOverBy({ ...all, effects }, 'merged') });
  expect(settled).toHaveLength(200);
});

it('counts an approved step as settled before it begins', () => {
  const request = {
    ...{ purpose: 'respond', planHash: 'h', state: 'approved', stepIds: ['a', 'b'], selected: ['a'] },
  } as unknown as ApprovalRequest;
  const file = run([step('a', 'A'), step('b', 'B')], [], { approvals: [request] });
  expect(settledTargets(file, true)).toEqual(['act r:A']);
  expect(settledTargets(file, false)).toEqual(['act r:A', 'act r:B']);
});

it('gives a step on another record another id, and the same step the same', () => {
  const first = [{ id: 'a', key: 'act r:A' }];
  expect(stepIdIn([], step('a', 'A'))).toBe('a');
  expect(stepIdIn(first, step('a', 'A'), 2)).toBe('a');
  expect(stepIdIn(first, step('a', 'B'), 2)).toBe('a (plan 2)');
  const both = [...first, { id: 'a (plan 2)', key: 'act r:B' }];
  expect(stepIdIn(both, step('a', 'A'), 3)).toBe('a');
  expect(stepIdIn(both, step('a', 'B'), 3)).toBe('a (plan 2)');
  expect(stepIdIn(both, step('a', 'C'), 3)).toBe('a (plan 3)');
});

it('counts an effect that may still come as settled, and one that was given up as open', () => {
  const late: Effect = { ...effect('a', 'unconfirmed'), watchedUntil: at };
  const file = run([step('a', 'A'), step('b', 'B')], [late, effect('b', 'unconfirmed')]);
  expect(settledTargets(file, false)).toEqual(['act r:A']);
  expect(handedOverBy(file, 'merged')[0]?.effects).toMatchObject([{ key: 'act r:A', state: 'under-way' }]);
});

it('settles an action with the settings that were chosen, and with no others', () => {
  const medium = { ...step('a', 'A'), variant: 'Medium' };
  const settled = settledTargets(run([medium], [effect('a', 'confirmed')]), true);
  expect(settled).toContain(targetKeyOf(medium));
  for (const other of [{ ...medium, variant: 'High' }, step('a', 'A')])
    expect(settled).not.toContain(targetKeyOf(other));
});
