/** The configuration of a tenant: from TENANTS, or from the settings of a single tenant. */
import { join } from 'node:path';
import type { z } from 'zod';
import type { Containment } from '../actions/define.js';
import type { TeamsCloudName } from '../connectors/teams/cloud.js';
import type { TenantId } from '../domain/tenant-id.js';
import { lowerCase } from '../domain/unicode-text.js';
import { appDirectory } from './app-directory.js';
import type { settingsSchema } from './settings.js';
import type { TenantSettings } from './tenant-settings.js';

export interface Workspace {
  /** ARM id, as configured. */
  readonly id: string;
  /** Log Analytics customer id, for incidents whose alerts do not name it. */
  readonly customerId?: string | undefined;
}

interface TeamsSettings {
  readonly botId: string;
  readonly cloud: TeamsCloudName;
  readonly channelIds: Readonly<Record<string, string>>;
}

/** How the app signs in to a tenant. `default`: what DefaultAzureCredential finds. */
type TenantCredential =
  | { readonly kind: 'secret'; readonly clientId: string; readonly secret: string }
  | { readonly kind: 'federated'; readonly clientId: string; readonly managedIdentityClientId: string }
  | { readonly kind: 'default'; readonly clientId: string | undefined };

export interface TenantConfig {
  /** Undefined: the only tenant, without AZURE_TENANT_ID. */
  readonly id: TenantId | undefined;
  /** For people. */
  readonly name: string;
  /** In TENANTS; undefined: the settings of a single tenant describe it. */
  readonly position: number | undefined;
  readonly credential: TenantCredential;
  /** Empty: with a real tenant, only incidents of Defender are handled. */
  readonly workspaces: readonly Workspace[];
  /** Whether the sweep looks for incidents of Defender in the tenant. */
  readonly defenderIncidents: boolean;
  readonly playbooksDirectory: string;
  readonly policyFile: string;
  /** Object ids by the name of the group. */
  readonly approverGroups: Readonly<Record<string, string>>;
  readonly approvalsClientId: string | undefined;
  readonly containment: Containment;
  /** Undefined: no lifecycle events are published. */
  readonly eventTopic: string | undefined;
  /** Undefined: no bot. */
  readonly teams: TeamsSettings | undefined;
  readonly simulatedTenantUrl: string | undefined;
}

/** Where people set what describes a tenant. */
const SINGLE = {
  workspaces: 'SENTINEL_WORKSPACES',
  approverGroups: 'APPROVER_GROUPS',
  playbooksDirectory: 'PLAYBOOKS_DIRECTORY',
  policyFile: 'APPROVALS_POLICY',
} as const;

/** The name of a setting of this tenant: `SENTINEL_WORKSPACES`, `TENANTS.1.workspaces`. */
export function settingOf(
  { position }: Pick<TenantConfig, 'position'>,
  property: keyof typeof SINGLE,
): string {
  return position === undefined ? SINGLE[property] : `TENANTS.${position}.${property}`;
}

type Settings = z.infer<typeof settingsSchema>;

/** The tenants that the settings describe. A secret that is not set is an empty text. */
export function tenantConfigs(
  settings: Settings,
  secretIn: (setting: string) => string | undefined,
): readonly TenantConfig[] {
  const playbooksDirectory = settings.PLAYBOOKS_DIRECTORY ?? join(appDirectory(), 'playbooks');
  const policyFile = settings.APPROVALS_POLICY ?? join(appDirectory(), 'policy/approvals.yaml');
  const files = { playbooksDirectory, policyFile };
  if (settings.TENANTS === undefined) return [singleTenant(settings, files)];
  return settings.TENANTS.map((tenant, position) => ({
    id: tenant.id,
    name: tenant.name,
    position,
    credential: credentialOf(tenant.credential, secretIn),
    workspaces: tenant.workspaces,
    defenderIncidents: tenant.defenderIncidents,
    playbooksDirectory: tenant.playbooksDirectory ?? playbooksDirectory,
    policyFile: tenant.policyFile ?? policyFile,
    approverGroups: tenant.approverGroups,
    approvalsClientId: tenant.approvalsClientId,
    containment: containmentOf({
      quarantineGroup: tenant.quarantineGroup,
      protectedApps: tenant.protectedApps,
      ownApps: [tenant.credential.clientId, tenant.approvalsClientId, tenant.teams?.botId],
    }),
    eventTopic: tenant.eventTopic,
    teams: tenant.teams && {
      botId: tenant.teams.botId,
      cloud: tenant.teams.cloud,
      channelIds: tenant.teams.channels,
    },
    simulatedTenantUrl: tenant.simulatedTenantUrl,
  }));
}

function singleTenant(
  settings: Settings,
  files: Pick<TenantConfig, 'playbooksDirectory' | 'policyFile'>,
): TenantConfig {
  const { AZURE_TENANT_ID: id, AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: secret } = settings;
  return {
    ...files,
    id: homeTenantId(id),
    name: id ?? 'the only tenant',
    position: undefined,
    credential:
      clientId === undefined || secret === undefined
        ? { kind: 'default', clientId }
        : { kind: 'secret', clientId, secret },
    workspaces: settings.SENTINEL_WORKSPACES ?? [],
    defenderIncidents: settings.DEFENDER_INCIDENTS === 'on',
    approverGroups: settings.APPROVER_GROUPS ?? {},
    approvalsClientId: settings.APPROVALS_CLIENT_ID,
    containment: containmentOf({
      quarantineGroup: settings.QUARANTINE_GROUP,
      protectedApps: settings.PROTECTED_APPS,
      ownApps: [clientId, settings.APPROVALS_CLIENT_ID, settings.TEAMS_BOT_ID],
    }),
    eventTopic: settings.EVENT_GRID_TOPIC_ENDPOINT,
    teams:
      settings.TEAMS_BOT_ID === undefined
        ? undefined
        : {
            botId: settings.TEAMS_BOT_ID,
            cloud: settings.TEAMS_CLOUD ?? 'public',
            channelIds: settings.TEAMS_CHANNELS ?? {},
          },
    simulatedTenantUrl: settings.SIMULATED_TENANT_URL,
  };
}

interface ContainmentSettings {
  readonly quarantineGroup: string | undefined;
  readonly protectedApps: readonly string[] | undefined;
  readonly ownApps: readonly (string | undefined)[];
}

function containmentOf({ quarantineGroup, protectedApps = [], ownApps }: ContainmentSettings): Containment {
  return {
    ...(quarantineGroup === undefined ? {} : { quarantineGroup }),
    protectedApps,
    ownApps: ownApps.flatMap((id) => (id === undefined ? [] : lowerCase(id))),
  };
}

/** @param given AZURE_TENANT_ID, which may also be a domain: then no origin of Defender names it. */
export function homeTenantId(given: string | undefined): TenantId | undefined {
  return given === undefined ? undefined : (lowerCase(given) as TenantId);
}

function credentialOf(
  given: TenantSettings['credential'],
  secretIn: (setting: string) => string | undefined,
): TenantCredential {
  if (given.kind === 'federated') return given;
  const { kind, clientId, secretSetting } = given;
  return { kind, clientId, secret: secretIn(secretSetting) ?? '' };
}
