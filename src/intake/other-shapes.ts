import type { RejectedDelivery, RejectionCode } from './delivery.js';
import { isObject, type Json, listOf, lowerOf, textOf } from './text.js';

interface OtherShape {
  readonly code: RejectionCode;
  readonly reason: string;
  readonly next: string;
  readonly path: string;
  matches(body: Json): boolean;
}

const has = (body: Json, ...keys: string[]) => keys.every((key) => Object.hasOwn(body, key));
const FORWARD = 'Forward the incident with the "Microsoft Sentinel incident" trigger of a playbook instead.';

/** Bodies that senders confuse with an incident. Each has its own message, which names what was sent. */
const SHAPES: readonly OtherShape[] = [
  {
    code: 'event-envelope',
    reason: 'This is a complete event; only its data is an incident.',
    next: 'Send it to the Event Grid endpoint, or send the content of "data" alone.',
    path: 'data',
    matches: (body) => has(body, 'data') && (has(body, 'specversion') || has(body, 'eventType')),
  },
  {
    code: 'graph-notification',
    reason: 'This is a Microsoft Graph change notification: it names no Sentinel incident.',
    next: FORWARD,
    path: 'value',
    matches: (body) =>
      has(body, 'subscriptionId', 'clientState') ||
      has(body, 'subscriptionId', 'changeType') ||
      listOf(body.value).some((item) => isObject(item) && has(item, 'subscriptionId')),
  },
  {
    code: 'graph-incident',
    reason: 'This is a Microsoft Graph security incident: it names no Sentinel workspace.',
    next: FORWARD,
    path: 'id',
    matches: (body) =>
      odataType(body).includes('microsoft.graph.security.incident') || has(body, 'incidentWebUrl'),
  },
  {
    code: 'graph-alert',
    reason: 'This is a Microsoft Graph security alert, not an incident.',
    next: FORWARD,
    path: 'id',
    matches: (body) =>
      odataType(body).includes('microsoft.graph.security.alert') ||
      has(body, 'serviceSource', 'providerAlertId'),
  },
  {
    code: 'xdr-incident',
    reason: 'This is an incident of the retired Defender XDR API: it names no Sentinel workspace.',
    next: FORWARD,
    path: 'incidentId',
    matches: (body) => has(body, 'incidentId', 'alerts') || has(body, 'incidentId', 'incidentName'),
  },
  {
    code: 'kql-row',
    reason: 'This is a row of a log query (SecurityIncident or SecurityAlert): it has no ARM id.',
    next: FORWARD,
    path: '',
    matches: (body) =>
      has(body, 'IncidentName') ||
      has(body, 'SystemAlertId', 'TenantId') ||
      has(body, 'SecurityIncident') ||
      has(body, 'records') ||
      (has(body, 'tables') && Array.isArray(body.tables)),
  },
  {
    code: 'alert-trigger',
    reason: 'This is the body of the "Microsoft Sentinel alert" trigger: an alert names no incident.',
    next: 'Use the "Microsoft Sentinel incident" trigger: an automation rule runs it when an incident is created.',
    path: 'SystemAlertId',
    matches: (body) =>
      has(body, 'SystemAlertId') ||
      lowerOf(body.objectSchemaType) === 'alert' ||
      textOf(body.kind) === 'SecurityAlert',
  },
  {
    code: 'incident-list',
    reason: 'This is a list; a delivery must contain exactly one incident.',
    next: 'Send each incident separately.',
    path: 'value',
    matches: (body) => Array.isArray(body.value),
  },
];

function odataType(body: Json): string {
  return lowerOf(body['@odata.type']) ?? '';
}

/** Identifies a body that is not a usable incident. */
export function recogniseOther(body: unknown): RejectedDelivery {
  if (Array.isArray(body)) {
    return reject(
      'incident-list',
      'This is a list; a delivery must contain exactly one incident.',
      '',
      'Send each incident separately.',
    );
  }
  if (!isObject(body)) {
    return reject(
      'not-an-object',
      'The body is not a JSON object.',
      '',
      'Send one incident as a JSON object.',
    );
  }
  const shape = SHAPES.find((candidate) => candidate.matches(body));
  if (shape) return reject(shape.code, shape.reason, shape.path, shape.next);
  const next =
    'Send the body of the "Microsoft Sentinel incident" trigger, or the incident as the REST API returns it.';
  if (isObject(body.properties)) return reject('no-incident-id', 'The body has no incident id.', 'id', next);
  return reject('unknown-shape', 'The body is not in a known incident format.', '', next);
}

function reject(code: RejectionCode, reason: string, path: string, next: string): RejectedDelivery {
  return { kind: 'rejected', code, reason, next, path };
}
