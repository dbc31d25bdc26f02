/** Every mistake in a playbook is reported with its place and what to do. */
import { describe, expect, it } from 'vitest';
import { analystsTier, load, playbookOf, playbookText, problemsOf } from './contoso.ts';

const sound = playbookText('device.isolated');
const changed = (from: string | RegExp, to: string) => problemsOf(sound.replace(from, to));

describe('a valid playbook', () => {
  it('loads with its durations in milliseconds and defaults filled in', () => {
    const playbook = playbookOf(sound);
    expect(playbook.tiers).toEqual([analystsTier]);
    expect(playbook.enrich).toEqual([
      { action: 'defender.device', as: 'device', for: 'host', deadlineMs: 30_000, limit: 20 },
      { action: 'entra.risk', as: 'risk', for: 'account', deadlineMs: 30_000, limit: 20 },
    ]);
  });

  it('keeps its hash when only comments and spacing change', () => {
    expect(playbookOf(`# why\n${sound}\n\n`).hash).toBe(playbookOf(sound).hash);
  });
});

describe('form', () => {
  it('names a mistyped key once, not also as missing', () => {
    expect(changed('respond:', 'responds:')).toEqual([
      'test.yaml:7:1 unknown-key: there is no key "responds" here (did you mean "respond"?)',
    ]);
  });

  it('names a mistyped key inside a list', () => {
    expect(changed('why:', 'wyh:')).toEqual([
      'test.yaml:13:5 unknown-key: there is no key "wyh" here (did you mean "why"?)',
    ]);
  });

  it('reports a missing key at its mapping', () => {
    expect(changed('    why: The device is at risk.\n', '')).toEqual([
      'test.yaml:8:5 missing-key: the key "why" is missing (add it)',
    ]);
  });

  it('names a value of the wrong type', () => {
    expect(changed('title: Test', 'title: [a]')).toEqual([
      'test.yaml:2:8 invalid-value: title: expected a text, not a list',
    ]);
  });

  it('says how to write a condition that is always true', () => {
    expect(changed('"device.isolated"', 'true')).toEqual([
      'test.yaml:11:11 invalid-value: respond.isolate-device.when: expected a text, not true or false ' +
        '(write it in quotation marks: "true")',
    ]);
  });

  it('suggests the nearest of a closed set', () => {
    expect(changed('    - name: analysts', '    - name: analysts\n      onDeadline: contian')).toEqual([
      'test.yaml:17:19 invalid-value: approvals.tiers.analysts.onDeadline: expected one of ' +
        'do-nothing, contain, escalate (did you mean "contain"?)',
    ]);
  });

  it.each([
    ['4', 'expected a text, not a number'],
    ['4 hours', 'expected a duration: a whole number and s, m, h or d, e.g. 30s or 4h'],
    ['10s', 'expected a duration from 1m to 30d'],
    ['31d', 'expected a duration from 1m to 30d'],
  ])('refuses the deadline %s', (deadline, message) => {
    expect(changed('deadline: 4h', `deadline: ${deadline}`)).toEqual([
      `test.yaml:18:17 invalid-value: approvals.tiers.analysts.deadline: ${message}`,
    ]);
  });
});

describe('all mistakes at once', () => {
  it('reports form, names, tiers and conditions in one round', () => {
    const text = sound
      .replace('title: Test', 'title: [a]')
      .replace('deadline: 30s', 'deadline: 30')
      .replace('device.isolated', 'device.isolatd')
      .replace('tier: analysts', 'tier: analyst')
      .replace('    why: The device is at risk.\n', '')
      .replace('deadline: 4h', 'deadline: 4h\n      remind: [5h]\n      quorum: 0\n    - name: analysts');
    expect(problemsOf(text).map((line) => line.split(/[ :]/)[3])).toEqual([
      'invalid-value',
      'invalid-value',
      'missing-key',
      'unknown-field',
      'unknown-tier',
      'invalid-value',
      'missing-key',
      'missing-key',
      'repeated',
    ]);
  });

  it('checks the condition and the tier of a rule without kind, action or name', () => {
    for (const [from, to] of [
      ['    for: host\n', ''],
      ['defender.isolate-device', 'defender.isolate'],
      ['- id: isolate-device', '- id: Isolate'],
    ] as const) {
      const text = sound
        .replace(from, to)
        .replace('device.isolated', 'device.isolatd')
        .replace('tier: analysts', 'tier: analyst');
      const codes = problemsOf(text).map((line) => line.split(/[ :]/)[3]);
      expect(codes).toEqual(expect.arrayContaining(['unknown-field', 'unknown-tier']));
      expect(codes).toHaveLength(3);
    }
  });

  it('reports the same id twice also where one playbook has other mistakes', () => {
    const files = [
      { path: 'a.yaml', text: sound.replace('title: Test', 'title: 1') },
      { path: 'b.yaml', text: sound },
    ];
    expect(load(files).problems.map(({ code }) => code)).toEqual(['invalid-value', 'duplicate-id']);
  });

  it('names a rule without a name by its number from 1', () => {
    expect(changed('- id: isolate-device\n', '- id: 7\n')[0]).toContain('respond.#1.id: expected a text');
  });
});

