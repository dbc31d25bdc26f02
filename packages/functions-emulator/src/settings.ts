/** Reads host.json and local.settings.json, and lists the settings that this host ignores. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { HostError } from './errors.js';
import { withOverrides } from './host-json-overrides.js';
import type { RequestLimits } from './http/request-queue.js';
import { readHubName } from './hub-name.js';
import { parseLenientJson, truncationError } from './json/lenient-json.js';
import { parseTimeSpan } from './time-span.js';
import { trimSlashes } from './trim-slashes.js';

type Json = Readonly<Record<string, unknown>>;

export interface AppSettings {
  readonly appDirectory: string;
  /** The environment variables that the app is loaded with. */
  readonly environment: Readonly<Record<string, string>>;
  /** With the task hub's name resolved. Empty when it could not be read. */
  readonly hostJson: Json;
  /** Why host.json could not be read or used. The real host then stays up without functions. */
  readonly hostError: string | undefined;
  /** `api` unless host.json sets another; without leading or trailing slashes. */
  readonly routePrefix: string;
  /** Added to every response. */
  readonly customHeaders: Readonly<Record<string, string>>;
  /** How many HTTP requests may run and wait. */
  readonly requestLimits: RequestLimits;
  /** Bytes that the body of a request may have. */
  readonly largestBody: number;
  /** undefined = no limit */
  readonly functionTimeoutMs: number | undefined;
  /** One sentence for each group of ignored settings, logged once at start. */
  readonly notes: readonly string[];
}

/** The keys of host.json that the endpoints honour. */
const honouredHere = [
  'version',
  'functionTimeout',
  'extensions.http.routePrefix',
  'extensions.http.customHeaders',
  'extensions.http.maxConcurrentRequests',
  'extensions.http.maxOutstandingRequests',
  // Depends on counters that only App Service has; elsewhere it has no effect.
  'extensions.http.dynamicThrottlesEnabled',
  // There is none here; the templates of new apps have it.
  'logging.applicationInsights',
  // Selects the wording of the error for an unknown binding.
  'extensionBundle',
];

/** https://learn.microsoft.com/azure/azure-functions/functions-app-settings#functions_request_body_size_limit */
const defaultLargestBody = 104_857_600;

/**
 * @param overrides settings that override the process environment, which overrides local.settings.json
 * @param honouredElsewhere paths in host.json (`extensions.durableTask.hubName`) that other parts of the host honour
 * @throws HostError `app-not-found`, `setting-invalid`
 */
export function readSettings(
  folder: string,
  processEnvironment: Readonly<Record<string, string | undefined>>,
  overrides: Readonly<Record<string, string>>,
  honouredElsewhere: readonly string[],
): AppSettings {
  const appDirectory = resolve(folder);
  if (!existsSync(join(appDirectory, 'package.json'))) {
    throw new HostError(
      'app-not-found',
      `There is no package.json in ${appDirectory}. Name the folder of a built Functions app.`,
    );
  }
  const local = readLocalSettings(join(appDirectory, 'local.settings.json'));
  const environment: Record<string, string> = { ...local.values };
  for (const [name, value] of Object.entries(processEnvironment))
    if (value !== undefined) environment[name] = value;
  environment.FUNCTIONS_WORKER_RUNTIME ??= 'node';
  environment.AZURE_FUNCTIONS_ENVIRONMENT ??= 'Development';
  environment.AzureWebJobsScriptRoot = appDirectory;
  Object.assign(environment, overrides);

  const honoured = [...honouredHere, ...honouredElsewhere];
  const { hostJson: written, hostError } = readHostJson(join(appDirectory, 'host.json'));
  const hostJson = withOverrides(written, environment, honoured);
  const extensions = section(hostJson, 'extensions');
  const http = section(extensions, 'http');
  const durable = section(extensions, 'durableTask');
  const hub = typeof durable.hubName === 'string' ? readHubName(durable.hubName, environment) : undefined;
  const notes = [...local.notes];
  if (hub?.note !== undefined) notes.push(hub.note);
  const others = leaves(hostJson).filter(
    (path) => !honoured.some((prefix) => path === prefix || path.startsWith(`${prefix}.`)),
  );
  if (others.length > 0) notes.push(`host.json: not honoured by this host: ${others.join(', ')}.`);
  return {
    appDirectory,
    environment,
    hostJson:
      hub === undefined
        ? hostJson
        : { ...hostJson, extensions: { ...extensions, durableTask: { ...durable, hubName: hub.name } } },
    hostError: hostError ?? hub?.error,
    routePrefix: trimSlashes(typeof http.routePrefix === 'string' ? http.routePrefix : 'api'),
    customHeaders: Object.fromEntries(
      Object.entries(section(http, 'customHeaders')).map(([k, v]) => [k, String(v)]),
    ),
    requestLimits: {
      concurrent: positive(http.maxConcurrentRequests),
      outstanding: positive(http.maxOutstandingRequests),
    },
    largestBody: /^\d+$/.test(environment.FUNCTIONS_REQUEST_BODY_SIZE_LIMIT ?? '')
      ? Number(environment.FUNCTIONS_REQUEST_BODY_SIZE_LIMIT)
      : defaultLargestBody,
    functionTimeoutMs: readTimeout(hostJson.functionTimeout),
    notes,
  };
}

