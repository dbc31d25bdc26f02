/** Which of the app's functions the host serves, and what is wrong with the others, as the real host finds it at start. */
import type { FunctionDefinition } from '../worker/types.js';
import { parseRoute, type Route, RouteError } from './routes.js';
import type { AppSettings } from './settings.js';
import { parseSchedule } from './timers.js';

export interface HttpFunction {
  readonly definition: FunctionDefinition;
  /** As written, or the function's name in lower case. */
  readonly template: string;
  readonly methods: ReadonlySet<string>;
  readonly authLevel: string;
  readonly route: Route;
}

export interface Functions {
  /** By name. Those in error because of their level, schedule or route are listed, those with a bad name are not. */
  readonly listed: readonly FunctionDefinition[];
  /** Listed, without an error, and not switched off. */
  readonly served: ReadonlySet<FunctionDefinition>;
  /** The served HTTP functions, most specific route first. */
  readonly http: readonly HttpFunction[];
  /** `The 'x' function is in error: ...`; the rest of the app runs. */
  readonly errors: readonly string[];
  /** Stops the whole host. */
  readonly hostError: string | undefined;
  isDisabled(definition: FunctionDefinition): boolean;
}

const validName = /^(?!host$)[a-z][\w-]{0,127}$/i;
const levels = new Set(['anonymous', 'function', 'admin']);

export function examine(definitions: readonly FunctionDefinition[], settings: AppSettings): Functions {
  const errors: string[] = [];
  const inError = (name: string, why: string): void =>
    void errors.push(`The '${name}' function is in error: ${why}`);
  const isDisabled = ({ name }: FunctionDefinition): boolean => {
    const { environment } = settings;
    return /^(true|1)$/i.test(
      environment[`AzureWebJobs.${name}.Disabled`] ?? environment[`AzureWebJobs_${name}_Disabled`] ?? '',
    );
  };
  const listed: FunctionDefinition[] = [];
  const served = new Set<FunctionDefinition>();
  const http: HttpFunction[] = [];
  let hostError: string | undefined;

  for (const definition of [...definitions].sort((a, b) => compareNames(a.name, b.name))) {
    const { name } = definition;
    if (!validName.test(name)) {
      inError(name, `'${name}' is not a valid function name.`);
      continue;
    }
    const twin = listed.find((other) => other.name.toLowerCase() === name.toLowerCase());
    if (twin)
      hostError ??= `Two functions have names that differ only by case: '${twin.name}' and '${name}'. Rename one.`;
    listed.push(definition);
    const problem =
      definition.triggerKind === 'timerTrigger' ? scheduleProblem(definition, settings) : undefined;
    if (problem !== undefined) inError(name, problem);
    else if (definition.triggerKind !== 'httpTrigger') served.add(definition);
    else {
      const found = examineHttp(definition, settings, http);
      if ('hostError' in found) hostError ??= found.hostError;
      else if ('error' in found) inError(name, found.error);
      else {
        served.add(definition);
        http.push(found);
      }
    }
  }
  for (const definition of listed) if (isDisabled(definition)) served.delete(definition);
  return {
    listed,
    served,
    http: http
      .filter(({ definition }) => served.has(definition))
      .sort((a, b) =>
        a.route.precedence < b.route.precedence ? -1 : a.route.precedence > b.route.precedence ? 1 : 0,
      ),
    errors,
    hostError,
    isDisabled,
  };
}

function examineHttp(
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
  const methods = new Set(
    Array.isArray(trigger.methods)
      ? trigger.methods.map((method) => String(method).toUpperCase())
      : ['GET', 'POST'],
  );
  const rival = earlier.find(
    (other) => other.template === template && [...methods].some((method) => other.methods.has(method)),
  );
  if (rival)
    return {
      error: `The route specified conflicts with the route defined by function '${rival.definition.name}'.`,
    };
  try {
    return { definition, template, methods, authLevel, route: parseRoute(template) };
  } catch (error) {
    if (!(error instanceof RouteError)) throw error;
    const full = settings.routePrefix === '' ? template : `${settings.routePrefix}/${template}`;
    const why = `Microsoft.AspNetCore.Routing: ${error.message.replace(/\.$/, '')}. (Parameter 'routeTemplate'). Microsoft.AspNetCore.Routing: ${error.message}`;
    return {
      hostError: `Microsoft.AspNetCore.Routing: An error occurred while creating the route with name '${name}' and template '${full}'. ${why}`,
    };
  }
}

/** The route as the app wrote it, or the function's name in lower case. */
export function templateOf(definition: FunctionDefinition): string {
  const { route } = definition.trigger;
  return typeof route === 'string' && route !== '' ? route : definition.name.toLowerCase();
}

function scheduleProblem(definition: FunctionDefinition, settings: AppSettings): string | undefined {
  const parsed = parseSchedule(String(definition.trigger.schedule ?? ''), settings.environment);
  if (typeof parsed !== 'string') return undefined;
  return `Microsoft.Azure.WebJobs.Host: Error indexing method 'Functions.${definition.name}'. ${parsed}`;
}

function compareNames(a: string, b: string): number {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  return x < y ? -1 : x > y ? 1 : a < b ? -1 : 1;
}
