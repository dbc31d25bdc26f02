/** What SDKs print: the names in snake_case, and `properties` flattened into the resource. */
import { isObject, type Json } from '../text.js';

/** Names of a resource itself; all others belong to its properties. */
const RESOURCE = new Set(['id', 'name', 'type', 'kind', 'etag', 'system_data', 'additional_properties']);
/** Any of these shows that an object is a printed incident. */
const INCIDENT = ['incident_number', 'incident_url', 'related_analytic_rule_ids', 'last_modified_time_utc'];

/** A printed incident in the form of the REST API; undefined: it is none. */
export function restFormOf(value: Json): Json | undefined {
  const own = isObject(value.properties) ? value.properties : value;
  if (!INCIDENT.some((key) => Object.hasOwn(own, key))) return undefined;
  const [resource, flat] = [{ ...value }, { ...own }] as Record<string, unknown>[];
  const properties = Object.fromEntries(
    Object.entries(flat ?? {}).filter(([key]) => own !== value || !RESOURCE.has(key)),
  );
  const rest = Object.entries(resource ?? {}).filter(([key]) => RESOURCE.has(key));
  return { ...Object.fromEntries(rest), properties: camelised(properties) as Json };
}

/** All names in camelCase, also of nested objects. */
export function camelised(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelised);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [camelCase(key), camelised(part)]));
}

const camelCase = (key: string) =>
  key.replace(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
