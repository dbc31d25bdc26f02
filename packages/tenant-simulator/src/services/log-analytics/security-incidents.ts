/**
 * The table SecurityIncident, as far as a query for the incidents with an alert needs it: the latest row of each simulated
 * incident. https://learn.microsoft.com/azure/azure-monitor/reference/tables/securityincident
 */
import type { SimulatedIncident } from '../../tenant.js';
import type { TenantDatabase } from '../../tenant-database.js';

const COLUMNS = [
  { name: 'IncidentName', type: 'string' },
  { name: 'AlertIds', type: 'dynamic' },
  { name: 'Status', type: 'string' },
  { name: 'Title', type: 'string' },
  { name: 'Severity', type: 'string' },
  { name: 'LastModifiedTime', type: 'datetime' },
  { name: 'ProviderName', type: 'string' },
  { name: 'ProviderIncidentId', type: 'string' },
  { name: 'AdditionalData', type: 'dynamic' },
];

export const isAboutAlert = (constant: string, params: Readonly<Record<string, unknown>>): boolean =>
  /^\s*SecurityIncident\b/.test(constant) &&
  /\bAlertIds has tostring\(params\.alert\)/.test(constant) &&
  typeof params.alert === 'string';

export function incidentsWithAlert(db: TenantDatabase, alert: unknown) {
  const rows = db
    .all('incidents')
    .filter((incident) => alertIdsOf(incident).some((id) => id.toLowerCase() === alert))
    .toSorted((a, b) => (a.properties.lastModifiedTimeUtc < b.properties.lastModifiedTimeUtc ? 1 : -1))
    .map((incident) => {
      const { name, properties } = incident;
      const { status, title, severity, lastModifiedTimeUtc, providerName, providerIncidentId } = properties;
      return [
        name,
        JSON.stringify(alertIdsOf(incident)),
        status,
        title,
        severity,
        lastModifiedTimeUtc,
        providerName ?? '',
        providerIncidentId ?? '',
        JSON.stringify(properties.additionalData),
      ];
    });
  return { name: 'PrimaryResult', columns: COLUMNS, rows };
}

function alertIdsOf({ alerts }: SimulatedIncident): string[] {
  return alerts.map(({ name, properties: { systemAlertId } }) =>
    typeof systemAlertId === 'string' ? systemAlertId : name,
  );
}
