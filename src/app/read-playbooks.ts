import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentHash } from '../approvals/index.js';
import { ResponderError } from '../domain/errors.js';
import {
  type ActionCatalogue,
  type GroupWithoutId,
  loadPlaybooks,
  loadPolicy,
  type Playbook,
  playbookError,
  policyTiers,
  withTiers,
} from '../playbook/index.js';
import type { AppConfig } from './config.js';

type Config = Pick<
  AppConfig,
  'playbooksDirectory' | 'policyFile' | 'approverGroups' | 'simulatedTenantUrl' | 'recordedExchanges'
>;

/**
 * Reads the approval policy and the playbooks, and checks them together. The app starts only if every tier of the policy
 * has its groups' ids: a tier without approvers could never be approved, or by too few.
 * @throws ResponderError `playbook-invalid` with all problems, `configuration`.
 */
export function readPlaybooks(config: Config, catalogue: ActionCatalogue): readonly Playbook[] {
  const { policy, problems: inPolicy } = loadPolicy('policy/approvals.yaml', readPolicy(config.policyFile));
  const files = playbookFiles(config.playbooksDirectory).map((name) => ({
    path: `playbooks/${name}`,
    text: readFileSync(join(config.playbooksDirectory, name), 'utf8'),
  }));
  const reachesNoTenant = config.simulatedTenantUrl !== undefined || config.recordedExchanges !== undefined;
  const ownTiers = reachesNoTenant ? 'accepted' : 'refused';
  const loaded = loadPlaybooks(files, { catalogue, policy, ownTiers, hash: contentHash });
  const problems = [...inPolicy, ...loaded.problems];
  if (problems.length > 0) throw playbookError(problems);
  const resolved = policyTiers(policy, config.approverGroups);
  if ('withoutId' in resolved) throw groupsWithoutId(resolved.withoutId);
  return loaded.playbooks.map((playbook) => withTiers(playbook, resolved.tiers));
}

function readPolicy(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw invalid(
      'APPROVALS_POLICY',
      `The approval policy cannot be read: there is no readable file ${file}.`,
      'Set APPROVALS_POLICY to the file with the approval policy.',
    );
  }
}

function playbookFiles(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => /\.ya?ml$/i.test(name));
  } catch {
    throw invalid(
      'PLAYBOOKS_DIRECTORY',
      `The playbooks cannot be read: there is no readable folder ${directory}.`,
      'Set PLAYBOOKS_DIRECTORY to the folder with the playbook files.',
    );
  }
}

function groupsWithoutId(groups: readonly GroupWithoutId[]): ResponderError {
  const missing = groups.map(({ name, place }) => `"${name}" (${place})`).join(', ');
  const example = JSON.stringify(Object.fromEntries(groups.map(({ name }) => [name, '<object id>'])));
  return invalid(
    'APPROVER_GROUPS',
    `The setting APPROVER_GROUPS has no object id for ${missing}.`,
    `Add to the JSON in APPROVER_GROUPS: ${example}, with the object ids from Entra.`,
  );
}

function invalid(place: string, message: string, next: string): ResponderError {
  return new ResponderError({ code: 'configuration', message, fault: 'caller', retry: 'no', place, next });
}
