import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differences } from '../../src/cli/replay/differences.js';

describe('differences', () => {
  it('have the path, the expected and the actual value', () => {
    const expected = { outcome: 'remediated', effects: [{ state: 'confirmed' }, { state: 'confirmed' }] };
    const actual = { outcome: 'remediated', effects: [{ state: 'failed' }], extra: 1 };
    expect(differences(expected, actual)).toEqual([
      { path: 'effects[0].state', expected: 'confirmed', actual: 'failed' },
      { path: 'effects[1]', expected: { state: 'confirmed' }, actual: undefined },
      { path: 'extra', expected: undefined, actual: 1 },
    ]);
  });

  it('are none exactly when the values are equal', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), fc.jsonValue(), (a, b) => {
        expect(differences(a, structuredClone(a))).toEqual([]);
        const same = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
        expect(differences(a, b).length === 0).toBe(same);
      }),
    );
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
