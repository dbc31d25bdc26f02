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
import { settingOf, type TenantConfig } from './tenant-config.js';

/**
 * Reads the approval policy and the playbooks of a tenant, and checks them together. The app starts only if every tier of the
 * policy has its groups' ids: a tier without approvers could never be approved, or by too few.
 * @throws ResponderError `playbook-invalid` with all problems, `configuration`.
 */
export function readPlaybooks(
  tenant: TenantConfig,
  { reachesNoTenant }: Pick<AppConfig, 'reachesNoTenant'>,
  catalogue: ActionCatalogue,
): readonly Playbook[] {
  const { policy, problems: inPolicy } = loadPolicy('policy/approvals.yaml', readPolicy(tenant));
  const files = playbookFiles(tenant).map((name) => ({
    path: `playbooks/${name}`,
    text: readFileSync(join(tenant.playbooksDirectory, name), 'utf8'),
  }));
  const ownTiers = reachesNoTenant ? 'accepted' : 'refused';
  const loaded = loadPlaybooks(files, { catalogue, policy, ownTiers, hash: contentHash });
  const problems = [...inPolicy, ...loaded.problems];
  if (problems.length > 0) throw playbookError(problems);
  const resolved = policyTiers(policy, tenant.approverGroups);
  if ('withoutId' in resolved) throw groupsWithoutId(resolved.withoutId, settingOf(tenant, 'approverGroups'));
  return loaded.playbooks.map((playbook) => withTiers(playbook, resolved.tiers));
}

function readPolicy(tenant: TenantConfig): string {
  const file = tenant.policyFile;
  const setting = settingOf(tenant, 'policyFile');
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw invalid(
      setting,
      `The approval policy cannot be read: there is no readable file ${file}.`,
      `Set ${setting} to the file with the approval policy.`,
    );
  }
}

function playbookFiles(tenant: TenantConfig): string[] {
  const directory = tenant.playbooksDirectory;
  const setting = settingOf(tenant, 'playbooksDirectory');
  try {
    return readdirSync(directory).filter((name) => /\.ya?ml$/i.test(name));
  } catch {
    throw invalid(
      setting,
      `The playbooks cannot be read: there is no readable folder ${directory}.`,
      `Set ${setting} to the folder with the playbook files.`,
    );
  }
}

function groupsWithoutId(groups: readonly GroupWithoutId[], setting: string): ResponderError {
  const missing = groups.map(({ name, place }) => `"${name}" (${place})`).join(', ');
  const example = JSON.stringify(Object.fromEntries(groups.map(({ name }) => [name, '<object id>'])));
  return invalid(
    setting,
    `The setting ${setting} has no object id for ${missing}.`,
    `Add to the JSON in ${setting}: ${example}, with the object ids from Entra.`,
  );
}

function invalid(place: string, message: string, next: string): ResponderError {
  return new ResponderError({ code: 'configuration', message, fault: 'caller', retry: 'no', place, next });
}
