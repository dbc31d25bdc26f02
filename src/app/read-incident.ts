import { armId, path } from '../domain/builders/path.js';
import { ResponderError } from '../domain/errors.js';
import type { Incident } from '../domain/incident.js';
import { lowerCase } from '../domain/letters.js';
import {
  alertListSchema,
  entityListSchema,
  incidentResourceSchema,
  normaliseIncident,
  parseIncidentId,
} from '../intake/index.js';
import { composition } from './composition.js';

const API_VERSION = '2025-09-01';

/**
 * Reads an incident with its alerts and entities from Sentinel, all at once.
 * https://learn.microsoft.com/rest/api/securityinsights/incidents
 * @throws ResponderError as the connector does, `bad-incident-id`, and `bad-answer` for another incident than asked for.
 */
export async function readIncident(id: string): Promise<Incident> {
  const { clients, config } = composition();
  if (parseIncidentId(id) === undefined) throw badId();
  const incident = armId(id);
  const [resource, alerts, entities] = await Promise.all([
    clients.arm.get(path`${incident}?api-version=${API_VERSION}`, incidentResourceSchema),
    clients.arm.postRead(path`${incident}/alerts?api-version=${API_VERSION}`, {}, alertListSchema),
    clients.arm.postRead(path`${incident}/entities?api-version=${API_VERSION}`, {}, entityListSchema),
  ]);
  const etag = resource.body.etag ?? resource.etag;
  const read = normaliseIncident({
    incident: etag === undefined ? resource.body : { ...resource.body, etag },
    alerts: alerts.body.value,
    entities: entities.body.entities,
  });
  if (read.key !== lowerCase(id)) throw otherIncident();
  if (read.workspace.customerId !== undefined || config.workspaceId === undefined) return read;
  return { ...read, workspace: { ...read.workspace, customerId: config.workspaceId } };
}

function badId(): ResponderError {
  return new ResponderError({
    code: 'bad-incident-id',
    message: 'The id is not the ARM id of a Sentinel incident.',
    blame: 'caller',
    retry: 'no',
  });
}

function otherIncident(): ResponderError {
  return new ResponderError({
    code: 'bad-answer',
    message: 'Sentinel answered with another incident than the one that was asked for.',
    blame: 'service',
    retry: 'no',
  });
}
