/** For any change to a playbook's text, loading returns a playbook or problems inside the file, and never throws. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  account,
  catalogue,
  decideOn,
  deviceOf,
  found,
  host,
  incident,
  load,
  playbookText,
} from './contoso.ts';

const ws = host('ws-1');
const dana = account('dana');
const findings = [found('device', 'defender.device', ws, deviceOf())];
const sound = playbookText(
  'device.users.exists(u, u.admin) && risk.all(r, r.level == "low") || has(device.group)',
);

function survives(text: string): void {
  const { playbooks, problems } = load([{ path: 'x.yaml', text }]);
  expect(playbooks.length + problems.length).toBeGreaterThan(0);
  const lines = text.split('\n').length;
  for (const { place, code, message } of problems) {
    const [file, line, column] = place.split(':');
    expect(file).toBe('x.yaml');
    expect(Number(line)).toBeGreaterThanOrEqual(1);
    expect(Number(line)).toBeLessThanOrEqual(lines);
    expect(Number(column)).toBeGreaterThanOrEqual(1);
    expect(`${code} ${message}`).not.toMatch(/undefined|\[object|NaN/);
  }
  for (const playbook of playbooks) decideOn(playbook, incident([ws, dana]), findings, catalogue);
}

const pieces = [
  '"',
  "'",
  ':',
  '- ',
  '\n',
  '  ',
  '\t',
  '#',
  '&a',
  '*a',
  '!!str ',
  '|',
  '>',
  '[',
  ']',
  '{',
  '}',
  '&&',
  '(',
  ')',
];
const words = [
  ...pieces,
  'device',
  'risk',
  'null',
  '~',
  '1',
  '1.5',
  'exists',
  'has(',
  '.level',
  '== ',
  'true',
  '\u0000',
  'é',
  '😀',
];

it.each([')', '(', '.x', ' '])('after an edit of the name of an enrichment: %o', (insert) => {
  survives(sound.replace(/as: (\w)/, `as: ${insert}$1`));
  survives(sound.replace(/as: (\w+)/, `as: $1${insert}`));
});

it('after random edits', () => {
  const edit = fc.record({
    at: fc.nat(sound.length),
    remove: fc.nat(12),
    insert: fc.constantFrom('', ...words),
  });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
      survives(
        edits.reduce(
          (text, { at, remove, insert }) => text.slice(0, at) + insert + text.slice(at + remove),
          sound,
        ),
      );
    }),
    { numRuns: 400 },
  );
});

it('with random YAML values', () => {
  const key = fc.constantFrom(
    'id',
    'title',
    'when',
    'enrich',
    'respond',
    'approvals',
    'tiers',
    'tier',
    'approvers',
    'escalate',
    'action',
    'as',
    'for',
    '__proto__',
  );
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom('x', 1, null, true, 'host', '4h', 'defender.device', 'device.critical > 1'),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(key, tie('any'), { maxKeys: 5 }),
    ),
  })).any;
  fc.assert(
    fc.property(value, (data) => survives(JSON.stringify(data))),
    { numRuns: 300 },
  );
});

it('with a random expression as condition', () => {
  const token = fc.constantFrom(
    ...[
      'device',
      'risk',
      'entity',
      'incident',
      '.',
      '.critical',
      '.tags',
      '.users',
      '.labels',
      '.level',
      '.severity',
    ],
    ...[
      '(',
      ')',
      '[',
      ']',
      '[0]',
      '"high"',
      '1',
      '2.5',
      'true',
      'null',
      '!',
      '-',
      ' && ',
      ' || ',
      ' == ',
      ' in ',
      ' + ',
    ],
    ...[
      ' ? ',
      ' : ',
      ' > ',
      '.exists(x, x',
      '.all(y, y.level',
      '.size()',
      'size(',
      'has(',
      ', ',
      '{',
      '}',
      '%',
      "b'",
    ],
  );
  fc.assert(
    fc.property(fc.array(token, { minLength: 1, maxLength: 14 }), (tokens) =>
      survives(playbookText(tokens.join(''))),
    ),
    { numRuns: 600 },
  );
});
