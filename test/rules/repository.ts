/** Where the repository's files are. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Absolute path of a file of the repository. */
export const repository = (...path: string[]): string => join(root, ...path);

/** The folders with sources. */
export const SOURCES = ['src', 'packages/functions-emulator/src', 'packages/tenant-simulator/src'];

/** TypeScript files below a folder, with forward slashes, relative to `directory`. */
export function typescriptFiles(directory: string, folder: string): string[] {
  return readdirSync(join(directory, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .sort();
}

/** The TypeScript files of the product and of its packages. */
export function sourceFiles(directory: string): string[] {
  return SOURCES.flatMap((folder) => typescriptFiles(directory, folder)).sort();
}

const NOT_OURS =
  /^(\.git|node_modules|dist|packages\/[^/]+\/(dist|node_modules)|\.responder|coverage|local\.settings\.json)(\/|$)/;

/** The files that git tracks; in a copy without a repository, all files of the project. */
export function trackedFiles(): string[] {
  if (existsSync(join(root, '.git'))) {
    return execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
      .split('\0')
      .filter(Boolean);
  }
  return readdirSync(root)
    .filter((name) => !NOT_OURS.test(name))
    .flatMap((name) =>
      statSync(join(root, name)).isFile()
        ? [name]
        : readdirSync(join(root, name), { recursive: true, encoding: 'utf8' })
            .map((below) => `${name}/${below.replaceAll('\\', '/')}`)
            .filter((path) => statSync(join(root, path)).isFile()),
    );
}
