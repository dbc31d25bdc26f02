import type { OwnChanges } from '../domain/incident-change.js';
import type { IncidentOrigin } from '../domain/incident-origin.js';
import { type Seen, withoutOwnChanges } from '../domain/own-changes.js';
import type { IncidentRead } from './incident-read.js';
import { readDefenderIncident } from './read-defender-incident.js';
import { readSentinelIncident } from './read-sentinel-incident.js';

/**
 * Reads an incident, with its alerts and entities, from the service that owns it, as if the responder had not changed it.
 * What is over needs no parts.
 * @throws ResponderError from the connector for the incident itself, `unknown-workspace`, `unknown-tenant`, `bad-incident-id`, and `bad-answer` if the service
 * returns another incident.
 */
export async function readIncident(
  origin: IncidentOrigin,
  own: OwnChanges = [],
): Promise<IncidentRead & Pick<Seen, 'ended'>> {
  const { incident: read, unread } = await (origin.kind === 'sentinel'
    ? readSentinelIncident(origin)
    : readDefenderIncident(origin));
  const { incident, ended } = withoutOwnChanges(read, own);
  const isOver = incident.status === 'closed' || incident.status === 'merged';
  return { incident, unread: isOver ? undefined : unread, ended };
}
