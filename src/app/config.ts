/** The app's configuration: its settings, validated once. */
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import type { TeamsCloudName } from '../connectors/teams/cloud.js';
import { withoutEndingSlashes } from '../domain/builders/path.js';
import { ResponderError } from '../domain/errors.js';
import { appDirectory } from './app-directory.js';
import { isEmbeddedHost } from './clock.js';
import type { DecisionSenders } from './service-bus/senders.js';
import { checkedSettingsSchema, settingsSchema } from './settings.js';

/** The default analyst for local sign-in, if LOCAL_ANALYSTS is not set. */
const LOCAL_ANALYST = { id: '00000000-0000-4000-8000-00000000a101', name: 'Local analyst' };

export interface Workspace {
  /** ARM id, as configured. */
  readonly id: string;
  /** Log Analytics customer id, for incidents whose alerts do not name it. */
  readonly customerId?: string | undefined;
}

export interface TeamsSettings {
  readonly botId: string;
  readonly cloud: TeamsCloudName;
  readonly channelIds: Readonly<Record<string, string>>;
}

export interface AppConfig {
  readonly simulatedTenantUrl: string | undefined;
  readonly recordedExchanges: string | undefined;
  readonly recordExchangesTo: string | undefined;
  readonly tenantId: string | undefined;
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
  /** Empty: with a real tenant, the app does not start. */
  readonly workspaces: readonly Workspace[];
  /** Whether the sweep looks for incidents of Defender in the tenant. */
  readonly defenderIncidents: boolean;
  readonly playbooksDirectory: string;
  readonly policyFile: string;
  /** Object ids by the name of the group. */
  readonly approverGroups: Readonly<Record<string, string>>;
  readonly localSignInSecret: string | undefined;
  readonly localAnalysts: readonly { readonly id: string; readonly name: string }[];
  /** Empty: the app does not start. */
  readonly signingKeys: readonly string[];
  readonly approvalsClientId: string | undefined;
  /** Whether App Service authentication is on: set by App Service, and never on the embedded host. */
  readonly platformSignIn: boolean;
  readonly decisionSenders: DecisionSenders;
  /** Undefined: nothing is purged. */
  readonly exportDirectory: string | undefined;
  readonly retentionDays: number;
  readonly rejectedPerHour: number;
  readonly webhookOrigins: readonly string[];
  /** Undefined: no lifecycle events are published. */
  readonly eventTopic: string | undefined;
  /** Undefined: no bot. */
  readonly teams: TeamsSettings | undefined;
  /** Whether a Service Bus namespace is configured; the embedded host has its own. */
  readonly serviceBus: boolean;
  /** Without a trailing slash. */
  readonly publicUrl: string | undefined;
}

/** The connection and queue names of the bindings. The host reads the connection's value. */
export const SERVICE_BUS_CONNECTION = 'ServiceBusConnection';
export const INCIDENTS_QUEUE = 'incidents';
export const REJECTED_QUEUE = 'incidents-rejected';
export const DECISIONS_QUEUE = 'decisions';
export const REJECTED_DECISIONS_QUEUE = 'decisions-rejected';

/** Reads only the signing keys; the first key signs. Empty if they are not set or not valid. */
export function readSigningKeys(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): readonly string[] {
  const { APPROVALS_SIGNING_KEYS: keys, LOCAL_SIGN_IN_SECRET: secret } = settingsSchema.shape;
  const given = (name: string) => environment[name]?.trim() || undefined;
  const text = given('APPROVALS_SIGNING_KEYS');
  if (text !== undefined) return keys.safeParse(text).data ?? [];
  return localKeys(secret.safeParse(given('LOCAL_SIGN_IN_SECRET')).data);
}

/** Reads only EXPORT_DIRECTORY: it determines at load whether the timer is registered. */
export function readExportDirectory(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  return environment.EXPORT_DIRECTORY?.trim() || undefined;
}

