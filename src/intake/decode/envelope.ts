/** The wrappers that workflows, queues and events add to a body. */
import { isObject, type Json, listOf, lowerOf, textOf } from '../text.js';

/** What a wrapper contains, and where. `deliveryKey`: the sender's id of this event. */
export interface Content {
  readonly value: unknown;
  readonly path: string;
  readonly deliveryKey?: string | undefined;
}

/** The content of one wrapper; undefined: the value is no wrapper. */
export function unwrap(value: unknown): Content | undefined {
  if (!isObject(value)) return undefined;
  return workflowContent(value) ?? eventContent(value);
}

/** Keys beside `body` in outputs of workflow actions and triggers, and in dumps of messages. */
const BESIDE_BODY: readonly string[] = [
  ...['headers', 'statusCode', 'queries', 'relativePathParameters', 'method', 'name', 'inputs', 'outputs'],
  ...['messageId', 'contentType', 'subject', 'applicationProperties', 'brokerProperties', 'deliveryCount'],
];

/** https://learn.microsoft.com/azure/logic-apps/logic-apps-content-type */
function workflowContent(value: Json): Content | undefined {
  if (Object.hasOwn(value, 'body')) {
    const keys = Object.keys(value);
    const isOutput = keys.length === 1 || keys.some((key) => BESIDE_BODY.includes(key));
    if (isOutput) return { value: value.body, path: 'body' };
  }
  if (Object.hasOwn(value, '$content-type') && Object.hasOwn(value, '$content')) {
    return { value: value.$content, path: '$content' };
  }
  if (typeof value.ContentData === 'string') return { value: value.ContentData, path: 'ContentData' };
  // The built-in connector of Service Bus decodes it.
  return Object.hasOwn(value, 'contentData') && Object.hasOwn(value, 'messageId')
    ? { value: value.contentData, path: 'contentData' }
    : undefined;
}

export const isCloudEvent = (value: unknown): boolean =>
  isObject(value) && Object.hasOwn(value, 'specversion') && Object.hasOwn(value, 'type');

export const isEventGridEvent = (value: unknown): boolean =>
  isObject(value) && textOf(value.eventType) !== undefined && Object.hasOwn(value, 'data');

/** Events of the service itself, which are no deliveries: they are recognised as what they are. */
export const isSystemEvent = (value: unknown): boolean =>
  isObject(value) &&
  isEventGridEvent(value) &&
  lowerOf(value.eventType)?.startsWith('microsoft.eventgrid.') === true;

/**
 * The data of an event. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md and
 * https://learn.microsoft.com/azure/event-grid/event-schema
 */
function eventContent(value: Json): Content | undefined {
  if (Object.hasOwn(value, 'specversion')) {
    const key = [textOf(value.source), textOf(value.id)];
    const deliveryKey = key.every((part) => part !== undefined) ? key.join(' ') : undefined;
    const bytes = ['data_base64', 'dataBase64'].find((name) => typeof value[name] === 'string');
    const isEmpty = value.data === undefined || value.data === null;
    if (isEmpty && bytes !== undefined) return { value: value[bytes], path: bytes, deliveryKey };
    return Object.hasOwn(value, 'data') ? { value: value.data, path: 'data', deliveryKey } : undefined;
  }
  if (!isEventGridEvent(value) || isSystemEvent(value)) return undefined;
  return { value: value.data, path: 'data', deliveryKey: textOf(value.id) };
}

/** The list in a body and where it is; undefined: the body is no list. */
export function listIn(
  value: unknown,
): { readonly items: readonly unknown[]; readonly path: string } | undefined {
  if (Array.isArray(value)) return { items: value, path: '' };
  if (!isObject(value) || isResource(value)) return undefined;
  for (const path of ['value', 'records'] as const) {
    if (Array.isArray(value[path])) return { items: value[path], path };
  }
  const { SecurityIncident: incidents, SecurityAlert: alerts } = value;
  if (Array.isArray(incidents)) {
    // Each incident with all alerts of the export.
    const items = incidents.map((row) => ({ SecurityIncident: row, SecurityAlert: alerts }));
    return { items, path: 'SecurityIncident' };
  }
  if (incidents === undefined && Array.isArray(alerts)) return { items: alerts, path: 'SecurityAlert' };
  const [table] = listOf(value.tables);
  return isObject(table) ? rowsOf(table) : undefined;
}

/** A single thing with a property of that name is no list. */
const isResource = (value: Json) => ['id', 'properties', 'object'].some((key) => Object.hasOwn(value, key));

/** The answer of a log query as objects, if its rows are incidents or alerts. */
function rowsOf(table: Json): { readonly items: readonly Json[]; readonly path: string } | undefined {
  const names = listOf(table.columns).map((column) => (isObject(column) ? textOf(column.name) : undefined));
  if (!names.includes('IncidentName') && !names.includes('SystemAlertId')) return undefined;
  const items = listOf(table.rows).map((row) =>
    Object.fromEntries(listOf(row).flatMap((cell, i) => (names[i] === undefined ? [] : [[names[i], cell]]))),
  );
  return { items, path: 'tables[0].rows' };
}