describe('names', () => {
  it('suggests the nearest action', () => {
    expect(changed('defender.isolate-device', 'defender.isolat-device')).toEqual([
      'test.yaml:9:13 unknown-action: there is no action "defender.isolat-device" ' +
        '(did you mean "defender.isolate-device"?)',
    ]);
  });

  it('reports an enrichment under respond', () => {
    expect(changed('defender.isolate-device', 'defender.device').join()).toContain(
      'test.yaml:9:13 unknown-action: "defender.device" does not belong under "respond"',
    );
  });

  it('says which kind of entity an action is for', () => {
    expect(changed('    for: host', '    for: account')[0]).toBe(
      'test.yaml:10:10 wrong-kind: defender.isolate-device is for entities of kind host, not account (use: host)',
    );
  });

  it.each(['incident', 'entity', 'string', 'size', 'list'])('refuses what CEL or we mean by "%s"', (name) => {
    const problems = changed('as: device', `as: ${name}`);
    if (name === 'size') expect(problems.join()).toContain('unknown-variable');
    else expect(problems[0]).toContain('test.yaml:5:36 reserved-name');
  });

  it('refuses two enrichments of one name', () => {
    expect(changed('as: risk', 'as: device')).toContain(
      'test.yaml:6:31 repeated: duplicate name "device" (keep one)',
    );
  });

  it('refuses two playbooks of one id', () => {
    const files = ['b.yaml', 'a.yaml'].map((path) => ({ path, text: sound }));
    const { playbooks, problems } = load(files);
    expect(playbooks.map(({ file }) => file)).toEqual(['a.yaml']);
    expect(problems.map((p) => `${p.place} ${p.code}`)).toEqual(['b.yaml:1:5 duplicate-id']);
  });
});

