import { ResponderError } from '../domain/errors.js';
import type { Incident } from '../domain/incident.js';
import { aliasesOf } from './aliases.js';
import { parseIncidentId } from './incident-id.js';
import { normaliseReading, workspaceOf } from './normalise.js';
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
  if (armId === undefined) {
    throw new ResponderError({
      code: 'bad-incident-id',
      message: 'Sentinel returned an incident whose id is not the ARM id of an incident.',
      fault: 'service',
      retry: 'no',
    });
  }
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
  return { ...reading, ...workspaceOf(armId, alerts, undefined) };
}
