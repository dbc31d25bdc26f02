/** Rows of the tables SecurityIncident and SecurityAlert, and the alert trigger of Logic Apps, whose body is such a row. */
import { aliasesOf, logKey } from '../aliases.js';
import type { IncidentId } from '../incident-id.js';
import type { Reading } from '../reading.js';
import { dynamic, incidentProperties, listIn } from '../shapes/kql-properties.js';
import { fieldOf, type Json, listOf, lowerOf, textOf } from '../text.js';
import { ticksOf } from '../time.js';
import type { Warning } from '../warnings.js';
import { type AlertResource, alertReading, relationOf } from './alert-reading.js';
import { logEntities } from './log-entities.js';

/** The latest of several rows: the tables only grow, by one row for each change. */
export function latest(rows: readonly Json[]): Json | undefined {
  const timeOf = (row: Json) => BigInt(ticksOf(row.LastModifiedTime) ?? ticksOf(row.TimeGenerated) ?? 0);
  return rows.reduce<Json | undefined>(
    (best, row) => (best === undefined || timeOf(row) > timeOf(best) ? row : best),
    undefined,
  );
}

/** @param alertRows the delivered rows of its alerts */
export function logIncidentReading(
  row: Json,
  armId: IncidentId | undefined,
  alertRows: readonly Json[],
): Reading | undefined {
  const name = lowerOf(row.IncidentName);
  if (name === undefined) return undefined;
  const properties = incidentProperties(row);
  const log = { workspaceId: row.TenantId, name };
  const alerts = alertRows.map(readLogAlert);
  return {
    source: 'log',
    armId,
    key: logKey(row.TenantId, name) ?? `laws:unknown/${name}`,
    aliases: aliasesOf(properties, log),
    properties,
    workspaceId: row.TenantId,
    alerts: alerts.length === 0 ? undefined : alerts.map(({ alert }) => alert),
    entities: alerts.length === 0 ? undefined : alerts.flatMap(({ entities }) => entities),
    namedBy: relationOf(alerts),
    warnings: alerts.flatMap(({ warnings }) => warnings),
  };
}

export function logAlertReading(row: Json): Reading {
  const { alert, entities, warnings } = readLogAlert(row);
  return alertReading({ source: 'log', alert, entities, warnings });
}

interface ReadAlert {
  readonly alert: AlertResource;
  readonly entities: readonly unknown[];
  readonly warnings: readonly Warning[];
}

/** https://learn.microsoft.com/azure/azure-monitor/reference/tables/securityalert */
export function readLogAlert(row: Json): ReadAlert {
  const of = (key: string) => fieldOf(row, key);
  const id = textOf(of('SystemAlertId'));
  const said = of('Entities');
  const list = dynamic(row, 'Entities');
  const path = `alerts/${id ?? 'unnamed'}/entities`;
  const broken =
    textOf(said) !== undefined && !Array.isArray(list) ? [{ path, code: 'unreadable-entities' }] : [];
  const { entities, warnings } = logEntities(listOf(list), id ?? 'unnamed');
  const properties = {
    systemAlertId: id,
    providerAlertId: of('VendorOriginalId') ?? of('ProviderAlertId'),
    alertDisplayName: of('DisplayName') ?? of('AlertName') ?? of('AlertDisplayName'),
    description: of('Description'),
    severity: of('AlertSeverity') ?? of('Severity'),
    status: of('Status'),
    productName: of('ProductName'),
    alertType: of('AlertType'),
    tactics: listIn(row, 'Tactics'),
    techniques: [...listIn(row, 'Techniques'), ...listIn(row, 'SubTechniques')],
    startTimeUtc: of('StartTime') ?? of('StartTimeUtc'),
    endTimeUtc: of('EndTime') ?? of('EndTimeUtc'),
    timeGenerated: of('TimeGenerated'),
    compromisedEntity: of('CompromisedEntity'),
    additionalData: dynamic(row, 'ExtendedProperties'),
  };
  return {
    alert: { name: id, kind: 'SecurityAlert', properties },
    entities,
    warnings: [...warnings, ...broken],
  };
}
