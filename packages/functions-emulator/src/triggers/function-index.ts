/** Function indexing: which of the app's functions the host serves, and the errors of the others. */

import { parseRouteTemplate, type RouteTemplate, RouteTemplateError } from '../http/route-template.js';
import type { AppSettings } from '../settings.js';
import { trimSlashes } from '../trim-slashes.js';
import type { FaultyFunction, FunctionDefinition, RegisteredFunction } from '../worker/worker-types.js';
import { parseSchedule } from './timer-trigger.js';

export interface HttpFunction {
  readonly definition: FunctionDefinition;
  readonly methods: ReadonlySet<string>;
  readonly authLevel: string;
  readonly route: RouteTemplate;
}

export interface FunctionIndex {
  /** By name. Those in error because of their bindings, level, schedule or route are listed, those with a bad name are not. */
  readonly listed: readonly (FunctionDefinition | FaultyFunction)[];
  /** Listed, without an error, and not switched off. */
  readonly indexed: ReadonlySet<FunctionDefinition>;
  /** HTTP functions without an error, including disabled ones, in the order in which their routes are tried: by name. */
  readonly http: readonly HttpFunction[];
  /** Errors by function name; the other functions run. */
  readonly errors: ReadonlyMap<string, string>;
  /** Stops the whole host. */
  readonly hostError: string | undefined;
  isDisabled(definition: RegisteredFunction): boolean;
}

const validName = /^(?!host$)[a-z][\w-]{0,127}$/i;
const levels = new Set(['anonymous', 'function', 'admin']);

export function indexFunctions(
  definitions: readonly (FunctionDefinition | FaultyFunction)[],
  settings: AppSettings,
): FunctionIndex {
  const errors = new Map<string, string>();
  const isDisabled = ({ name }: RegisteredFunction): boolean => isDisabledBySetting(settings, name);
  const listed: (FunctionDefinition | FaultyFunction)[] = [];
  const indexed = new Set<FunctionDefinition>();
  const http: HttpFunction[] = [];
  let hostError: string | undefined;

  for (const definition of [...definitions].sort(byName)) {
    const { name } = definition;
    if (!validName.test(name)) {
      errors.set(name, `'${name}' is not a valid function name.`);
      continue;
    }
    const isTwin = listed.some((other) => other.name.toLowerCase() === name.toLowerCase());
    listed.push(definition);
    if ('fault' in definition) {
      errors.set(name, bindingError(definition, settings));
      continue;
    }
    if (definition.triggerKind === 'httpTrigger') {
      const found = indexHttpFunction(definition, settings, http);
      if ('hostError' in found) hostError ??= found.hostError;
      else if ('error' in found) errors.set(name, found.error);
      else if (isRouted(http, name)) hostError ??= duplicateRouteError(name);
      else http.push(found);
    } else if (definition.triggerKind === 'timerTrigger') {
      const problem = scheduleProblem(definition, settings);
      if (problem !== undefined) errors.set(name, problem);
    }
    if (isTwin && !errors.has(name)) errors.set(name, overloadError(name));
    if (!errors.has(name) && !isDisabled(definition)) indexed.add(definition);
  }
  return { listed, indexed, http, errors, hostError, isDisabled };
}

/** https://learn.microsoft.com/azure/azure-functions/disable-function */
export function isDisabledBySetting({ environment }: AppSettings, name: string): boolean {
  return /^(true|1)$/i.test(
    environment[`AzureWebJobs.${name}.Disabled`] ?? environment[`AzureWebJobs_${name}_Disabled`] ?? '',
  );
}

