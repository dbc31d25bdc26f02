/** Finds the files that `main` of package.json names: a path, or a pattern with `*`, `**`, `?`, `[...]` and `{a,b}`. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Paths relative to `directory`, with `/`, in the order in which the real worker loads them: by depth, then by name. */
export function findFiles(directory: string, pattern: string): string[] {
  const found = new Set<string>();
  for (const plain of expandBraces(pattern.replace(/^\.\//, ''))) {
    if (!/[*?[]/.test(plain)) {
      if (statSync(join(directory, plain), { throwIfNoEntry: false })?.isFile()) found.add(plain);
      continue;
    }
    const parts = plain.split('/');
    walk(directory, '', parts, found);
  }
  const depth = (path: string): number => path.split('/').length;
  return [...found].sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
}

function walk(directory: string, prefix: string, parts: readonly string[], found: Set<string>): void {
  const [part, ...rest] = parts;
  if (part === undefined) return;
  if (part === '**') walk(directory, prefix, rest, found);
  const matches = part === '**' ? undefined : partPattern(part);
  for (const entry of readdirSync(join(directory, prefix), { withFileTypes: true })) {
    if (entry.name.startsWith('.') && !part.startsWith('.')) continue;
    if (matches && !matches.test(entry.name)) continue;
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) walk(directory, path, part === '**' ? parts : rest, found);
    else if (rest.length === 0 && part !== '**') found.add(path);
  }
}

function partPattern(part: string): RegExp {
  const source = part.replace(/\[!?[^\]]*\]|[*?]|[.+^${}()|\\\]]/g, (token) => {
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    return token.startsWith('[') ? token.replace('[!', '[^') : `\\${token}`;
  });
  return new RegExp(`^${source}$`);
}

function expandBraces(pattern: string): string[] {
  const open = pattern.indexOf('{');
  if (open < 0) return [pattern];
  const commas: number[] = [open];
  let depth = 0;
  for (let at = open; at < pattern.length; at++) {
    const char = pattern[at];
    if (char === '{') depth++;
    else if (char === ',' && depth === 1) commas.push(at);
    else if (char === '}' && --depth === 0) {
      const head = pattern.slice(0, open);
      const tail = pattern.slice(at + 1);
      return commas.flatMap((start, i) =>
        expandBraces(head + pattern.slice(start + 1, commas[i + 1] ?? at) + tail),
      );
    }
  }
  return [pattern];
}
