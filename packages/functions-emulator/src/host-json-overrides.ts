/**
 * App settings that override host.json: `AzureFunctionsJobHost__extensions__durableTask__hubName`.
 * https://learn.microsoft.com/azure/azure-functions/functions-host-json#override-hostjson-values
 */

type Json = Readonly<Record<string, unknown>>;

const PREFIX = 'azurefunctionsjobhost:';
/** Keys whose values are texts, even where they look like numbers. All values of settings are texts. */
const TEXTS = new Set(['functionTimeout', 'routePrefix', 'hubName', 'defaultVersion']);

/**
 * The configuration with the settings applied. As in .NET, the case of names is of no importance, `__` is `:`, and names
 * that host.json does not have are added. No setting that this host honours is a list.
 * @param known dotted paths (`extensions.durableTask.hubName`) that give names their letter case
 */
export function withOverrides(
  hostJson: Json,
  environment: Readonly<Record<string, string>>,
  known: readonly string[],
): Json {
  let result = hostJson;
  const names = [...new Set(known.flatMap((path) => path.split('.')))];
  // Sorted, so that the result does not depend on the order of the environment.
  for (const setting of Object.keys(environment).sort()) {
    const name = setting.replaceAll('__', ':');
    if (!name.toLowerCase().startsWith(PREFIX)) continue;
    const path = name.slice(PREFIX.length).split(':');
    if (path.includes('')) continue;
    result = overridden(result, path, environment[setting] ?? '', names) as Json;
  }
  return result;
}

function overridden(
  before: unknown,
  path: readonly string[],
  text: string,
  names: readonly string[],
): unknown {
  const [written, ...rest] = path;
  if (written === undefined) return text;
  const json = isObject(before) ? before : {};
  const key = inAnyCase(Object.keys(json), written) ?? inAnyCase(names, written) ?? written;
  const inside = Object.hasOwn(json, key) ? json[key] : undefined;
  const value = rest.length > 0 ? overridden(inside, rest, text, names) : typedAs(key, inside, text);
  return Object.fromEntries([...Object.entries(json), [key, value]]);
}

/** Numbers and booleans are written as texts; what host.json has as a text stays one. */
function typedAs(key: string, before: unknown, text: string): unknown {
  if (TEXTS.has(key) || typeof before === 'string') return text;
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}

const inAnyCase = (names: readonly string[], written: string): string | undefined =>
  names.find((name) => name.toLowerCase() === written.toLowerCase());

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
