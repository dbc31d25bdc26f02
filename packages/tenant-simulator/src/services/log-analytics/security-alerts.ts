/**
 * The table SecurityAlert, as far as a query for the alerts of an incident needs it: a row for each alert whose entities are
 * simulated. https://learn.microsoft.com/azure/azure-monitor/reference/tables/securityalert
 */
import type { SimulatedIncident } from '../../tenant.js';
import type { TenantDatabase } from '../../tenant-database.js';

const COLUMNS = [
  { name: 'SystemAlertId', type: 'string' },
  { name: 'TimeGenerated', type: 'datetime' },
  { name: 'AlertSeverity', type: 'string' },
  { name: 'Entities', type: 'string' },
];

export const isAboutAlerts = (constant: string, params: Readonly<Record<string, unknown>>): boolean =>
  /^\s*SecurityAlert\b/.test(constant) &&
  /\bset_has_element\(params\.alerts, tolower\(SystemAlertId\)\)/.test(constant) &&
  Array.isArray(params.alerts);

export function alertRows(db: TenantDatabase, alerts: unknown) {
  const wanted = new Set(Array.isArray(alerts) ? alerts : []);
  const rows = db.all('incidents').flatMap((incident) =>
    incident.alerts.flatMap(({ name, properties, names }) => {
      const { systemAlertId = name, timeGenerated, severity } = properties;
      if (names === undefined || !wanted.has(String(systemAlertId).toLowerCase())) return [];
      return [[systemAlertId, timeGenerated ?? null, severity ?? null, entitiesOf(incident, names)]];
    }),
  );
  return { name: 'PrimaryResult', columns: COLUMNS, rows };
}

/** The log writes entities as JSON, with names of its own for kinds and properties. */
function entitiesOf({ entities }: SimulatedIncident, names: readonly string[]): string {
  const named = entities.filter(({ name }) => names.includes(name));
  return JSON.stringify(
    named.map(({ kind, properties }, i) => {
      const { additionalData, accountName, ...rest } = properties;
      const said = { Name: accountName, ...rest, ...(additionalData as object | undefined) };
      const capital = Object.entries(said).map(([key, value]) => [key.replace(/^./, upper), value]);
      return { $id: String(i + 1), Type: kind.toLowerCase(), ...Object.fromEntries(capital) };
    }),
  );
}

const upper = (letter: string) => letter.toUpperCase();
