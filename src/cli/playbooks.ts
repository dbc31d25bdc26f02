/** Loads playbooks and the approval policy like the app, and reports everything that is wrong with them. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { enrichments, responses } from '../actions/registry.generated.js';
import { canonicalJson } from '../domain/canonical.js';
import {
  type ActionCatalogue,
  type ApprovalPolicy,
  type CheckedPlaybook,
  catalogueOf,
  type LoadedPlaybooks,
  loadPlaybooks,
  loadPolicy,
  type PlaybookContext,
} from '../playbook/index.js';
import { packageDirectory } from './package-directory.js';
import { CliError } from './problem.js';

/** The app uses the same folder and the same file. */
export const defaultPlaybooks = process.env.PLAYBOOKS_DIRECTORY || join(packageDirectory, 'playbooks');
export const defaultPolicy =
  process.env.APPROVALS_POLICY || join(packageDirectory, 'policy', 'approvals.yaml');

export interface PlaybookCheck extends LoadedPlaybooks {
  readonly policy: ApprovalPolicy;
  /** How many playbook files were read. */
  readonly files: number;
}
interface CheckOptions {
  readonly policy?: string | undefined;
  readonly ownTiers?: PlaybookContext['ownTiers'];
}

/**
 * Reads the policy and playbook files, or all of a folder. Places are relative to the working directory.
 * @throws CliError `not-found`, `no-playbooks`.
 */
export function checkPlaybooks(
  paths: readonly string[],
  { policy: policyPath = defaultPolicy, ownTiers = 'accepted' }: CheckOptions = {},
): PlaybookCheck {
  assertExists(policyPath, 'Name the file with the approval policy.');
  const { policy, problems } = loadPolicy(placeOf(policyPath), readFileSync(policyPath, 'utf8'));
  const files = paths
    .flatMap(filesOf)
    .filter((path) => resolve(path) !== resolve(policyPath))
    .map((path) => ({ path: placeOf(path), text: readFileSync(path, 'utf8') }));
  // The result is not stored, so a short hash is not needed.
  const loaded = loadPlaybooks(files, { catalogue: catalogue(), policy, ownTiers, hash: canonicalJson });
  return {
    playbooks: loaded.playbooks,
    problems: [...problems, ...loaded.problems],
    policy,
    files: files.length,
  };
}

export function catalogue(): ActionCatalogue {
  return catalogueOf([...enrichments, ...responses]);
}

/**
 * The app would also refuse invalid playbooks at its start; here the problems have paths relative to the working directory.
 * @throws CliError `playbook-invalid`, `not-found`, `no-playbooks`.
 */
export function assertValidPlaybooks(
  directory: string,
  options: CheckOptions = {},
): readonly CheckedPlaybook[] {
  const { playbooks, problems } = checkPlaybooks([directory], options);
  if (problems.length === 0) return playbooks;
  const lines = problems.map(
    ({ place, message, next, code }) =>
      `${place}: ${message}${next === undefined ? '' : ` (${next})`} [${code}]`,
  );
  throw new CliError('playbook-invalid', lines.join('\n  '), 'Fix the files, then start again.');
}

const placeOf = (path: string) => relative(process.cwd(), path).replaceAll('\\', '/') || path;

function filesOf(path: string): string[] {
  const next = 'Name a playbook file, or a folder of them.';
  if (!assertExists(path, next).isDirectory()) return [path];
  const files = readdirSync(path)
    .filter((name) => /\.ya?ml$/i.test(name))
    .sort()
    .map((name) => join(path, name));
  if (files.length === 0) {
    throw new CliError('no-playbooks', `${path} has no playbook: no file ends in .yaml or .yml.`, next);
  }
  return files;
}

function assertExists(path: string, next: string) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new CliError('not-found', `${path} does not exist.`, next);
  return found;
}
