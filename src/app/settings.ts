/** The app's settings and their forms. Azure has them as application settings. */
import { z } from 'zod';
import { TEAMS_CLOUDS } from '../connectors/teams/cloud.js';
import { tenantIdSchema } from '../domain/tenant-id.js';
import { lowerCase } from '../domain/unicode-text.js';
import { groupIdsSchema } from '../playbook/index.js';
import { decisionSendersSchema } from './service-bus/senders.js';
import {
  eventTopicSchema,
  lowerGuid,
  protectedAppsSchema,
  simulatedTenantUrlSchema,
  teamsChannelsSchema,
  tenantsSchema,
  workspacesSchema,
} from './tenant-settings.js';

/** A setting that holds JSON. */
function jsonOf<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'is not JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

export const settingsSchema = z.object({
  /**
   * JSON list of the tenants whose incidents this app handles, see docs/tenants.md. Without it, there is one tenant, which the
   * settings of SINGLE_TENANT_SETTINGS describe.
   */
  TENANTS: jsonOf(tenantsSchema).optional(),
  /** `http://127.0.0.1:{port}`: every call goes to this simulated tenant and nowhere else. */
  SIMULATED_TENANT_URL: simulatedTenantUrlSchema.optional(),
  /** Path of a HAR file that provides all responses. */
  RECORDED_EXCHANGES: z.string().optional(),
  /** Path of the HAR file that all exchanges are written to. */
  RECORD_EXCHANGES_TO: z.string().optional(),
  /** The tenant of the app and of those who operate it. Without TENANTS, also the one whose incidents it handles. */
  AZURE_TENANT_ID: z.string().optional(),
  AZURE_CLIENT_ID: z.string().optional(),
  AZURE_CLIENT_SECRET: z.string().optional(),
  /**
   * JSON list: the ARM id of each workspace whose incidents are handled and, for incidents whose alerts do not name it, its
   * Log Analytics customer id: `[{"id": "/subscriptions/…", "customerId": "00000000-…"}]`.
   */
  SENTINEL_WORKSPACES: jsonOf(workspacesSchema).optional(),
  /** `on`: the sweep looks for incidents of Microsoft Defender, too. They are handled in any case if they are delivered. */
  DEFENDER_INCIDENTS: z.enum(['on', 'off']).optional(),
  /** Default: `playbooks` beside the app's package.json. */
  PLAYBOOKS_DIRECTORY: z.string().optional(),
  /** Path of the approval policy. Default: `policy/approvals.yaml` beside the app's package.json. */
  APPROVALS_POLICY: z.string().optional(),
  /** JSON: the object id of each group that the approval policy names, e.g. `{"soc-analysts": "00000000-…"}`. */
  APPROVER_GROUPS: jsonOf(groupIdsSchema).optional(),
  /** Only for use without Azure: the secret that links, sessions and the command line's token are derived from. */
  LOCAL_SIGN_IN_SECRET: z.string().min(32, { error: 'is shorter than 32 characters' }).optional(),
  /**
   * Only with LOCAL_SIGN_IN_SECRET: JSON list of the simulated tenant's analysts for local sign-in, each `{"id", "name"}`, and
   * `"tenantId"` with several tenants.
   */
  LOCAL_ANALYSTS: jsonOf(
    z
      .array(z.strictObject({ id: lowerGuid, name: z.string().min(1), tenantId: tenantIdSchema.optional() }))
      .min(1)
      .refine((analysts) => new Set(analysts.map(({ id }) => id)).size === analysts.length, {
        error: 'contains an id twice',
      }),
  ).optional(),
  /**
   * Comma-separated secrets for signing decisions: the first signs, all verify. Without this setting, a local responder
   * derives its key from LOCAL_SIGN_IN_SECRET.
   */
  APPROVALS_SIGNING_KEYS: z
    .string()
    .transform((text) => text.split(',').map((key) => key.trim()))
    .pipe(z.array(z.string().min(32, { error: 'holds a key shorter than 32 characters' })))
    .optional(),
  /** Client id of the app registration that analysts sign in to. */
  APPROVALS_CLIENT_ID: lowerGuid.optional(),
  /** Object id of the security group whose members Conditional Access keeps out. */
  QUARANTINE_GROUP: lowerGuid.optional(),
  /** JSON: application ids of apps that no response changes. */
  PROTECTED_APPS: jsonOf(protectedAppsSchema).optional(),
  /** App Service sets it if its authentication is on. */
  WEBSITE_AUTH_ENABLED: z.string().optional(),
  /** App id of the bot in Teams: the client id of its managed identity or app registration. */
  TEAMS_BOT_ID: lowerGuid.optional(),
  TEAMS_CLOUD: z.enum(TEAMS_CLOUDS).optional(),
  /** JSON: Teams' id of each channel that playbooks name, e.g. `{"soc": "19:…@thread.tacv2"}`. */
  TEAMS_CHANNELS: jsonOf(teamsChannelsSchema).optional(),
  /** This app's address for browsers. Default: the host name from App Service. */
  PUBLIC_URL: z.url({ error: 'is not a URL', protocol: /^https?$/ }).optional(),
  WEBSITE_HOSTNAME: z.string().optional(),
  /** Folder that ended cases are exported to before they are purged. Without it nothing is purged. */
  EXPORT_DIRECTORY: z.string().optional(),
  /** Days until ended instances are purged; must exceed the time that a queue can hold a duplicate of the delivery. */
  RETENTION_DAYS: z.coerce
    .number({ error: 'is not a number' })
    .int({ error: 'is not a whole number' })
    .min(15, { error: 'is less than 15: a queue may hold duplicates for 14 days' })
    .max(3650, { error: 'is more than 3650' })
    .default(90),
  /** Comma-separated: origins that may subscribe POST /api/incidents to CloudEvents. */
  WEBHOOK_ORIGINS: z
    .string()
    .default('eventgrid.azure.net')
    .transform((text) => text.split(',').map((origin) => origin.trim().toLowerCase()))
    .pipe(
      z.array(z.string().regex(/^[a-z\d][a-z\d.-]*$/, { error: 'holds something else than host names' })),
    ),
  /** How many rejected bodies a process stores in an hour. What exceeds it stays with its sender or in its queue. */
  REJECTED_PER_HOUR: z.coerce
    .number({ error: 'is not a number' })
    .int({ error: 'is not a whole number' })
    .min(1, { error: 'is less than 1' })
    .max(100_000, { error: 'is more than 100000' })
    .default(1_000),
  /** Endpoint of an Event Grid topic, in the schema of CloudEvents, that the lifecycle events of incidents are published to. */
  EVENT_GRID_TOPIC_ENDPOINT: eventTopicSchema.optional(),
  /** JSON: the programs that may send decisions by Service Bus, each with its public keys. */
  DECISION_SENDERS: jsonOf(decisionSendersSchema).optional(),
});

