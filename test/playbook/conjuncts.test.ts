/** The parts of a condition that must all be true, as a person wrote them. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ConditionScope } from '../../src/playbook/expression.ts';

const scope = new ConditionScope(new Map());
function conditionOf(text: string) {
  const condition = scope.compile(text);
  if (Array.isArray(condition)) throw new Error(`${text}: ${condition.map(({ message }) => message).join()}`);
  return condition;
}

const { expression } = fc.letrec<{ expression: string; leaf: string }>((tie) => ({
  leaf: fc.constantFrom(
    'true',
    'false',
    '1 < 2',
    '"a)" == \'(\'',
    '"\\"(" == "x"',
    '[1, 2].exists(x, x > 1)',
  ),
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc
      .tuple(tie('expression'), fc.constantFrom('&&', '||'), tie('expression'))
      .map(([left, operator, right]) => `${left} ${operator} ${right}`),
    tie('expression').map((inner) => `( ${inner})`),
    tie('expression').map((inner) => `!(${inner} )`),
  ),
}));

it('are all true exactly if the condition is', () => {
  fc.assert(
    fc.property(expression, (text) => {
      fc.pre(text.length < 300);
      const condition = conditionOf(text);
      const results = condition.conjuncts().map((part) => conditionOf(part.expression).evaluate({}).result);
      expect(results.every((result) => result === 'true')).toBe(condition.evaluate({}).result === 'true');
    }),
  );
});

it('are what is written between the operators', () => {
  const parts = conditionOf('(1 < 2 || false) && !(true) && "a && b" == "c"').conjuncts();
  expect(parts.map(({ expression }) => expression)).toEqual(['1 < 2 || false', '!(true)', '"a && b" == "c"']);
});