function readHostJson(path: string): { hostJson: Json; hostError: string | undefined } {
  const failed = (why: string): { hostJson: Json; hostError: string } => ({ hostJson: {}, hostError: why });
  if (!existsSync(path)) return { hostJson: {}, hostError: undefined };
  let json: unknown;
  const text = readFileSync(path, 'utf8');
  try {
    json = parseLenientJson(text);
  } catch (error) {
    const message = truncationError(text) ?? (error instanceof Error ? error.message : String(error));
    return failed(
      `Microsoft.Azure.WebJobs.Script: Unable to parse host configuration file '${path}'. ${message}`,
    );
  }
  if (!isObject(json))
    return failed(
      `Microsoft.Azure.WebJobs.Script: Unable to parse host configuration file '${path}'. It is not an object.`,
    );
  if (json.version !== undefined && json.version !== '2.0') {
    return failed(
      `'${String(json.version)}' is an invalid value for host.json 'version' property. Use "2.0".`,
    );
  }
  return { hostJson: json, hostError: undefined };
}

function readLocalSettings(path: string): { values: Record<string, string>; notes: string[] } {
  if (!existsSync(path)) return { values: {}, notes: [] };
  let json: unknown;
  try {
    json = parseLenientJson(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new HostError(
      'setting-invalid',
      `${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
  if (!isObject(json)) throw new HostError('setting-invalid', `${path} must hold an object with "Values".`);
  if (json.IsEncrypted === true) {
    throw new HostError(
      'setting-invalid',
      `${path} is encrypted. Decrypt it with "func settings decrypt" first.`,
    );
  }
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(section(json, 'Values'))) {
    if (typeof value === 'object')
      throw new HostError('setting-invalid', `${path}: Values.${name} must be a string.`);
    values[name] = String(value);
  }
  const others = Object.keys(json).filter((name) => name !== 'IsEncrypted' && name !== 'Values');
  return {
    values,
    notes: others.map((name) => `local.settings.json: ${name} is not honoured by this host.`),
  };
}

function readTimeout(value: unknown): number | undefined {
  if (value === undefined || value === '-1') return undefined;
  const ms = typeof value === 'string' ? parseTimeSpan(value) : undefined;
  if (ms === undefined || ms === 0) {
    throw new HostError(
      'setting-invalid',
      `host.json: functionTimeout must be a time span such as "00:05:00", or "-1" for none.`,
    );
  }
  return ms;
}

/** A positive count; -1 or no value means no limit. */
function positive(value: unknown): number {
  const count = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  return Number.isInteger(count) && count > 0 ? count : Number.POSITIVE_INFINITY;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function section(json: Json, name: string): Json {
  const value = json[name];
  return isObject(value) ? value : {};
}

function leaves(json: Json, prefix = ''): string[] {
  return Object.entries(json).flatMap(([name, value]) =>
    isObject(value) && Object.keys(value).length > 0
      ? leaves(value, `${prefix}${name}.`)
      : [`${prefix}${name}`],
  );
}
