/** A copy of the built app with one thing changed, as the next version of it would have. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../rules/repository.js';

export interface ChangedApp {
  readonly path: string;
  remove(): void;
}

/** What the app is made of. */
const FOLDERS = [
  'actions',
  'app',
  'approvals',
  'connectors',
  'domain',
  'intake',
  'orchestrator',
  'playbook',
  'report',
];

/** @param file below src/orchestrator, compiled; all of `from` must stand in it once. */
export function changedApp(file: string, from: string, to: string): ChangedApp {
  // Below the repository, so that packages are found from the copy as they are from the original.
  mkdirSync(repository('dist'), { recursive: true });
  const path = mkdtempSync(repository('dist/changed-app-'));
  for (const name of ['package.json', 'host.json', 'playbooks']) {
    cpSync(repository(name), join(path, name), { recursive: true });
  }
  for (const folder of FOLDERS) {
    cpSync(repository('dist/src', folder), join(path, 'dist/src', folder), { recursive: true });
  }
  const changed = join(path, 'dist/src/orchestrator', file);
  const parts = readFileSync(changed, 'utf8').split(from);
  if (parts.length !== 2) throw new Error(`${from} stands ${parts.length - 1} times in ${file}`);
  writeFileSync(changed, parts.join(to));
  return {
    path,
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}
