/** Where the repository's files are. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Absolute path of a file of the repository. */
export const repository = (...path: string[]): string => join(root, ...path);

/** TypeScript files below a folder, with forward slashes, relative to `directory`. */
export function typescriptFiles(directory: string, folder: string): string[] {
  return readdirSync(join(directory, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .sort();
}

/** What git tracks. */
export function trackedFiles(): string[] {
  return execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean);
}
