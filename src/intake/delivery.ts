/** The door to the product: what arrived, whose incident it is, or why it cannot be used. */
import { lowerCase } from '../domain/letters.js';
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
  /** The sender's own id of this firing, where it has one: the same firing may be delivered more than once. */
  readonly deliveryKey?: string;
  /** ISO 8601, UTC. A hint: the incident is read back. */
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
/** `reason` and `next` are for people and hold nothing of the body; `path` is where in the body it went wrong. */
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
 * Says which incident a delivered body is about. `body` is what a trigger hands over: parsed JSON, JSON text,
 * the same in base64, or bytes; of an event, its `data`. Never throws. Only the identity and a few hints are
 * taken from it: everything else is read back from Sentinel.
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
    return rejected('no-incident-id', 'The trigger body has no incident in it.', 'object');
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

/** The id itself, or, where only a bare name was sent, the id put together from the trigger's workspace. */
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
