/** A copy of the built app with one change, like a next version. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'rolldown/utils';
import { repository } from '../rules/repository.js';

export interface ChangedApp {
  readonly path: string;
  remove(): void;
}

/** @param file of src/orchestrator; it must contain `from` exactly once. */
export function changedApp(file: string, from: string, to: string): ChangedApp {
  // Inside the repository, so the copy resolves the same packages as the original.
  mkdirSync(repository('dist'), { recursive: true });
  const path = mkdtempSync(repository('dist/changed-app-'));
  for (const name of ['host.json', 'playbooks', 'policy']) {
    cpSync(repository(name), join(path, name), { recursive: true });
  }
  // The files that the bundle is made of.
  writeFileSync(
    join(path, 'package.json'),
    JSON.stringify({ type: 'module', main: 'dist/src/app/index.js' }),
  );
  for (const folder of readdirSync(repository('dist/src'))) {
    if (folder === 'cli') continue;
    cpSync(repository('dist/src', folder), join(path, 'dist/src', folder), { recursive: true });
  }
  const parts = readFileSync(repository('src/orchestrator', file), 'utf8').split(from);
  if (parts.length !== 2) throw new Error(`${file} contains ${parts.length - 1} times: ${from}`);
  const { code } = transformSync(file, parts.join(to), { typescript: { onlyRemoveTypeImports: true } });
  writeFileSync(join(path, 'dist/src/orchestrator', file.replace(/\.ts$/, '.js')), code);
  return {
    path,
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}
