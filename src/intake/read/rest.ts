/** Incidents and alerts of Sentinel in the forms of the REST API and of Logic Apps. */
import { aliasesOf } from '../aliases.js';
import type { Reading } from '../reading.js';
import { identify } from '../shapes/incident.js';
import { fieldOf, isObject, type Json, listOf, textOf } from '../text.js';
import { alertReading } from './alert-reading.js';

/** @param trigger the body of the Logic Apps trigger around the incident */
export function restReading(incident: Json, trigger?: Json): Reading | undefined {
  const armId = identify(incident, trigger?.workspaceInfo);
  if (armId === undefined) return undefined;
  const properties = isObject(incident.properties) ? incident.properties : {};
  const workspaceId = textOf(trigger?.workspaceId);
  return {
    source: 'sentinel',
    armId,
    key: armId.key,
    aliases: aliasesOf(properties, { workspaceId, name: armId.name }),
    properties,
    etag: incident.etag,
    workspaceId,
    alerts: partOf(properties, 'alerts'),
    entities: partOf(properties, 'relatedEntities'),
    warnings: [],
  };
}

/** Null is an empty list; without the key, the list is unknown. */
function partOf(properties: Json, key: string): readonly unknown[] | undefined {
  const value = fieldOf(properties, key);
  return value === undefined ? undefined : listOf(value);
}

export function restAlertReading(alert: Json): Reading {
  const properties = isObject(alert.properties) ? alert.properties : {};
  return alertReading({
    source: 'sentinel',
    alert: { name: textOf(alert.name), kind: 'SecurityAlert', properties },
    entities: undefined,
  });
}
