/** The app's whole configuration: its settings, checked once. */
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ResponderError } from '../domain/errors.js';

const guid = z.guid({ error: 'is not a GUID' });

const settingsSchema = z.object({
  /** `http://127.0.0.1:{port}`: every call goes to this simulated tenant and nowhere else. */
  SIMULATED_TENANT_URL: z.url({ error: 'is not a URL' }).optional(),
  /** Path of a HAR file that gives all answers. */
  RECORDED_EXCHANGES: z.string().optional(),
  /** Path of a HAR file that exchanges are written to. */
  RECORD_EXCHANGES_TO: z.string().optional(),
  AZURE_TENANT_ID: z.string().optional(),
  AZURE_CLIENT_ID: z.string().optional(),
  AZURE_CLIENT_SECRET: z.string().optional(),
  /** Log Analytics customer id, for incidents whose alerts do not name it. */
  SENTINEL_WORKSPACE_ID: guid.optional(),
  /** Default: `playbooks` beside the app's package.json. */
  PLAYBOOKS_DIRECTORY: z.string().optional(),
  /** Only for use without Azure: the secret that links, sessions and the command line's token are derived from. */
  LOCAL_SIGN_IN_SECRET: z.string().min(32, { error: 'is shorter than 32 characters' }).optional(),
});

export interface AppConfig {
  readonly simulatedTenantUrl: string | undefined;
  readonly recordedExchanges: string | undefined;
  readonly recordExchangesTo: string | undefined;
  readonly tenantId: string | undefined;
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
  readonly workspaceId: string | undefined;
  readonly playbooksDirectory: string;
  readonly localSignInSecret: string | undefined;
}

/** Names of what the triggers are bound to. The connection's value is read by the host. */
export const SERVICE_BUS_CONNECTION = 'ServiceBusConnection';
export const INCIDENTS_QUEUE = 'incidents';
export const REJECTED_QUEUE = 'incidents-rejected';

/** @throws ResponderError `configuration` naming the settings; values are never repeated. */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): AppConfig {
  const given = Object.fromEntries(
    Object.keys(settingsSchema.shape).map((name) => [name, environment[name]?.trim() || undefined]),
  );
  const parsed = settingsSchema.safeParse(given);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
    throw new ResponderError({
      code: 'configuration',
      message: `The settings are not right: ${wrong.join('; ')}.`,
      blame: 'caller',
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
    workspaceId: settings.SENTINEL_WORKSPACE_ID?.toLowerCase(),
    playbooksDirectory:
      settings.PLAYBOOKS_DIRECTORY ?? fileURLToPath(new URL('../../../playbooks', import.meta.url)),
    localSignInSecret: settings.LOCAL_SIGN_IN_SECRET,
  };
}
