// Reads the attack table of docs/security.md, the mutations of scripts/attacks.yaml, and what came of a test.
import { parse } from 'yaml';

/** Rows with their attack, where they leave it out because it is that of the row above. */
export function attackRows(markdown) {
  const section = markdown.split('## Attacks')[1] ?? '';
  const rows = [];
  for (const line of section.split('\n')) {
    const [, attack, refused, test] = /^\| (.*?) +\| (.*?) +\| (.*?) *\|$/.exec(line) ?? [];
    if (test === undefined || attack === 'attack' || attack.startsWith('---')) continue;
    const [, file = '', title = ''] = /^`(test\/[^`]+)` "(.+)"$/.exec(test) ?? [];
    rows.push({ attack: attack.trim() || (rows.at(-1)?.attack ?? ''), refused: refused.trim(), file, title });
  }
  return rows;
}

export function mutations(yaml) {
  return parse(yaml);
}

export function keyOf({ attack, refused }) {
  return `${attack} | ${refused}`;
}

/** A title as vitest's --testNamePattern: whole, and with anything in the place of a case's values (%s, %o). */
export function patternOf(title) {
  return `(^| )${title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/%[so]/g, '.*')}$`;
}

/**
 * What came of a title's tests in a file of vitest's JSON report: `passed` if all did, `failed` if an assertion of one did,
 * else why it is neither. https://vitest.dev/guide/reporters#json-reporter
 */
export function outcomeOf(title, file) {
  const named = new RegExp(`^${patternOf(title).replace('(^| )', '')}`);
  const tests = file?.assertionResults.filter((test) => named.test(test.title)) ?? [];
  if (tests.length === 0) return `did not run: ${file?.message ?? 'no such file'}`;
  const failures = tests.filter(({ status }) => status === 'failed');
  if (failures.length === 0)
    return tests.every(({ status }) => status === 'passed') ? 'passed' : 'was skipped';
  const messages = failures.flatMap(({ failureMessages }) => failureMessages);
  return messages.some((text) => text.includes('AssertionError')) ? 'failed' : `broke: ${messages[0]}`;
}
