/** The steps and analysts that a user names: a name that could mean two means none. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findAnalyst } from '../../src/cli/approvals/connection.js';
import { resolveSteps } from '../../src/cli/approvals/steps.js';
import { CliError } from '../../src/cli/problem.js';

const step = (rule: string, entity: string, action: string) => ({
  id: `${rule}:${entity}`,
  action,
  title: `Title of ${action}`,
  target: entity,
});
const isolate = step('isolate-workstation', 'host:1', 'defender.isolate-device');
const revokeDana = step('revoke-sessions', 'account:dana', 'entra.revoke-sessions');
const revokeRobin = step('revoke-sessions', 'account:robin', 'entra.revoke-sessions');

const resolve = (names: string[], steps = [isolate, revokeDana], candidates = steps) =>
  resolveSteps(names, { requestId: 'request-1', steps, candidates });
const codeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error instanceof CliError
      ? [error.problem.exitCode, error.problem.code, error.problem.next]
      : error;
  }
};

describe('a step', () => {
  it.each([revokeDana.id, 'revoke-sessions', 'entra.revoke-sessions'])('is meant by %s', (name) => {
    expect(resolve([name])).toEqual([revokeDana.id]);
  });

  it('is meant by its rule and by its action, once', () => {
    expect(resolve(['isolate-workstation', 'isolate-device', isolate.id])).toEqual([isolate.id]);
  });

  it('is not meant by a name that two steps have; the error lists both', () => {
    const [exit, code, next] = codeOf(() =>
      resolve(['revoke-sessions'], [isolate, revokeDana, revokeRobin]),
    ) as string[];
    expect([exit, code]).toEqual([2, 'ambiguous-step']);
    for (const { id } of [revokeDana, revokeRobin]) expect(next).toContain(id);
    expect(next).not.toContain(isolate.id);
  });

  it('is not meant by the rule of one step that is the action of another', () => {
    const misleading = step('revoke-sessions', 'host:1', 'defender.isolate-device');
    const other = step('end-sessions', 'account:dana', 'entra.revoke-sessions');
    expect(codeOf(() => resolve(['revoke-sessions'], [misleading, other]))).toEqual([
      2,
      'ambiguous-step',
      expect.anything(),
    ]);
  });

  it('of another request of the incident is not exchanged for one of this request', () => {
    const both = [isolate, revokeDana, revokeRobin];
    expect(codeOf(() => resolve(['revoke-sessions'], [isolate, revokeDana], both))).toEqual([
      2,
      'ambiguous-step',
      expect.anything(),
    ]);
    expect(codeOf(() => resolve(['revoke-sessions'], [isolate], [isolate, revokeRobin]))).toEqual([
      2,
      'unknown-action',
      expect.stringContaining(isolate.id),
    ]);
  });

  it.each(['wipe', '', 'Revoke-Sessions', 'revoke', 'entra', 'account:dana'])(
    'is not meant by “%s”',
    (name) => {
      expect(codeOf(() => resolve([name]))).toEqual([
        2,
        'unknown-action',
        expect.stringContaining(isolate.id),
      ]);
    },
  );

  it('with a mistyped name is suggested, not taken', () => {
    expect(codeOf(() => resolve(['revoke-session']))).toEqual([
      2,
      'unknown-action',
      expect.stringContaining('did you mean "revoke-sessions"?'),
    ]);
  });

  it('is the exact id, or the only candidate with the name, whatever the steps are', () => {
    const word = fc.constantFrom('a', 'b', 'c');
    const any = fc.record({ rule: word, entity: word, service: word, act: word });
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 5 }), word, (parts, name) => {
        const all = parts.map(({ rule, entity, service, act }) => step(rule, entity, `${service}.${act}`));
        const steps = [...new Map(all.map((one) => [one.id, one])).values()];
        const meant = steps.filter(
          ({ id, action }) => id.startsWith(`${name}:`) || action.endsWith(`.${name}`),
        );
        const found = codeOf(() => resolve([name], steps));
        if (meant.length === 1) expect(found).toEqual([meant[0]?.id]);
        else
          expect(found).toEqual([
            2,
            meant.length === 0 ? 'unknown-action' : 'ambiguous-step',
            expect.anything(),
          ]);
      }),
    );
  });
});

describe('an analyst', () => {
  const analysts = [
    { id: '00000000-0000-4000-8000-00000000a101', name: 'Local analyst' },
    { id: '00000000-0000-4000-8000-00000000a102', name: 'Robin Keller' },
    { id: '00000000-0000-4000-8000-00000000a103', name: 'Robin Kellermann' },
    { id: '00000000-0000-4000-8000-00000000a104', name: 'Kim Larsen' },
  ];

  it.each([
    ['kim', 3],
    ['LARSEN', 3],
    [' Kim Larsen ', 3],
    ['robin keller', 1],
    ['mann', 2],
    ['00000000-0000-4000-8000-00000000A103', 2],
  ])('is meant by %s', (as, index) => {
    expect(findAnalyst(analysts, as)).toBe(analysts[index]);
  });

  it.each([
    ['robin', 'ambiguous-analyst', 'Robin Keller, Robin Kellermann'],
    ['', 'unknown-analyst', 'Kim Larsen'],
    ['someone else', 'unknown-analyst', 'Kim Larsen'],
    ['00000000', 'unknown-analyst', 'Kim Larsen'],
  ])('is not meant by “%s”', (as, code, listed) => {
    expect(codeOf(() => findAnalyst(analysts, as))).toEqual([2, code, expect.stringContaining(listed)]);
  });
});
