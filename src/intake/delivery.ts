/** Recognises deliveries: which incident a body is about, or why it is rejected. */
import { lowerCase } from '../domain/unicode-text.js';
import { decodeBody } from './body.js';
import { type IncidentId, instanceIdOf, parseIncidentId } from './incident-id.js';
import { recogniseOther } from './other-shapes.js';
import { clip, fieldOf, isObject, type Json, lowerOf, textOf } from './text.js';
import { utcTime } from './time.js';

export type DeliveryShape = 'logic-apps-trigger' | 'sentinel-rest';

export interface IncidentDelivery {
  readonly kind: 'incident';
  readonly shape: DeliveryShape;
  readonly armId: string;
  /** Lower-cased ARM id: the same incident always has the same key. */
  readonly key: string;
  /** The orchestration's instance id, derived from the key. */
  readonly instanceId: string;
  /** The sender's id of this trigger event, if any. The same event may be delivered more than once. */
  readonly deliveryKey?: string;
  /** ISO 8601, UTC. Only a hint: the incident is read from Sentinel. */
  readonly modifiedAt?: string;
  readonly title?: string;
}
export type RejectionCode =
  | 'too-large'
  | 'too-deep'
  | 'malformed-json'
  | 'not-an-object'
  | 'no-incident-id'
  | 'bad-incident-id'
  | 'alert-trigger'
  | 'event-envelope'
  | 'graph-incident'
  | 'graph-alert'
  | 'graph-notification'
  | 'kql-row'
  | 'xdr-incident'
  | 'incident-list'
  | 'unknown-shape';
/** `reason` and `next` are display texts without any part of the body. `path` is the faulty place in the body. */
export interface RejectedDelivery {
  readonly kind: 'rejected';
  readonly code: RejectionCode;
  readonly reason: string;
  readonly next: string;
  readonly path: string;
}
export type Delivery = IncidentDelivery | RejectedDelivery;

export const MAXIMUM_CHARACTERS = 1024 * 1024;

/**
 * Identifies the incident of a delivered body. `body` is the trigger's input: parsed JSON, JSON text, base64 of it, or
 * bytes; for an event, its `data`. Never throws. Uses only the identity and a few hints from the body: everything else
 * is read from Sentinel.
 *
 * Shapes: the body of the Logic Apps "Microsoft Sentinel incident" trigger
 * (https://learn.microsoft.com/connectors/azuresentinel/#triggers) and the incident of the REST API
 * (https://learn.microsoft.com/rest/api/securityinsights/incidents/get).
 */
export function recogniseDelivery(body: unknown): Delivery {
  const decoded = decodeBody(body, MAXIMUM_CHARACTERS);
  if (!decoded.ok) return { kind: 'rejected', ...decoded.rejection };
  const value = decoded.value;
  if (!isObject(value)) return recogniseOther(value);
  if (isTrigger(value)) return fromTrigger(value);
  if (isRestIncident(value)) return fromIncident('sentinel-rest', value, undefined, '');
  return recogniseOther(value);
}

function isTrigger(body: Json): boolean {
  return isObject(body.object) || lowerOf(body.objectSchemaType) === 'incident';
}

function isRestIncident(body: Json): boolean {
  const type = lowerOf(body.type);
  if (type === 'microsoft.securityinsights/incidents') return true;
  if (!isObject(body.properties)) return false;
  const id = textOf(body.id);
  if (id !== undefined) return /\/incidents\//i.test(id) || parseIncidentId(id) !== undefined;
  return Object.hasOwn(body.properties, 'incidentNumber');
}

function fromTrigger(body: Json): Delivery {
  const object = body.object;
  const schema = textOf(body.objectSchemaType);
  if (schema !== undefined && lowerCase(schema) !== 'incident') {
    return unknownTrigger('The Logic Apps trigger fired for something other than an incident.');
  }
  if (!isObject(object)) {
    return rejected('no-incident-id', 'The trigger body contains no incident.', 'object');
  }
  return fromIncident('logic-apps-trigger', object, body, 'object.');
}

function fromIncident(
  shape: DeliveryShape,
  incident: Json,
  trigger: Json | undefined,
  place: string,
): Delivery {
  const id = textOf(incident.id);
  const identity = identify(id, textOf(incident.name), trigger?.workspaceInfo);
  if (identity === undefined) {
    return id === undefined
      ? rejected('no-incident-id', 'The body has no incident id.', `${place}id`)
      : rejected(
          'bad-incident-id',
          'The incident id is not the ARM id of a Sentinel incident.',
          `${place}id`,
        );
  }
  const properties = incident.properties;
  const deliveryKey = textOf(trigger?.eventUniqueId);
  const modifiedAt = utcTime(fieldOf(properties, 'lastModifiedTimeUtc'));
  const title = textOf(fieldOf(properties, 'title'));
  return {
    kind: 'incident',
    shape,
    armId: identity.armId,
    key: identity.key,
    instanceId: instanceIdOf(identity.key),
    ...(deliveryKey === undefined ? {} : { deliveryKey: clip(deliveryKey, 200) }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
    ...(title === undefined ? {} : { title: clip(title, 300) }),
  };
}

/** The id itself or, if the body has only a bare name, an id built from the trigger's workspace. */
function identify(
  id: string | undefined,
  name: string | undefined,
  workspaceInfo: unknown,
): IncidentId | undefined {
  if (id?.includes('/')) return parseIncidentId(id);
  const [subscription, group, workspace] = ['SubscriptionId', 'ResourceGroupName', 'WorkspaceName'].map(
    (key) => textOf(fieldOf(workspaceInfo, key)),
  );
  const last = name ?? id;
  if (!subscription || !group || !workspace || !last) return undefined;
  return parseIncidentId(
    `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.OperationalInsights` +
      `/workspaces/${workspace}/providers/Microsoft.SecurityInsights/Incidents/${last}`,
  );
}

const NEXT =
  'Send the body of the "Microsoft Sentinel incident" trigger, or the incident as the REST API returns it.';

function rejected(code: RejectionCode, reason: string, path: string): RejectedDelivery {
  return { kind: 'rejected', code, reason, next: NEXT, path };
}

function unknownTrigger(reason: string): RejectedDelivery {
  return rejected('unknown-shape', reason, 'objectSchemaType');
}
