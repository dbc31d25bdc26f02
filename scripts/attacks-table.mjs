// Reads the attack table of docs/security.md and the mutations of scripts/attacks.yaml.
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

/** A title as vitest's --testNamePattern: what stands for a case's values may be anything. */
export function patternOf(title) {
  return title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/%[so]/g, '.*');
}
