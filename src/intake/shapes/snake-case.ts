/** What SDKs print: the names in snake_case, and `properties` flattened into the resource. */
import { isObject, type Json } from '../text.js';
import type { Shape } from './shape.js';

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

/** Any of these shows that an object is an incident or alert of Microsoft Graph, as an SDK printed it. */
const GRAPH = ['incident_web_url', 'alert_web_url', 'provider_alert_id', 'redirect_incident_id'];
const graphFormOf = (value: Json): Json =>
  GRAPH.some((key) => Object.hasOwn(value, key)) ? (camelised(value) as Json) : value;

/** A shape of Microsoft Graph, also as an SDK prints it. */
export function orPrinted(shape: Shape & Required<Pick<Shape, 'read'>>): Shape {
  return {
    ...shape,
    matches: (value) => shape.matches(graphFormOf(value)),
    deliver: (value, place) => shape.deliver(graphFormOf(value), place),
    read: ([value], context) => shape.read([graphFormOf(value)], context),
  };
}

/** All names in camelCase, also of nested objects. */
export function camelised(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelised);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [camelCase(key), camelised(part)]));
}

const camelCase = (key: string) =>
  key === 'odata_type'
    ? '@odata.type'
    : key.replace(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