/** The real host orders functions with .NET's `StringComparer.OrdinalIgnoreCase`, which compares upper case. */
function byName({ name: a }: RegisteredFunction, { name: b }: RegisteredFunction): number {
  const [x, y] = [a.toUpperCase(), b.toUpperCase()];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Function names are case-insensitive in the real host, which fails when it adds a duplicate to its routes or index. */
const isRouted = (http: readonly HttpFunction[], name: string): boolean =>
  http.some(({ definition }) => definition.name.toLowerCase() === name.toLowerCase());
const duplicateRouteError = (name: string): string =>
  `System.Private.CoreLib: An item with the same key has already been added. Key: ${name}.`;
const overloadError = (name: string): string =>
  `Microsoft.Azure.WebJobs.Host: Error indexing method 'Functions.${name}'. Microsoft.Azure.WebJobs.Host: Method overloads are not supported. There are multiple methods with the name 'Host.Functions.${name}'.`;

/** A host with extension bundles words the error for an unknown binding differently. */
function bindingError({ fault }: FaultyFunction, { hostJson }: AppSettings): string {
  if (fault.kind === 'invalid') return fault.message;
  const types = `The binding type(s) '${fault.types.join(', ')}'`;
  return hostJson.extensionBundle === undefined
    ? `${types} are not registered. Please ensure the type is correct and the binding extension is installed.`
    : `${types} were not found in the configured extension bundle. Please ensure the type is correct and the correct version of extension bundle is configured`;
}

function indexHttpFunction(
  definition: FunctionDefinition,
  settings: AppSettings,
  earlier: readonly HttpFunction[],
): HttpFunction | { error: string } | { hostError: string } {
  const { trigger, name } = definition;
  const authLevel = String(trigger.authLevel ?? 'function').toLowerCase();
  if (!levels.has(authLevel)) {
    return {
      error:
        "Error parsing function.json: Invalid value specified for binding property 'authLevel' of enum type AuthorizationLevel.",
    };
  }
  const template = templateOf(definition);
  const bare = bareTemplate(template);
  if (/^(admin|runtime)/.test(bare))
    return { error: 'The specified route conflicts with one or more built in routes.' };
  const methods = new Set(
    Array.isArray(trigger.methods)
      ? trigger.methods.map((method) => String(method).toUpperCase())
      : ['GET', 'POST'],
  );
  const sharesMethod = (other: HttpFunction): boolean =>
    methods.size === 0 ||
    other.methods.size === 0 ||
    [...methods].some((method) => other.methods.has(method));
  const conflicting = earlier.find(
    (other) => bareTemplate(other.route.template) === bare && sharesMethod(other),
  );
  if (conflicting)
    return {
      error: `The route specified conflicts with the route defined by function '${conflicting.definition.name}'.`,
    };
  try {
    return { definition, methods, authLevel, route: parseRouteTemplate(template) };
  } catch (error) {
    if (!(error instanceof RouteTemplateError)) throw error;
    const full = settings.routePrefix === '' ? template : `${settings.routePrefix}/${template}`;
    const why = `Microsoft.AspNetCore.Routing: ${error.message.replace(/\.$/, '')}. (Parameter 'routeTemplate'). Microsoft.AspNetCore.Routing: ${error.message}`;
    return {
      hostError: `Microsoft.AspNetCore.Routing: An error occurred while creating the route with name '${name}' and template '${full}'. ${why}`,
    };
  }
}

/** The route as the app wrote it, or the function's name. */
export function templateOf({ name, bindings }: RegisteredFunction): string {
  const trigger = Object.values(bindings).find(isHttpTrigger);
  return typeof trigger?.route === 'string' && trigger.route.trim() !== '' ? trigger.route : name;
}

export const isHttpTrigger = ({ type }: Readonly<Record<string, unknown>>): boolean =>
  String(type).toLowerCase() === 'httptrigger';

const bareTemplate = (template: string): string => trimSlashes(template).toLowerCase();

function scheduleProblem(definition: FunctionDefinition, settings: AppSettings): string | undefined {
  const parsed = parseSchedule(String(definition.trigger.schedule ?? ''), settings.environment);
  if (typeof parsed !== 'string') return undefined;
  return `Microsoft.Azure.WebJobs.Host: Error indexing method 'Functions.${definition.name}'. ${parsed}`;
}
