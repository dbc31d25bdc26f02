/** Differences between results of a replay: by step and entity, the decision first, in few lines. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differenceLines } from '../../src/cli/replay/difference-lines.js';
import { differences } from '../../src/cli/replay/differences.js';

interface Result extends Record<string, unknown> {
  plan: Record<string, unknown>[];
  conditions: Record<string, unknown>[];
  findings: Record<string, unknown>[];
  effects: Record<string, unknown>[];
}
const recorded = (): Result =>
  JSON.parse(
    readFileSync(new URL('../../fixtures/ransomware-on-workstation/expected.json', import.meta.url), 'utf8'),
  ) as Result;

describe('differences', () => {
  it('have the path, the expected and the actual value', () => {
    const expected = {
      outcome: 'remediated',
      effects: [
        { stepId: 'a', state: 'confirmed' },
        { stepId: 'b', state: 'confirmed' },
      ],
    };
    const actual = { outcome: 'rejected', effects: [{ stepId: 'b', state: 'failed' }], extra: 1 };
    expect(
      differences(expected, actual).map(({ path, expected, actual }) => ({ path, expected, actual })),
    ).toEqual([
      { path: 'outcome', expected: 'remediated', actual: 'rejected' },
      { path: 'effects[a]', expected: { stepId: 'a', state: 'confirmed' }, actual: undefined },
      { path: 'effects[b].state', expected: 'confirmed', actual: 'failed' },
      { path: 'extra', expected: undefined, actual: 1 },
    ]);
  });

  it('know a name that all objects have', () => {
    expect(differences({ toString: [] }, {})).toMatchObject([{ path: 'toString', expected: [] }]);
  });

  it('are none exactly when the values are equal', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue({ noUnicodeString: false }));
    fc.assert(
      fc.property(object, object, (a, b) => {
        expect(differences(a, structuredClone(a))).toEqual([]);
        const same = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
        expect(differences(a, b).length === 0).toBe(same);
      }),
    );
  });

  it('do not depend on the order of rules, entities and findings', () => {
    const result = recorded();
    const lists = ['plan', 'refused', 'conditions', 'effects', 'findings'] as const;
    const orders = fc.tuple(
      ...lists.map((name) => {
        const entries = result[name] as unknown[];
        return fc.shuffledSubarray(entries, { minLength: entries.length });
      }),
    );
    const changed = structuredClone(result);
    changed.conditions = changed.conditions.filter(({ rule }) => rule !== 'isolate-workstation');
    fc.assert(
      fc.property(orders, (shuffled) => {
        const other = { ...result, ...Object.fromEntries(lists.map((name, i) => [name, shuffled[i]])) };
        expect(differences(result, other)).toEqual([]);
        expect(differences(other, changed)).toEqual(differences(result, changed));
      }),
    );
  });

  it('keep entries of one key apart', () => {
    const expected = { decisions: [{ kind: 'extend' }, { kind: 'extend' }] };
    const actual = { decisions: [{ kind: 'extend' }] };
    expect(differences(expected, actual).map(({ path }) => path)).toEqual(['decisions[extend#2]']);
  });

  it('of one more rule at the start of a file are about this rule alone', () => {
    const actual = recorded();
    actual.plan.unshift({ id: 'new-rule:host:a', action: 'x', target: 'y', mode: 'auto', input: {} });
    actual.conditions.splice(1, 0, { rule: 'new-rule', entityKey: 'host:a', result: 'true' });
    expect(differences(recorded(), actual).map(({ path }) => path)).toEqual([
      'plan[new-rule:host:a]',
      'conditions[new-rule:host:a]',
    ]);
  });
});

describe('the lines of differences', () => {
  it('begin with the decision, and are few', () => {
    const actual = {
      ...recorded(),
      playbook: 'mine',
      outcome: 'no-action',
      summary: 'Nothing is proposed.',
      plan: [],
      effects: [],
      findings: [],
    };
    const lines = differenceLines(differences(recorded(), actual));
    expect(lines[0]).toBe('playbook');
    expect(lines.indexOf('outcome')).toBeLessThan(
      lines.findIndex((line) => line.startsWith('plan: 2 missing')),
    );
    expect(lines.at(-1)).toBe(`findings: ${recorded().findings.length} missing`);
    expect(lines.length).toBeLessThan(20);
    expect(lines).not.toContain('summary');
  });

  it('show short values and name the fields with long ones', () => {
    const actual = recorded();
    for (const condition of actual.conditions) {
      if (condition.rule === 'isolate-workstation') {
        Object.assign(condition, {
          result: 'false',
          expression: 'device.isServer',
          values: { long: 'x'.repeat(90) },
        });
      }
    }
    const lines = differenceLines(differences(recorded(), actual));
    expect(lines[0]).toMatch(/^conditions: \d+ different$/);
    expect(lines[1]).toMatch(/~ isolate-workstation:host:.*other expression, result "true" → "false"/);
  });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, sorted(part)]),
  );
}
