/** Checks the approvers of tiers against the directory. */

import { wallClock } from 'functions-emulator';
import { startSimulator } from 'tenant-simulator';
import { apis } from '../actions/services.js';
import { listGroupUsers } from '../connectors/groups.js';
import { type ConnectorConfig, createClients } from '../connectors/index.js';
import type { ApprovalTier } from '../domain/approval-tier.js';
import { approverWarnings, groupIdsSchema, policyTiers } from '../playbook/index.js';
import { appSetting, azureValues } from './azure-configuration.js';
import { DEFAULT_FIXTURE } from './defaults.js';
import { findFixture } from './fixture.js';
import { packageDirectory } from './package-directory.js';
import type { PlaybookCheck } from './playbooks.js';
import { CliError } from './problem.js';
import { SIMULATED_APP, SIMULATED_GROUPS } from './responder.js';
import type { CheckedTenant } from './validate-tenants.js';

export interface ApproverWarning {
  readonly place: string;
  readonly code: 'approvers' | 'group-without-id';
  readonly message: string;
  readonly next?: string;
}
interface PlacedTier {
  readonly file: string;
  readonly tier: ApprovalTier;
}

/**
 * Warnings about the tiers of the policy and of playbooks that have their own, from the directory of the simulated tenant
 * or of the tenant in the Azure settings. Only reads.
 * @throws SimulatorError, ResponderError `configuration`, CliError `configuration`.
 */
export async function validateApprovers(
  { policy, playbooks }: PlaybookCheck,
  tenant: 'real' | 'simulated',
): Promise<readonly ApproverWarning[]> {
  const resolved = policyTiers(policy, tenant === 'real' ? realGroups() : SIMULATED_GROUPS);
  if ('withoutId' in resolved) {
    return resolved.withoutId.map(({ name, place }) => ({
      place,
      code: 'group-without-id',
      message: `the setting APPROVER_GROUPS has no id for "${name}"`,
      next: 'add the object id of the group',
    }));
  }
  const own = playbooks.flatMap(({ file, ownTiers = [] }) => ownTiers.map((tier) => ({ file, tier })));
  return warningsAbout([...resolved.tiers.map((tier) => ({ file: policy.file, tier })), ...own], tenant);
}

/** @throws CliError `configuration`. */
function realGroups(): Readonly<Record<string, string>> {
  const text = appSetting('APPROVER_GROUPS', process.env, packageDirectory) ?? '{}';
  const parsed = groupIdsSchema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const message = `The setting APPROVER_GROUPS is not valid: ${[...(issue?.path ?? []), issue?.message].join(' ')}.`;
  throw new CliError('configuration', message, 'Set it to JSON: the object id of each group, by its name.');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function warningsAbout(
  tiers: readonly PlacedTier[],
  tenant: 'real' | 'simulated',
): Promise<readonly ApproverWarning[]> {
  const clock = wallClock();
  const simulator =
    tenant === 'real'
      ? undefined
      : await startSimulator({ tenant: findFixture(DEFAULT_FIXTURE).tenant, clock });
  try {
    const { AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET } =
      simulator === undefined ? azureValues(process.env, packageDirectory) : SIMULATED_APP;
    const connector = {
      ...(AZURE_TENANT_ID === undefined ? {} : { tenantId: AZURE_TENANT_ID }),
      ...(AZURE_CLIENT_ID === undefined ? {} : { clientId: AZURE_CLIENT_ID }),
      ...(AZURE_CLIENT_SECRET === undefined ? {} : { clientSecret: AZURE_CLIENT_SECRET }),
      ...(simulator === undefined ? {} : { simulatedTenantUrl: simulator.url }),
    };
    return await warningsIn(connector, tiers);
  } finally {
    await simulator?.stop();
  }
}

/**
 * The same for each of several tenants, in its own directory and with its own credential. One that cannot be reached from here, like a
 * managed identity, is a warning of its tenant.
 */
export async function validateTenantApprovers(
  tenants: readonly CheckedTenant[],
): Promise<readonly ApproverWarning[]> {
  const found: ApproverWarning[] = [];
  for (const { name, place, connector, tiers } of tenants) {
    const placed = tiers.map((tier) => ({ file: `${place} (${name})`, tier }));
    found.push(...(await warningsIn(connector, placed)));
  }
  return found;
}

/** Reads the groups of the tiers in one directory. */
async function warningsIn(
  connector: ConnectorConfig,
  tiers: readonly PlacedTier[],
): Promise<readonly ApproverWarning[]> {
  const { graph } = createClients(apis, connector, { clock: wallClock() });
  const found: ApproverWarning[] = [];
  for (const { file, tier } of tiers) {
    const { name, approvers, quorum, fourEyes } = tier;
    const approvalsNeeded = Math.max(quorum, fourEyes ? 2 : 1);
    const warnings = await approverWarnings({ tier: name, approvers, approvalsNeeded }, (id) =>
      listGroupUsers(graph, id),
    );
    const place = `${file}, tier ${name}`;
    found.push(...warnings.map((message) => ({ place, code: 'approvers' as const, message })));
  }
  return found;
}
