/** The incident that the app handles, from what the service that owns it returned. */
import { ResponderError } from '../domain/errors.js';
import type { Incident, NormalisedIncident, ReadOrigin } from '../domain/incident.js';
import type { DefenderOrigin } from '../domain/incident-origin.js';
import { aliasesOf } from './aliases.js';
import { parseIncidentId } from './incident-id.js';
import { normaliseReading, workspaceOf } from './normalise.js';
import { defenderIncidentReading } from './read/defender.js';
import type { IncidentResource } from './wire.js';

export interface IncidentParts {
  readonly incident: IncidentResource;
  /** `value` of the alerts response. */
  readonly alerts: readonly unknown[];
  /** `entities` of the entities response. */
  readonly entities: readonly unknown[];
}

/**
 * Normalises an incident from the responses of Sentinel's REST API. Invalid values become warnings, unknown enum values
 * become `unknown`; only an invalid id is an error.
 * @throws ResponderError `bad-incident-id` if the id is not the ARM id of an incident.
 */
export function normaliseIncident({ incident, alerts, entities }: IncidentParts): Incident {
  const armId = parseIncidentId(incident.id);
  if (armId === undefined) throw badId('Sentinel returned an incident whose id is not the ARM id of one.');
  const { properties, etag } = incident;
  const reading = normaliseReading({
    source: 'sentinel',
    armId,
    key: armId.key,
    aliases: aliasesOf(properties, { workspaceId: undefined, name: armId.name }),
    properties,
    etag,
    alerts,
    entities,
    warnings: [],
  });
  return withOrigin(reading, { kind: 'sentinel', ...workspaceOf(armId, alerts, undefined) });
}

/**
 * Normalises an incident of Microsoft Graph with its alerts, whose evidence are the entities.
 * @throws ResponderError `bad-incident-id` if the answer has no id.
 */
export function normaliseDefenderIncident(
  incident: Readonly<Record<string, unknown>>,
  { tenantId, id }: DefenderOrigin,
): Incident {
  const reading = defenderIncidentReading({ ...incident, tenantId }, 'graph');
  if (reading === undefined) throw badId('Microsoft Graph returned an incident without an id.');
  return withOrigin(normaliseReading(reading), { kind: 'defender', tenantId, id });
}

function withOrigin(
  { armId: _armId, workspace: _workspace, ...incident }: NormalisedIncident,
  origin: ReadOrigin,
): Incident {
  return { ...incident, origin };
}

function badId(message: string): ResponderError {
  return new ResponderError({ code: 'bad-incident-id', message, fault: 'service', retry: 'no' });
}
