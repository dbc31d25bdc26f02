import type { Delivery, DeliveryShape } from '../delivery.js';
import { type IncidentId, instanceIdOf, parseIncidentId } from '../incident-id.js';
import { clip, fieldOf, type Json, textOf } from '../text.js';
import { utcTime } from '../time.js';
import { NEXT_INCIDENT, rejected } from './shape.js';

/** Identifies an incident in the form of the REST API. `place`: path of the incident in the body, with a dot at its end. */
export function deliveryOf(
  shape: DeliveryShape,
  incident: Json,
  trigger: Json | undefined,
  place: string,
): Delivery {
  const id = textOf(incident.id);
  const identity = identify(id, textOf(incident.name), trigger?.workspaceInfo);
  if (identity === undefined) {
    return id === undefined
      ? rejected('no-incident-id', 'The body has no incident id.', NEXT_INCIDENT, `${place}id`)
      : rejected(
          'bad-incident-id',
          'The incident id is not the ARM id of a Sentinel incident.',
          NEXT_INCIDENT,
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
    aliases: [],
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
