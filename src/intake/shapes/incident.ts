import { aliasesOf } from '../aliases.js';
import type { Delivery, DeliveryShape } from '../delivery.js';
import { severityOf } from '../enums.js';
import { type IncidentId, instanceIdOf, parseIncidentId } from '../incident-id.js';
import { clip, fieldOf, type Json, textOf } from '../text.js';
import { ticksOf, utcTime } from '../time.js';
import { NEXT_INCIDENT, type Place, rejected } from './shape.js';

export interface Identified {
  /** The incident's id as the sender wrote it. */
  readonly id: string | undefined;
  /** Place of the id below the place of the delivery. */
  readonly path: string;
  readonly armId: IncidentId | undefined;
  /** In the names of the REST API. */
  readonly properties: unknown;
  readonly eventId?: unknown;
  /** Log Analytics customer id. */
  readonly workspaceId?: unknown;
}

/** The delivery of an incident that is known by its ARM id, or the reason why it is not. */
export function deliveryOf(shape: DeliveryShape, incident: Identified, place: Place): Delivery {
  const { id, armId, path, properties } = incident;
  if (armId === undefined) {
    return id === undefined
      ? rejected(
          'no-incident-id',
          { reason: 'The body has no incident id.', next: NEXT_INCIDENT, path },
          place,
        )
      : rejected(
          'bad-incident-id',
          {
            reason: 'The incident id is not the ARM id of a Sentinel incident.',
            next: NEXT_INCIDENT,
            path,
          },
          place,
        );
  }
  return {
    kind: 'incident',
    shape,
    origin: { kind: 'sentinel', armId: armId.armId },
    key: armId.key,
    instanceId: instanceIdOf(armId.key),
    aliases: aliasesOf(properties, { workspaceId: incident.workspaceId, name: armId.name }),
    ...hintsOf({
      deliveryKey: textOf(incident.eventId) ?? place.deliveryKey,
      modified: fieldOf(properties, 'lastModifiedTimeUtc'),
      title: fieldOf(properties, 'title'),
      severity: fieldOf(properties, 'severity'),
    }),
  };
}

interface Hints {
  readonly deliveryKey: string | undefined;
  readonly modified: unknown;
  readonly title: unknown;
  readonly severity?: unknown;
}

/** What a delivery says about its event and its version, clipped. */
export function hintsOf({ deliveryKey, modified, title, severity: said }: Hints) {
  const modifiedAt = utcTime(modified);
  const modifiedTicks = ticksOf(modified);
  const text = textOf(title);
  const severity = severityOf(said);
  return {
    ...(deliveryKey === undefined ? {} : { deliveryKey: clip(deliveryKey, 200) }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
    ...(modifiedTicks === undefined ? {} : { modifiedTicks }),
    ...(text === undefined ? {} : { title: clip(text, 300) }),
    ...(severity === 'unknown' ? {} : { severity }),
  };
}

/** The id itself or, if the body has only a bare name, an id built from the trigger's workspace. */
export function identify(incident: Json, workspaceInfo: unknown): IncidentId | undefined {
  const [id, name] = [textOf(incident.id), textOf(incident.name)];
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
