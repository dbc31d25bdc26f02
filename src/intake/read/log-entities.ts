/**
 * Entities in the column `Entities`: JSON with nested objects, in which `$id` names an object and `$ref` refers to one. An
 * id is unique within its alert.
 */
import { fieldOf, isObject, type Json, textOf } from '../text.js';
import { fingerprint, type Warning } from '../warnings.js';
import type { EntityResource } from './collector.js';

/** Names that differ from the REST API's, by kind in lower case and without separators. */
const NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  account: { Name: 'accountName' },
  file: { Name: 'fileName' },
  filehash: { Value: 'hashValue' },
  cloudapplication: { Name: 'appName' },
  malware: { Name: 'malwareName' },
};
/** People who are signed in to a device are no entities of the alert. */
const NO_ENTITIES = new Set(['LoggedOnUsers', 'LastLoggedOnUsers']);

/**
 * Every object with a type becomes a resource of the REST API; nested ones become links. References are not followed but
 * become links, too, so circular ones do no harm.
 * @param alert the id of the alert, which makes the names of its entities unique
 */
export function logEntities(
  list: readonly unknown[],
  alert: string,
): { readonly entities: readonly EntityResource[]; readonly warnings: readonly Warning[] } {
  const names = new Map<unknown, string>();
  const byId = new Map<string, string>();
  const found: Json[] = [];
  const prefix = alert.replaceAll('/', '_');
  visit(list, (node) => {
    if (textOf(fieldOf(node, 'Type')) === undefined || names.has(node)) return;
    const id = textOf(node.$id);
    // By content or id, because the order of a list has no meaning.
    const name = `${prefix}#${id ?? fingerprint(node)}`;
    names.set(node, name);
    found.push(node);
    if (id !== undefined && !byId.has(id)) byId.set(id, name);
  });
  const unknown = new Set<string>();
  const linkOf = (value: unknown): string | undefined => {
    if (!isObject(value)) return undefined;
    const ref = textOf(value.$ref);
    if (ref === undefined) return names.get(value);
    const name = byId.get(ref);
    if (name === undefined) unknown.add(ref);
    return name;
  };
  for (const item of list) linkOf(item);
  const entities = found.map((node) => resourceOf(node, names.get(node) ?? '', linkOf));
  const path = `alerts/${prefix}/entities`;
  const warnings = [...unknown].map((value) => ({
    path,
    code: 'unknown-reference',
    value: value.slice(0, 100),
  }));
  return { entities, warnings };
}

function resourceOf(
  node: Json,
  name: string,
  linkOf: (value: unknown) => string | undefined,
): EntityResource {
  const kind = textOf(fieldOf(node, 'Type')) ?? '';
  const renamed = NAMES[kind.toLowerCase().replace(/[-_\s]/g, '')] ?? {};
  const properties: [string, unknown][] = [];
  for (const [key, value] of Object.entries(node)) {
    if (key === '$id' || key === 'Type') continue;
    const link = NO_ENTITIES.has(key) ? undefined : linkOf(value);
    const links =
      Array.isArray(value) && !NO_ENTITIES.has(key) ? value.flatMap((item) => linkOf(item) ?? []) : [];
    if (link !== undefined) properties.push([`${key}EntityId`, link]);
    else if (links.length > 0) properties.push([`${singular(key)}EntityIds`, links]);
    else properties.push([Object.hasOwn(renamed, key) ? (renamed[key] ?? key) : key, value]);
  }
  return { name, kind, properties: Object.fromEntries(properties) };
}

/** `FileHashes` → `FileHash`, `Files` → `File`. */
const singular = (key: string) => (/(?:s|sh)es$/.test(key) ? key.slice(0, -2) : key.replace(/s$/, ''));

/** All objects in depth-first order, each once. */
function visit(list: readonly unknown[], see: (node: Json) => void): void {
  const seen = new Set<unknown>();
  const waiting: unknown[] = [...list].reverse();
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (isObject(value)) see(value);
    const inside = Array.isArray(value)
      ? value
      : Object.entries(value).flatMap(([key, part]) => (NO_ENTITIES.has(key) ? [] : [part]));
    for (const part of [...inside].reverse()) waiting.push(part);
  }
}
