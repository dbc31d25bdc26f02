import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { attackRows, mutations } from '../../scripts/attacks-table.mjs';
import { repository } from './repository.js';

const rows = attackRows(readFileSync(repository('docs/security.md'), 'utf8'));
const guards = mutations(readFileSync(repository('scripts/attacks.yaml'), 'utf8'));
const keyOf = ({ attack, refused }: { readonly attack: string; readonly refused: string }) =>
  `${attack} | ${refused}`;

describe('the attacks of docs/security.md', () => {
  it('are many, and each row is one of its own with a test', () => {
    expect(rows.length).toBeGreaterThan(100);
    expect(new Set(rows.map(keyOf)).size).toBe(rows.length);
    expect(rows.filter(({ file, title }) => file === '' || title === '')).toEqual([]);
  });

  it('have a mutation each, and there is none without a row', () => {
    expect(guards.map(keyOf).sort()).toEqual(rows.map(keyOf).sort());
  });

  it.each(rows.map((row) => [keyOf(row), row] as const))('%s: the test is there', (_key, { file, title }) => {
    const source = readFileSync(repository(file), 'utf8');
    const quoted = [`'${title}'`, `"${title}"`, `\`${title}\``, `'${title.replaceAll("'", "\\'")}'`];
    expect(quoted.some((text) => source.includes(text))).toBe(true);
  });

  it.each(guards.map((guard) => [keyOf(guard), guard] as const))(
    '%s: the guard stands once, and is changed',
    (_key, { file, find, replace }) => {
      expect(readFileSync(repository(file), 'utf8').split(find)).toHaveLength(2);
      expect(replace).not.toBe(find);
    },
  );
});