describe('conditions', () => {
  const at = (column: number, rest: string) => [`test.yaml:11:${column} ${rest}`];
  it.each([
    [
      'device.riskScroe == "high"',
      at(19, 'unknown-field: there is no field "riskScroe" here (did you mean "riskScore"?)'),
    ],
    [
      'devise.isolated',
      at(12, 'unknown-variable: there is no variable "devise" here (did you mean "device"?)'),
    ],
    [
      'has(device.lastSen)',
      at(23, 'unknown-field: there is no field "lastSen" here (did you mean "lastSeen"?)'),
    ],
    [
      'risk.exists(r, r.levl == "low")',
      at(29, 'unknown-field: there is no field "levl" here (did you mean "level"?)'),
    ],
    ['device.riskScore == "hihg"', at(32, 'unknown-value: this is never "hihg" (did you mean "high"?)')],
    ['device.riskScore in ["hihg"]', at(33, 'unknown-value: this is never "hihg" (did you mean "high"?)')],
    [
      'device.riskScore.upperAscii() == "High"',
      at(45, 'unknown-value: this is never "High" (did you mean "HIGH"?)'),
    ],
    [
      'device.lastSeen.lowerAscii().startsWith("WS")',
      at(52, 'unknown-value: no value of this startsWith "WS"'),
    ],
    [
      'device.riskScore.contains("igh ")',
      at(38, 'unknown-value: no value of this contains "igh " (its values are none, low, medium, high)'),
    ],
    [
      'device.critical == "2"',
      at(
        12,
        'expression-type: "==" does not work on int and string (write numbers, true and false without quotation marks)',
      ),
    ],
    [
      'device.exposure == 3',
      at(12, 'expression-type: "==" does not work on double and int (write the number as 3.0)'),
    ],
    [
      'device.group == null',
      at(
        12,
        'expression-type: "==" does not work on string and null (values are never null: check has(object.field) first)',
      ),
    ],
    [
      'device.critical',
      at(12, 'expression-type: a condition must be true or false, this is int (compare it with something)'),
    ],
    ['device.isolated &&', at(30, 'expression-syntax: the condition ends too early (add what follows "&&")')],
  ])('%s', (condition, problems) => {
    expect(problemsOf(playbookText(condition))).toEqual(problems);
  });

  it('reports several mistakes in one expression, also of several kinds', () => {
    expect(problemsOf(playbookText('device.isolatd && device.tgs.size() > 1'))).toHaveLength(2);
    const kinds = '(device.isolatd || device.critical > "2") && device.tags.contains("a") && device.exposure';
    expect(problemsOf(playbookText(kinds)).map((line) => line.split(/[ :]/).slice(2, 4))).toEqual([
      ['20', 'unknown-field'],
      ['31', 'expression-type'],
      ['71', 'list-method'],
      ['90', 'expression-type'],
    ]);
  });

  it.each([
    ['device.isolated and true', 28, 'expression-syntax', 'write &&'],
    ['device.isolated OR true', 28, 'expression-syntax', 'write ||'],
    ['not device.isolated', 12, 'expression-syntax', 'write !'],
    ['device.critical = 2', 28, 'expression-syntax', 'write =='],
    ['device.critical === 2', 28, 'expression-syntax', 'write =='],
    ['device.critical <> 2', 28, 'expression-syntax', 'write !='],
    ['device.critical => 2', 28, 'expression-syntax', 'write >='],
    ['device.tags.contains("vip")', 24, 'list-method', 'write: "vip" in device.tags'],
    ['device.users.name == "dana"', 12, 'list-field', 'use device.users.exists(x, x.name …)'],
    ['risk.level == "high"', 12, 'list-field', 'use risk.exists(x, x.level …)'],
    ['risk["level"] == "high"', 12, 'list-field', 'use risk.exists(x, x.level …)'],
    ['device.exists(d, d.isolated)', 19, 'object-loop', 'use device.field directly'],
    ['device.tags.exists(t)', 24, 'loop-form', 'device.tags.exists(x, x == 1)'],
    ['device.tags == "vip"', 12, 'expression-type', 'for a value in a list, write: "…" in list'],
    ['"a" in device.group', 12, 'expression-type', 'use contains(…)'],
    ['has(device)', 16, 'expression-type', 'write has(object.field)'],
  ])('says what to write: %s', (condition, column, code, next) => {
    const [problem, ...others] = problemsOf(playbookText(condition));
    // A quotation mark in the condition has a backslash in the file.
    expect(problem).toMatch(new RegExp(`^test\\.yaml:11:${column} ${code}: `));
    expect(problem).toContain(next);
    expect(others).toEqual([]);
  });

  it.each([
    'device.isolated &&',
    '(device.isolated',
    'device.isolated)',
    'device.',
    'device.group == "a',
    'device.isolated ? true',
    'device.isolated && && true',
    '#',
    'device.tags.exists("a", true)',
    'device.critical == 0x',
    '[1, "a"].size() > 1',
    'device.isolated ? 1 : true',
    'device.critical && true',
    '-device.isolated == 1',
  ])('has own words for %s', (condition) => {
    const text = problemsOf(playbookText(condition)).join();
    expect(text).toMatch(/expression-(?:syntax|type)/);
    expect(text).not.toMatch(/token|character|EOF|overload|comprehension|operands|Ternary|hex/);
  });

  it.each(['device.tags.exists(t, t.matches("a+"))', '"a".matches("(a+)+$")', 'matches("a")'])(
    'refuses regular expressions: %s',
    (condition) => {
      expect(problemsOf(playbookText(condition)).join()).toContain(
        'regular-expression: regular expressions are refused: one can block the whole process ' +
          '(use contains, startsWith or endsWith)',
      );
    },
  );

  it.each(['cel.bind(x, 1, x > 0)', 'timestamp("2026-03-10") > 3', 'dyn(1) == 1', 'b"a".json().a == 1'])(
    'refuses functions that are not needed: %s',
    (condition) => {
      expect(problemsOf(playbookText(condition)).join()).toContain('unknown-function');
    },
  );

  it('limits the cost of an expression', () => {
    const loops = 'risk.exists(a, risk.exists(b, risk.exists(c, a.level == c.level)))';
    expect(problemsOf(playbookText(loops)).join()).toContain('expression-too-costly: exists() is nested');
    expect(problemsOf(playbookText('true || '.repeat(300))).join()).toContain('invalid-value');
    expect(problemsOf(playbookText(`${'1 + '.repeat(300)}1 > 0`)).join()).toContain('expression-too-costly');
    expect(problemsOf(playbookText(`${'('.repeat(200)}true${')'.repeat(200)}`)).join()).toContain(
      'expression-',
    );
  });

  it('knows only the incident in the playbook itself', () => {
    expect(changed('when: incident.severity == "high"', 'when: device.isolated')).toEqual([
      'test.yaml:3:7 unknown-variable: there is no variable "device" here ' +
        '(only "incident" is available before the enrichments run)',
    ]);
  });

  it('does not report consequences of an invalid enrichment', () => {
    expect(changed('action: defender.device', 'action: defender.devise')).toEqual([
      'test.yaml:5:15 unknown-action: there is no action "defender.devise" (did you mean "defender.device"?)',
    ]);
  });

  it('reports mistakes of all parts at once, in the order of the file', () => {
    const text = sound
      .replace('title:', 'titel:')
      .replace('entra.risk', 'entra.rsk')
      .replace('"device.isolated"', 'device.isolatd')
      .replace('4h', '4y');
    expect(problemsOf(text).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'test.yaml:2:1 unknown-key:',
      'test.yaml:6:15 unknown-action:',
      'test.yaml:11:18 unknown-field:',
      'test.yaml:18:17 invalid-value:',
    ]);
  });

  it.each([
    ['folded', '>-\n      device.isolated ||\n      device.critcal > 2'],
    ['literal', '|\n      device.isolated ||\n        device.critcal > 2'],
    ['plain', 'device.isolated || device.critcal > 2'],
    ['plain over two lines', 'device.isolated ||\n      device.critcal > 2'],
    ['in single quotes', `'device.riskScore == "high" || device.critcal > 2'`],
    ['in single quotes with doubled ones', `'device.group == "it''s" || device.critcal > 2'`],
    ['in single quotes with doubled ones and no space', `'device.group=="it''s"||device.critcal>2'`],
    ['in double quotes with escapes', '"device.riskScore == \\"high\\" || device.critcal > 2"'],
    ['in double quotes with code points', '"device.group == \\"\\u0041\\x41\\" || device.critcal > 2"'],
  ])('finds the column in an expression written %s', (_style, yaml) => {
    const text = sound.replace('"device.isolated"', yaml);
    const lines = text.split('\n');
    const line = lines.findIndex((content) => content.includes('critcal'));
    const column = lines[line]?.indexOf('critcal') ?? -1;
    expect(problemsOf(text)).toEqual([
      `test.yaml:${line + 1}:${column + 1} unknown-field: there is no field "critcal" here ` +
        '(did you mean "critical"?)',
    ]);
  });
});

