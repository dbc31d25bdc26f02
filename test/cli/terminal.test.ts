import { describe, expect, it } from 'vitest';
import { table } from '../../src/cli/replay/table.js';
import { describeProblem, wantsColour } from '../../src/cli/terminal.js';

describe('colour', () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ TERM: 'dumb' }, true, false],
  ])('with %j on a terminal: %s is %s', (environment, isTty, expected) => {
    expect(wantsColour(environment, isTty)).toBe(expected);
  });
});

describe('a problem', () => {
  const problem = {
    code: 'port-in-use',
    message: 'Port 7071 is taken.',
    next: 'Choose another.',
    exitCode: 2,
  } as const;
  const plain = (_style: string, text: string) => text;

  it('is a message with the next step as text', () => {
    expect(describeProblem(problem, false, plain)).toBe(
      'error [port-in-use]: Port 7071 is taken.\n  next: Choose another.',
    );
  });

  it('is one JSON object with --json', () => {
    expect(JSON.parse(describeProblem(problem, true, plain))).toEqual({
      kind: 'error',
      code: 'port-in-use',
      message: 'Port 7071 is taken.',
      next: 'Choose another.',
    });
  });
});

it('a table has columns as wide as their widest cell', () => {
  expect(
    table([
      ['A', 'BB'],
      ['long', ''],
    ]),
  ).toEqual(['A     BB', 'long']);
});
