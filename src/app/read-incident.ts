import type { IncidentOrigin } from '../domain/incident-origin.js';
import type { IncidentRead } from './incident-read.js';
import { readDefenderIncident } from './read-defender-incident.js';
import { readSentinelIncident } from './read-sentinel-incident.js';

/**
 * Reads an incident, with its alerts and entities, from the service that owns it.
 * @throws ResponderError from the connector for the incident itself, `unknown-workspace`, `unknown-tenant`, `bad-incident-id`, and `bad-answer` if the service
 * returns another incident.
 */
export function readIncident(origin: IncidentOrigin): Promise<IncidentRead> {
  return origin.kind === 'sentinel' ? readSentinelIncident(origin) : readDefenderIncident(origin);
}