/** @throws ResponderError `configuration` naming the settings; values are never repeated. */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): AppConfig {
  const given = Object.fromEntries(
    Object.keys(settingsSchema.shape).map((name) => [name, environment[name]?.trim() || undefined]),
  );
  const parsed = checkedSettingsSchema.safeParse(given);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
    throw new ResponderError({
      code: 'configuration',
      message: `The settings are not valid: ${wrong.join('; ')}.`,
      fault: 'caller',
      retry: 'no',
      next: 'Correct the application settings and start again.',
      place: parsed.error.issues[0]?.path.join('.') ?? '',
    });
  }
  const settings = parsed.data;
  return {
    simulatedTenantUrl: settings.SIMULATED_TENANT_URL,
    recordedExchanges: settings.RECORDED_EXCHANGES,
    recordExchangesTo: settings.RECORD_EXCHANGES_TO,
    tenantId: settings.AZURE_TENANT_ID,
    clientId: settings.AZURE_CLIENT_ID,
    clientSecret: settings.AZURE_CLIENT_SECRET,
    workspaces: settings.SENTINEL_WORKSPACES ?? [],
    defenderIncidents: settings.DEFENDER_INCIDENTS === 'on',
    playbooksDirectory: settings.PLAYBOOKS_DIRECTORY ?? join(appDirectory(), 'playbooks'),
    policyFile: settings.APPROVALS_POLICY ?? join(appDirectory(), 'policy/approvals.yaml'),
    approverGroups: settings.APPROVER_GROUPS ?? {},
    localSignInSecret: settings.LOCAL_SIGN_IN_SECRET,
    localAnalysts: settings.LOCAL_ANALYSTS ?? [LOCAL_ANALYST],
    signingKeys: settings.APPROVALS_SIGNING_KEYS ?? localKeys(settings.LOCAL_SIGN_IN_SECRET),
    approvalsClientId: settings.APPROVALS_CLIENT_ID,
    platformSignIn: settings.WEBSITE_AUTH_ENABLED?.toLowerCase() === 'true' && !isEmbeddedHost(),
    decisionSenders: settings.DECISION_SENDERS ?? [],
    exportDirectory: settings.EXPORT_DIRECTORY,
    retentionDays: settings.RETENTION_DAYS,
    rejectedPerHour: settings.REJECTED_PER_HOUR,
    webhookOrigins: settings.WEBHOOK_ORIGINS,
    eventTopic: settings.EVENT_GRID_TOPIC_ENDPOINT,
    teams:
      settings.TEAMS_BOT_ID === undefined
        ? undefined
        : {
            botId: settings.TEAMS_BOT_ID,
            cloud: settings.TEAMS_CLOUD,
            channelIds: settings.TEAMS_CHANNELS ?? {},
          },
    serviceBus: isEmbeddedHost() || namesServiceBus(environment),
    publicUrl: publicUrl(settings.PUBLIC_URL, settings.WEBSITE_HOSTNAME),
  };
}

/** A connection string, or the settings of an identity: https://learn.microsoft.com/azure/azure-functions/functions-reference#configure-an-identity-based-connection */
function namesServiceBus(environment: Readonly<Record<string, string | undefined>>): boolean {
  const name = SERVICE_BUS_CONNECTION.toLowerCase();
  return Object.entries(environment).some(
    ([key, value]) =>
      value?.trim() && (key.toLowerCase() === name || key.toLowerCase().startsWith(`${name}__`)),
  );
}

function publicUrl(given: string | undefined, hostName: string | undefined): string | undefined {
  if (given !== undefined) return withoutEndingSlashes(given);
  if (hostName === undefined) return undefined;
  return `${isEmbeddedHost() ? 'http' : 'https'}://${hostName}`;
}

/** A local responder derives its key from the sign-in secret, whose holder can decide anyway. */
function localKeys(secret: string | undefined): string[] {
  return secret === undefined ? [] : [createHmac('sha256', secret).update('decisions').digest('hex')];
}
