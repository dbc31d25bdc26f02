/** What an alert says about its incident, where the incident itself was not delivered. */
import type { IncidentSource } from '../../domain/incident.js';
import { alertKeyOf } from '../alerts.js';
import { alertStatusOf } from '../enums.js';
import type { Reading } from '../reading.js';
import { namedBy } from '../suspicion.js';
import { fieldOf, type Json, textOf } from '../text.js';
import { canonicalJson, fingerprint, type Warning } from '../warnings.js';

/** An alert in the form of Sentinel's REST API. */
export interface AlertResource {
  readonly name: string | undefined;
  readonly kind: 'SecurityAlert';
  readonly properties: Json;
}

const INCIDENT_STATUS = { new: 'New', inProgress: 'Active', resolved: 'Closed' };

interface ReadAlert {
  readonly source: IncidentSource;
  readonly alert: AlertResource;
  readonly entities: readonly unknown[] | undefined;
  /** The key of its incident, where the alert names it. */
  readonly incident?: string | undefined;
  readonly warnings?: readonly Warning[];
}

/** The relation of the alerts that were read to the entities that each of them names. */
export const relationOf = (alerts: readonly Pick<ReadAlert, 'alert' | 'entities'>[]) =>
  namedBy(alerts.map(({ alert, entities = [] }) => ({ key: alertKeyOf(alert), entities })));

/** An incident of which only one alert is known. Without an incident's id, its key is that of the alert. */
export function alertReading({ source, alert, entities, incident, warnings = [] }: ReadAlert): Reading {
  const of = (key: string) => fieldOf(alert.properties, key);
  const id =
    textOf(alert.name) ?? textOf(of('systemAlertId')) ?? fingerprint(canonicalJson(alert.properties));
  return {
    source,
    armId: undefined,
    key: incident ?? `alert:${id.toLowerCase()}`,
    aliases: [],
    properties: {
      title: of('alertDisplayName'),
      description: of('description'),
      severity: of('severity'),
      status: INCIDENT_STATUS[alertStatusOf(of('status')) ?? 'new'],
      firstActivityTimeUtc: of('startTimeUtc'),
      lastActivityTimeUtc: of('endTimeUtc'),
      createdTimeUtc: of('timeGenerated'),
      providerName: source === 'graph' || source === 'xdr' ? 'Microsoft XDR' : undefined,
      additionalData: { tactics: of('tactics'), techniques: of('techniques') },
    },
    alerts: [alert],
    entities,
    namedBy: relationOf([{ alert, entities }]),
    isPartial: true,
    warnings: incident === undefined ? [...warnings, { path: '', code: 'incident-unknown' }] : warnings,
  };
}