describe('YAML', () => {
  it.each([
    ['an empty file', '', '1:1 file-empty'],
    ['only comments', '# nothing\n', '1:1 file-empty'],
    ['null', 'null\n', '1:1 file-empty'],
    ['a list', '- id\n', '1:1 invalid-value: the file: expected keys with values, not a list'],
    ['a duplicate key', 'id: a\ntitle: x\nid: b\n', '3:1 duplicate-key'],
    ['a tab', 'id: a\nenrich:\n\t- x\n', '3:1 yaml-syntax: a tab cannot indent YAML (use spaces)'],
    ['an open quotation mark', 'id: "a\n', 'yaml-syntax'],
    ['two documents', 'id: a\n---\nid: b\n', 'yaml-syntax: a file holds one YAML document'],
    ['deep nesting', '['.repeat(30_000), '1:1 yaml-too-deep'],
    ['a huge file', `# ${'x'.repeat(70_000)}`, '1:1 yaml-too-large'],
    [
      'what is no UTF-8',
      `id: a\ntitle: ${new TextDecoder().decode(Uint8Array.of(0x61, 0xff))}\n`,
      '2:9 yaml-not-utf-8',
    ],
    ['a list as key', '[a]: b\n', 'yaml-syntax'],
    ['a prototype', '__proto__: { id: a }\n', 'unknown-key'],
  ])('refuses %s', (_name, text, expected) => {
    expect(problemsOf(text).join('\n')).toContain(expected);
  });

  it('refuses aliases before it expands them', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (let i = 0; i < 12; i++) {
      const letter = String.fromCharCode(98 + i);
      const before = String.fromCharCode(97 + i);
      bomb.push(`${letter}: &${letter} [${Array(9).fill(`*${before}`).join(',')}]`);
    }
    expect(problemsOf(bomb.join('\n'))[0]).toBe(
      'test.yaml:2:8 yaml-alias: YAML aliases are not allowed here (write the value out)',
    );
  });
});
