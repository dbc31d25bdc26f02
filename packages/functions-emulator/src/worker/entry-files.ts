/** The files that `main` of package.json names, or what to do if there are none. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFiles } from './glob.js';

export interface EntryFiles {
  readonly files: readonly string[];
  readonly isModule: boolean;
  /** For a file that cannot be loaded: what to do first. */
  adviceFor(file: string): string;
}

interface Manifest {
  readonly main?: unknown;
  readonly type?: unknown;
  readonly scripts?: { readonly build?: unknown };
}

/** @returns a text, if there is nothing to load. */
export function findEntryFiles(directory: string): EntryFiles | string {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest;
  } catch (error) {
    return `package.json is not JSON: ${(error as Error).message}`;
  }
  const { main, type, scripts } = manifest;
  if (typeof main !== 'string')
    return 'package.json has no "main" that names the files to load, for example "src/functions/*.js".';
  const files = findFiles(directory, main);
  const compile = `Compile it first, for example with "${typeof scripts?.build === 'string' ? 'npm run build' : 'npx tsc'}"`;
  const named = `"main" of package.json (${main})`;
  if (files.length === 0) {
    const [source] = typeScriptFiles(directory);
    return source === undefined
      ? `${named} matches no file.`
      : `${named} matches no file, but there is TypeScript that is not compiled (${source}). ${compile}.`;
  }
  return {
    files,
    isModule: type === 'module',
    adviceFor: (file) =>
      isTypeScript(file)
        ? `${named} names TypeScript. ${compile}, and let "main" name the JavaScript files. `
        : '',
  };
}

function typeScriptFiles(directory: string): string[] {
  const folders = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
    .map(({ name }) => name);
  const patterns = ['*', ...folders.map((name) => `${name}/**/*`)];
  return patterns.flatMap((pattern) => findFiles(directory, `${pattern}.{ts,mts,cts}`)).filter(isTypeScript);
}

const isTypeScript = (file: string): boolean =>
  /\.[cm]?ts$/.test(file) && !/\.d\.[cm]?ts$|\/node_modules\//.test(file);
