/** Loads playbooks like the app, and reports everything that is wrong with them. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { enrichments, responses } from '../actions/registry.generated.js';
import { canonicalJson } from '../domain/canonical.js';
import {
  type ActionCatalogue,
  type CatalogueEnrichment,
  type CatalogueResponse,
  catalogueOf,
  type LoadedPlaybooks,
  loadPlaybooks,
} from '../playbook/index.js';
import { packageDirectory } from './package-directory.js';
import { CliError } from './problem.js';

/** The app uses the same folder. */
export const defaultPlaybooks = process.env.PLAYBOOKS_DIRECTORY || join(packageDirectory, 'playbooks');

/**
 * Reads playbook files, or all of a folder. Places are relative to the working directory.
 * @throws CliError `not-found`.
 */
export function checkPlaybooks(paths: readonly string[]): LoadedPlaybooks & { readonly files: number } {
  const files = paths.flatMap(filesOf).map((path) => ({
    path: relative(process.cwd(), path).replaceAll('\\', '/') || path,
    text: readFileSync(path, 'utf8'),
  }));
  // The result is not stored, so a short hash is not needed.
  return { ...loadPlaybooks(files, catalogue(), canonicalJson), files: files.length };
}

/** Actions on the incident itself are the orchestration's own; a playbook does not name them. */
function catalogue(): ActionCatalogue {
  return catalogueOf([
    ...(enrichments as readonly CatalogueEnrichment[]),
    ...(responses.filter((action) => action.entity !== 'incident') as readonly CatalogueResponse[]),
  ]);
}

/**
 * The app would also refuse invalid playbooks at its start; here the problems have paths relative to the working directory.
 * @throws CliError `playbook-invalid`.
 */
export function assertValidPlaybooks(directory: string): void {
  const { problems } = checkPlaybooks([directory]);
  if (problems.length === 0) return;
  const lines = problems.map(
    ({ place, message, next, code }) =>
      `${place}: ${message}${next === undefined ? '' : ` (${next})`} [${code}]`,
  );
  throw new CliError('playbook-invalid', lines.join('\n  '), 'Fix the playbook, then start again.');
}

function filesOf(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    throw new CliError('not-found', `${path} does not exist.`, 'Name a playbook file, or a folder of them.');
  }
  if (!found.isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(path, name));
}
