/** The app's configuration: its settings, validated once. */
import { createHmac } from 'node:crypto';
import { withoutEndingSlashes } from '../domain/builders/path.js';
import { ResponderError } from '../domain/errors.js';
import type { TenantId } from '../domain/tenant-id.js';
import type { Person } from './auth/caller.js';
import { isEmbeddedHost } from './clock.js';
import type { DecisionSenders } from './service-bus/senders.js';
import { checkedSettingsSchema, settingsSchema } from './settings.js';
import { homeTenantId, type TenantConfig, tenantConfigs } from './tenant-config.js';
import type { TenantSettings } from './tenant-settings.js';

/** The default analyst for local sign-in, if LOCAL_ANALYSTS is not set. */
const LOCAL_ANALYST: Omit<Person, 'tenantId'> & Partial<Person> = {
  id: '00000000-0000-4000-8000-00000000a101',
  name: 'Local analyst',
};

export interface AppConfig {
  /** At least one. */
  readonly tenants: readonly TenantConfig[];
  /** The tenant of the app and of those who operate it. */
  readonly homeTenantId: TenantId | undefined;
  /** Simulated tenants, or a recording, answer all calls. */
  readonly reachesNoTenant: boolean;
  readonly recordedExchanges: string | undefined;
  readonly recordExchangesTo: string | undefined;
  readonly localSignInSecret: string | undefined;
  /** With the tenant of each; the only tenant may have no id. */
  readonly localAnalysts: readonly Person[];
  /** Empty: the app does not start. */
  readonly signingKeys: readonly string[];
  /** Whether App Service authentication is on: set by App Service, and never on the embedded host. */
  readonly platformSignIn: boolean;
  readonly decisionSenders: DecisionSenders;
  /** Undefined: nothing is purged. */
  readonly exportDirectory: string | undefined;
  readonly retentionDays: number;
  readonly rejectedPerHour: number;
  readonly webhookOrigins: readonly string[];
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
    throw notValid(parsed.error.issues.map(({ path, message }) => ({ place: path.join('.'), message })));
  }
  const settings = parsed.data;
  const secretIn = (name: string) => environment[name]?.trim() || undefined;
  const withoutSecret = secretProblems(settings.TENANTS ?? [], secretIn);
  if (withoutSecret.length > 0) throw notValid(withoutSecret);
  const tenants = tenantConfigs(settings, secretIn);
  return {
    tenants,
    homeTenantId: homeTenantId(settings.AZURE_TENANT_ID),
    reachesNoTenant:
      settings.RECORDED_EXCHANGES !== undefined ||
      tenants.every(({ simulatedTenantUrl }) => simulatedTenantUrl !== undefined),
    recordedExchanges: settings.RECORDED_EXCHANGES,
    recordExchangesTo: settings.RECORD_EXCHANGES_TO,
    localSignInSecret: settings.LOCAL_SIGN_IN_SECRET,
    localAnalysts: (settings.LOCAL_ANALYSTS ?? [LOCAL_ANALYST]).map(({ id, name, tenantId }) => {
      return { id, name, tenantId: tenantId ?? tenants[0]?.id };
    }),
    signingKeys: settings.APPROVALS_SIGNING_KEYS ?? localKeys(settings.LOCAL_SIGN_IN_SECRET),
    platformSignIn: settings.WEBSITE_AUTH_ENABLED?.toLowerCase() === 'true' && !isEmbeddedHost(),
    decisionSenders: settings.DECISION_SENDERS ?? [],
    exportDirectory: settings.EXPORT_DIRECTORY,
    retentionDays: settings.RETENTION_DAYS,
    rejectedPerHour: settings.REJECTED_PER_HOUR,
    webhookOrigins: settings.WEBHOOK_ORIGINS,
    serviceBus: isEmbeddedHost() || namesServiceBus(environment),
    publicUrl: publicUrl(settings.PUBLIC_URL, settings.WEBSITE_HOSTNAME),
  };
}

interface SettingProblem {
  readonly place: string;
  readonly message: string;
}

function notValid(problems: readonly SettingProblem[]): ResponderError {
  const wrong = problems.map(({ place, message }) => `${place} ${message}`);
  return new ResponderError({
    code: 'configuration',
    message: `The settings are not valid: ${wrong.join('; ')}.`,
    fault: 'caller',
    retry: 'no',
    next: 'Correct the application settings and start again.',
    place: problems[0]?.place ?? '',
  });
}

/** Azure supplies the reference itself if it cannot be resolved: https://learn.microsoft.com/azure/app-service/app-service-key-vault-references */
const KEY_VAULT_REFERENCE = /^@Microsoft\.KeyVault\(/i;

function secretProblems(
  tenants: readonly TenantSettings[],
  secretIn: (name: string) => string | undefined,
): SettingProblem[] {
  return tenants.flatMap(({ credential }, position) => {
    if (credential.kind !== 'secret') return [];
    const place = `TENANTS.${position}.credential.secretSetting`;
    const secret = secretIn(credential.secretSetting);
    const names = `names the setting ${credential.secretSetting}, which`;
    if (secret === undefined) return [{ place, message: `${names} is not set` }];
    if (!KEY_VAULT_REFERENCE.test(secret)) return [];
    return [{ place, message: `${names} is a reference to Key Vault that was not resolved` }];
  });
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
