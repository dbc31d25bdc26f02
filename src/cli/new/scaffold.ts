/** The files of something new, and what to do next. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CliError } from '../problem.js';

export interface Scaffold {
  /** Paths in the repository, with `/`. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly next: readonly { readonly what: string; readonly command?: string }[];
}

/** Writes all files or none. @throws CliError `file-exists`, `not-a-repository`. */
export function writeScaffold(directory: string, { files }: Scaffold): void {
  if (!existsSync(join(directory, 'src/actions'))) {
    throw new CliError(
      'not-a-repository',
      `${directory} has no folder src/actions.`,
      'Run it in a clone of the repository, or name the clone with --directory.',
    );
  }
  const existing = files.find(({ path }) => existsSync(join(directory, path)));
  if (existing !== undefined) {
    throw new CliError(
      'file-exists',
      `${existing.path} exists; nothing was written.`,
      'Choose another name.',
    );
  }
  for (const { path, text } of files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text, { flag: 'wx' });
  }
  format(
    directory,
    files.map(({ path }) => path),
  );
}

/** As `npm run format` does. Without the repository's formatter, which is a development dependency, they stay as they are. */
function format(directory: string, paths: readonly string[]): void {
  const biome = join(directory, 'node_modules/@biomejs/biome/bin/biome');
  if (!existsSync(biome)) return;
  const args = ['check', '--write', '--no-errors-on-unmatched', ...paths];
  spawnSync(process.execPath, [biome, ...args], { cwd: directory, stdio: 'ignore' });
}

/** Lower-case words with hyphens. @throws CliError `name-invalid`. */
export function checkName(name: string, what: string): void {
  if (/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name) && name.length <= 60) return;
  throw new CliError(
    'name-invalid',
    `${what} "${name}" is not lower-case words with hyphens, e.g. password-spray.`,
  );
}
