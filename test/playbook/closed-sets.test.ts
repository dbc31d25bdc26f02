/** Comparisons with a closed set of texts must mean what they say: risk levels have no order that CEL knows. */
import { describe, expect, it } from 'vitest';
import { playbookText, problemsOf } from './contoso.ts';

/** `column` counts from 1 in the condition. */
const problemAt = (column: number, rest: string) => `test.yaml:11:${column + 11} ${rest}`;

const columnOf = (condition: string, part: string) => condition.indexOf(part) + 1;
const LEVELS = '["none", "low", "medium", "high"]';

describe('an order of texts', () => {
  it.each(['<', '<=', '>', '>='])('with %s is an error', (operator) => {
    expect(problemsOf(playbookText(`device.riskScore ${operator} 'low'`))).toEqual([
      problemAt(
        1,
        `text-order: "${operator}" orders texts by their letters, not by their meaning ` +
          `(list the values that you mean: device.riskScore in ${LEVELS})`,
      ),
    ]);
  });

  it.each([
    ["'low' < device.riskScore", 'device.riskScore'],
    ["device['riskScore'] > 'low'", "device['riskScore']"],
    ["risk.exists(r, r.level > 'low')", 'r.level'],
    ["risk.filter(r, r.level > 'low').size() > 0", 'r.level'],
    ["risk[0].level > 'low'", 'risk[0].level'],
    ["risk.map(r, r.level)[0] > 'low'", 'risk.map(r, r.level)[0]'],
    ["[device.riskScore, 'low'].exists(x, x > 'low')", "x > 'low'", 'x'],
    ["device.isolated && !(device.riskScore > 'low')", 'device.riskScore'],
    ["device.isolated ? device.riskScore > 'low' : false", 'device.riskScore'],
    ["string(device.riskScore) > 'low'", 'string(device.riskScore)'],
    ['device.riskScore > incident.severity', 'device.riskScore'],
    ['incident.alerts.exists(a, a.severity > incident.severity)', 'a.severity'],
  ])('is found in %s', (condition, part, subject = part) => {
    const [problem, ...others] = problemsOf(playbookText(condition));
    expect(problem?.startsWith(problemAt(columnOf(condition, part), 'text-order: '))).toBe(true);
    expect(problem).toContain(`(list the values that you mean: ${subject} in [`);
    expect(others).toEqual([]);
  });

  it('names the values as the condition sees them', () => {
    expect(problemsOf(playbookText("device.riskScore.upperAscii() > 'LOW'")).join()).toContain(
      'device.riskScore.upperAscii() in ["NONE", "LOW", "MEDIUM", "HIGH"]',
    );
    expect(
      problemsOf(playbookText("(device.isolated ? device.riskScore : 'hidden') > 'low'")).join(),
    ).toContain(
      '(device.isolated ? device.riskScore : \'hidden\') in ["none", "low", "medium", "high", "hidden"]',
    );
  });

  it.each(['int', 'double'])('through %s() is an error', (name) => {
    const condition = `${name}(device.riskScore) > ${name === 'int' ? '1' : '1.0'}`;
    expect(problemsOf(playbookText(condition))).toEqual([
      problemAt(
        columnOf(condition, 'device'),
        `not-a-number: ${name}() fails for each value of device.riskScore ` +
          `(list the values that you mean: device.riskScore in ${LEVELS})`,
      ),
    ]);
  });

  it.each([
    "device.lastSeen > '2026-01-01'",
    "'2026-01-01' <= device.lastSeen",
    "['2026-01-01'].exists(day, device.lastSeen > day)",
    'incident.number > 99',
    'device.critical >= 2',
    "{'none': 0, 'low': 1, 'medium': 2, 'high': 3}[device.riskScore] >= 2",
  ])('is accepted where the texts or numbers have one: %s', (condition) => {
    expect(problemsOf(playbookText(condition))).toEqual([]);
  });
});

describe('the number of the incident', () => {
  it.each(['>', '<', '=='])('is compared with %s to a number, not to a text', (operator) => {
    expect(problemsOf(playbookText(`incident.number ${operator} "99"`))).toEqual([
      problemAt(
        1,
        `expression-type: "${operator}" does not work on int and string (write numbers, true and false without quotation marks)`,
      ),
    ]);
  });
});

describe('a value that never occurs', () => {
  it('is not looked for with a method that does not exist', () => {
    for (const method of ['hasOwnProperty', 'constructor', 'contain']) {
      const [problem, ...others] = problemsOf(playbookText(`device.riskScore.${method}('low')`));
      expect(problem).toContain(`unknown-function: there is no function "${method}" here`);
      expect(others).toEqual([]);
    }
  });

  const never = `unknown-value: this is never "hihg" (did you mean "high"?)`;
  it.each([
    "[device.riskScore] == ['hihg']",
    "risk.map(r, r.level) == ['low', 'hihg']",
    "['low', 'hihg'] != risk.map(r, r.level)",
    "risk.map(r, r.level) in [['hihg']]",
    "device.riskScore == (device.isolated ? 'high' : 'hihg')",
    "(device.isolated ? device.riskScore : 'low') == 'hihg'",
    "string(device.riskScore) == 'hihg'",
    "'hihg' in [device.riskScore]",
    "device.riskScore in {'high': 1, 'hihg': 2}",
    "{'high': 1, 'hihg': 2}[device.riskScore] > 1",
  ])('is found in %s', (condition) => {
    expect(problemsOf(playbookText(condition))).toEqual([problemAt(columnOf(condition, "'hihg'"), never)]);
  });

  it.each([
    ['device.riskScore == incident.status', 'incident.status'],
    ['incident.status != device.riskScore', 'device.riskScore'],
    ['device.riskScore in [incident.status]', 'incident.status'],
    ['risk.exists(r, r.level == incident.status)', 'incident.status'],
    ['incident.status in risk.map(r, r.level)', 'risk.map'],
  ])('is found in two sets without a common value: %s', (condition, part) => {
    const [problem, ...others] = problemsOf(playbookText(condition));
    expect(problem?.startsWith(problemAt(columnOf(condition, part), 'unknown-value: '))).toBe(true);
    expect(problem).toContain('none, low, medium, high');
    expect(problem).toContain('new, active, closed, merged, unknown');
    expect(others).toEqual([]);
  });

  it.each([
    'device.riskScore == incident.severity',
    'device.riskScore in risk.map(r, r.level)',
    "device.tags == ['a']",
    "incident.tactics == ['InitialAccess']",
    "['none', device.riskScore].exists(x, x == 'low')",
    "device.riskScore in ['low', device.group]",
  ])('is not seen where one can occur: %s', (condition) => {
    expect(problemsOf(playbookText(condition))).toEqual([]);
  });
});
