// Reads the attack table of docs/security.md, the mutations of scripts/attacks.yaml, and what came of a test.
import { parse } from 'yaml';

/** Rows with their attack, where they leave it out because it is that of the row above. */
export function attackRows(markdown) {
  const section = markdown.split('## Attacks')[1] ?? '';
  const rows = [];
  for (const line of section.split('\n')) {
    const [, attack, refused, test] = /^\| (.*?) +\| (.*?) +\| (.*?) *\|$/.exec(line) ?? [];
    if (test === undefined || attack === 'attack' || attack.startsWith('---')) continue;
    const [, file = '', title = ''] = /^`((?:test|packages)\/[^`]+)` "(.+)"$/.exec(test) ?? [];
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

/** A title, with its suites if it needs them (`suite > test`), as a pattern: anything may stand for a case's values (%s, %o). */
export function patternOf(title) {
  return `${title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/%[so]/g, '.*')}$`;
}

/** An assertion's words, those of a property (https://fast-check.dev), and of test/app/responder.ts for what never came. */
const REFUTED = /AssertionError|Property failed|waited in vain/;

/**
 * What came of a row's test in a file of vitest's JSON report: `passed`, `failed` by an assertion, `skipped`, or else why
 * it is none of these. https://vitest.dev/guide/reporters#json-reporter
 */
export function outcomeOf(title, file) {
  const named = new RegExp(`^${patternOf(title)}`);
  const suites = title.split(' > ').length - 1;
  const nameOf = (test) =>
    [...(suites > 0 ? test.ancestorTitles.slice(-suites) : []), test.title].join(' > ');
  const tests = file?.assertionResults.filter((test) => named.test(nameOf(test))) ?? [];
  if (tests.length === 0) return `did not run: ${file?.message ?? 'there is no such file'}`;
  if (!/%[so]/.test(title) && new Set(tests.map(({ fullName }) => fullName)).size > 1)
    return 'has a name that others have, too';
  const failures = tests.flatMap(({ status, failureMessages }) =>
    status === 'failed' ? failureMessages : [],
  );
  if (failures.length > 0)
    return failures.some((text) => REFUTED.test(text)) ? 'failed' : `broke: ${failures[0]}`;
  return tests.every(({ status }) => status === 'passed') ? 'passed' : 'skipped';
}