/** The settings that describe the only tenant. */
const SINGLE_TENANT_SETTINGS = [
  'SENTINEL_WORKSPACES',
  'DEFENDER_INCIDENTS',
  'APPROVER_GROUPS',
  'APPROVALS_CLIENT_ID',
  'QUARANTINE_GROUP',
  'PROTECTED_APPS',
  'TEAMS_BOT_ID',
  'TEAMS_CLOUD',
  'TEAMS_CHANNELS',
  'EVENT_GRID_TOPIC_ENDPOINT',
  'AZURE_CLIENT_ID',
  'AZURE_CLIENT_SECRET',
  'SIMULATED_TENANT_URL',
  // A recording is one of a single tenant.
  'RECORDED_EXCHANGES',
  'RECORD_EXCHANGES_TO',
] as const;

/** With an Entra sign-in, decisions need a signing key that survives restarts. Incidents of Defender are those of one tenant. */
export const checkedSettingsSchema = settingsSchema
  .refine((settings) => !hasEntraSignIn(settings) || settings.APPROVALS_SIGNING_KEYS !== undefined, {
    path: ['APPROVALS_SIGNING_KEYS'],
    error: 'is required if APPROVALS_CLIENT_ID, or approvalsClientId in TENANTS, is set',
  })
  .refine((settings) => settings.DEFENDER_INCIDENTS !== 'on' || settings.AZURE_TENANT_ID !== undefined, {
    path: ['AZURE_TENANT_ID'],
    error: 'is required if DEFENDER_INCIDENTS is on',
  })
  .superRefine((settings, context) => {
    if (settings.TENANTS === undefined) return;
    for (const name of SINGLE_TENANT_SETTINGS) {
      if (settings[name] === undefined) continue;
      context.addIssue({ code: 'custom', path: [name], message: 'must not be set with TENANTS' });
    }
  })
  .superRefine(checkTenantsOfDeciders);

/** With several tenants, everyone who decides belongs to one of them. */
function checkTenantsOfDeciders(settings: Settings, context: z.RefinementCtx): void {
  const { TENANTS, AZURE_TENANT_ID, LOCAL_SIGN_IN_SECRET } = settings;
  const known = TENANTS?.map(({ id }): string => id) ?? (AZURE_TENANT_ID ? [lowerCase(AZURE_TENANT_ID)] : []);
  const isOne = TENANTS === undefined || TENANTS.length === 1;
  const refuse = (path: PropertyKey[], message: string) =>
    context.addIssue({ code: 'custom', path, message });
  for (const name of ['LOCAL_ANALYSTS', 'DECISION_SENDERS'] as const) {
    for (const [at, { tenantId }] of (settings[name] ?? []).entries()) {
      if (tenantId === undefined && !isOne)
        refuse([name, at, 'tenantId'], 'is required with several tenants');
      if (tenantId !== undefined && !known.includes(tenantId))
        refuse([name, at, 'tenantId'], 'is not a configured tenant');
    }
  }
  if (!isOne && LOCAL_SIGN_IN_SECRET !== undefined && settings.LOCAL_ANALYSTS === undefined)
    refuse(['LOCAL_ANALYSTS'], 'is required with several tenants and LOCAL_SIGN_IN_SECRET');
}

type Settings = z.infer<typeof settingsSchema>;

function hasEntraSignIn({ APPROVALS_CLIENT_ID: ofOne, TENANTS: several = [] }: Settings): boolean {
  return ofOne !== undefined || several.some(({ approvalsClientId }) => approvalsClientId !== undefined);
}
