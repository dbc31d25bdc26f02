import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { repository } from './repository.js';

/** Rows of docs/security.md that name a test: its file and the words of its title. */
const rows = [
  ...readFileSync(repository('docs/security.md'), 'utf8').matchAll(/\| `(test\/[^`]+)` "(.+?)" *\|$/gm),
].map(([, file = '', title = '']) => ({ file, title }));

describe('the attacks of docs/security.md', () => {
  it('are many, and each row names a test', () => {
    const section = readFileSync(repository('docs/security.md'), 'utf8').split('## Attacks')[1] ?? '';
    const attacks = section.split('\n').filter((line) => /^\| (?!attack|---)/.test(line));
    expect(attacks.length).toBeGreaterThan(60);
    expect(rows).toHaveLength(attacks.length);
  });

  it.each(rows)('$file has "$title"', ({ file, title }) => {
    const source = readFileSync(repository(file), 'utf8');
    const quoted = [`'${title}'`, `"${title}"`, `\`${title}\``, `'${title.replaceAll("'", "\\'")}'`];
    expect(quoted.some((text) => source.includes(text))).toBe(true);
  });
});
