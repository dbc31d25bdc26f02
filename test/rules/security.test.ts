import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { attackRows, keyOf, mutations, patternOf } from '../../scripts/attacks-table.mjs';
import { repository } from './repository.js';

const rows = attackRows(readFileSync(repository('docs/security.md'), 'utf8'));
const guards = mutations(readFileSync(repository('scripts/attacks.yaml'), 'utf8'));

const isText = (source: string, text: string) =>
  [`'${text}'`, `"${text}"`, `\`${text}\``, `'${text.replaceAll("'", "\\'")}'`].some((quoted) =>
    source.includes(quoted),
  );
/** The test file contains the title as a whole, or in parts: a title with %s or %o, and the values for them. */
function isTitle(source: string, title: string): boolean {
  if (isText(source, title)) return true;
  const templates = source.matchAll(/(['"`])((?:(?!\1).)*%[so](?:(?!\1).)*)\1/g);
  return [...templates].some(([, , template = '']) => {
    const [, ...cases] = new RegExp(`^${patternOf(template).replaceAll('.*', '(.*)')}`).exec(title) ?? [];
    return cases.length > 0 && cases.every((text) => /^%[so]$/.test(text) || isText(source, text));
  });
}

describe('the attacks of docs/security.md', () => {
  it('are many, and each row is unique and has a test', () => {
    expect(rows.length).toBeGreaterThan(100);
    expect(new Set(rows.map(keyOf)).size).toBe(rows.length);
    expect(rows.filter(({ file, title }) => file === '' || title === '')).toEqual([]);
  });

  it('have a mutation each, and every mutation has a row', () => {
    expect(guards.map(keyOf).sort()).toEqual(rows.map(keyOf).sort());
  });

  it.each(rows.map((row) => [keyOf(row), row] as const))('%s: the test exists', (_key, { file, title }) => {
    const source = readFileSync(repository(file), 'utf8');
    for (const part of title.split(' > ')) expect(isTitle(source, part), part).toBe(true);
  });

  it.each(guards.map((guard) => [keyOf(guard), guard] as const))(
    '%s: the guard occurs once, and the mutation changes it',
    (_key, { file, find, replace }) => {
      expect(readFileSync(repository(file), 'utf8').split(find)).toHaveLength(2);
      expect(replace).not.toBe(find);
    },
  );
});
