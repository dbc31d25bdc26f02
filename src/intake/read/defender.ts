/** Incidents and alerts of Defender XDR, in the forms of Microsoft Graph, of the retired APIs and of the streaming API. */
import { tenantOfLink, xdrKey } from '../aliases.js';
import { defenderStatus } from '../enums.js';
import { WITHOUT_TENANT } from '../incident-id.js';
import type { Reading } from '../reading.js';
import { dynamic, listIn } from '../shapes/kql-properties.js';
import { fieldOf, isObject, type Json, listOf, lowerOf, textOf } from '../text.js';
import { type AlertResource, alertReading, relationOf } from './alert-reading.js';
import { Collector } from './collector.js';
import { readEvidence } from './evidence.js';
import { readDevice, readFlatEntity } from './flat-entities.js';

/** The first of these fields that has a value, in any letter case. */
function first(value: Json, ...keys: string[]): unknown {
  for (const key of keys) {
    const field = fieldOf(value, key);
    if (textOf(field) !== undefined || Array.isArray(field)) return field;
  }
  return undefined;
}

interface Parts {
  readonly alert: AlertResource;
  readonly entities: readonly unknown[];
}

/** An incident of Microsoft Graph (`security/incidents`), or of the retired API, whose ids are numbers. */
export function defenderIncidentReading(incident: Json, source: 'graph' | 'xdr'): Reading | undefined {
  const id = textOf(first(incident, source === 'graph' ? 'id' : 'incidentId', 'incidentId', 'id'));
  if (id === undefined) return undefined;
  const link = first(incident, 'incidentWebUrl', 'incidentUri');
  const tenant = textOf(fieldOf(incident, 'tenantId')) ?? tenantOfLink(link);
  const keyOf = (one: unknown) => xdrKey(tenant, one) ?? `${WITHOUT_TENANT}${lowerOf(one)}`;
  const target = textOf(fieldOf(incident, 'redirectIncidentId'));
  const isRedirected = lowerOf(incident.status) === 'redirected' || target !== undefined;
  const list = fieldOf(incident, 'alerts');
  const alerts = listOf(list).flatMap((alert) => (isObject(alert) ? readAlert(alert) : []));
  return {
    source,
    armId: undefined,
    key: keyOf(id),
    aliases: [],
    properties: {
      title: first(incident, 'displayName', 'incidentName', 'title'),
      description: first(incident, 'description', 'summary'),
      severity: incident.severity,
      status: defenderStatus(incident.status),
      owner: { assignedTo: incident.assignedTo },
      labels: labelsOf(incident),
      classification: incident.classification,
      classificationReason: incident.determination,
      createdTimeUtc: first(incident, 'createdDateTime', 'createdTime'),
      lastModifiedTimeUtc: first(incident, 'lastUpdateDateTime', 'lastUpdateTime'),
      closedTimeUtc: first(incident, 'resolvedDateTime'),
      incidentUrl: link,
      incidentNumber: id,
      providerName: 'Microsoft XDR',
      providerIncidentId: id,
      additionalData: {
        tactics: each(alerts, 'tactics'),
        techniques: each(alerts, 'techniques'),
        commentsCount: Array.isArray(incident.comments) ? incident.comments.length : undefined,
      },
    },
    ...(isRedirected ? { mergedInto: xdrKey(tenant, target) ?? '' } : {}),
    alerts: list === undefined ? undefined : alerts.map(({ alert }) => alert),
    entities: list === undefined ? undefined : alerts.flatMap(({ entities }) => entities),
    namedBy: relationOf(alerts),
    warnings: tenant === undefined ? [{ path: 'tenantId', code: 'tenant-unknown' }] : [],
  };
}

export function defenderAlertReading(alert: Json, source: 'graph' | 'xdr'): Reading {
  const id = textOf(fieldOf(alert, 'incidentId'));
  const link = first(alert, 'incidentWebUrl', 'alertWebUrl');
  const tenant = first(alert, 'tenantId', 'aadTenantId') ?? tenantOfLink(link);
  const incident =
    id === undefined ? undefined : (xdrKey(tenant, id) ?? `${WITHOUT_TENANT}${id.toLowerCase()}`);
  return alertReading({ source, ...readAlert(alert), incident });
}

function labelsOf(incident: Json): Json[] {
  const label = (labelType: string) => (labelName: unknown) => ({ labelName, labelType });
  return [
    ...listOf(first(incident, 'customTags', 'tags')).map(label('User')),
    ...listOf(incident.systemTags).map(label('AutoAssigned')),
  ];
}

const each = (alerts: readonly Parts[], key: string): unknown[] => [
  ...new Set(alerts.flatMap(({ alert }) => listOf(fieldOf(alert.properties, key)))),
];

/** An alert in any of the forms; evidence of Graph has a type, and flat entities have a column for it. */
function readAlert(alert: Json): Parts {
  const id = textOf(first(alert, 'id', 'alertId'));
  const collector = new Collector(id ?? 'alert');
  for (const item of listOf(first(alert, 'evidence', 'entities'))) {
    if (!isObject(item)) continue;
    if (Object.hasOwn(item, '@odata.type')) readEvidence(item, collector);
    else readFlatEntity(item, collector);
  }
  for (const device of listOf(alert.devices)) readDevice(device, collector);
  readDevice({ machineId: alert.machineId, computerDnsName: alert.computerDnsName }, collector);
  collector.account(alert.relatedUser);
  const properties = {
    providerAlertId: first(alert, 'providerAlertId', 'id', 'alertId'),
    alertDisplayName: alert.title,
    description: alert.description,
    severity: alert.severity,
    status: alert.status,
    productName: first(alert, 'productName', 'serviceSource', 'detectionSource'),
    tactics: [alert.category],
    techniques: alert.mitreTechniques,
    startTimeUtc: first(alert, 'firstActivityDateTime', 'firstActivity', 'firstEventTime'),
    endTimeUtc: first(alert, 'lastActivityDateTime', 'lastActivity', 'lastEventTime'),
    timeGenerated: first(alert, 'createdDateTime', 'creationTime', 'alertCreationTime'),
  };
  return { alert: { name: id, kind: 'SecurityAlert', properties }, entities: collector.entities };
}

/** Records of the tables AlertInfo and AlertEvidence about one alert. */
export function streamingReading(records: readonly Json[]): Reading {
  const rows = records.map(rowOf);
  const [info = {}] = rows.filter((row) => textOf(row.Title) !== undefined);
  const id = rows.flatMap((row) => textOf(row.AlertId) ?? [])[0];
  const collector = new Collector(id ?? 'alert');
  for (const row of rows) {
    if (textOf(row.EntityType) === undefined) continue;
    const more = dynamic(row, 'AdditionalFields');
    readFlatEntity({ ...(isObject(more) ? more : {}), ...row }, collector);
  }
  const times = rows.flatMap((row) => textOf(row.Timestamp) ?? []).sort();
  const properties = {
    providerAlertId: id,
    alertDisplayName: info.Title,
    severity: info.Severity,
    productName: info.ServiceSource,
    tactics: [info.Category],
    techniques: listIn(info, 'AttackTechniques'),
    startTimeUtc: times[0],
    endTimeUtc: times.at(-1),
  };
  const alert = { name: id, kind: 'SecurityAlert', properties } as const;
  return alertReading({ source: 'streaming', alert, entities: collector.entities });
}

const rowOf = (record: Json): Json => (isObject(record.properties) ? record.properties : {});
