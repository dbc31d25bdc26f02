import { armId, path } from '../domain/builders/path.js';
import { ResponderError } from '../domain/errors.js';
import type { Incident } from '../domain/incident.js';
import { lowerCase } from '../domain/unicode-text.js';
import {
  alertListSchema,
  entityListSchema,
  incidentResourceSchema,
  normaliseIncident,
  parseIncidentId,
} from '../intake/index.js';
import { services } from './services.js';

const API_VERSION = '2025-09-01';

/**
 * Reads an incident with its alerts and entities from Sentinel, in parallel.
 * https://learn.microsoft.com/rest/api/securityinsights/incidents
 * @throws ResponderError from the connector, `bad-incident-id`, and `bad-answer` if Sentinel returns another incident.
 */
export async function readIncident(id: string): Promise<Incident> {
  const { clients, config } = services();
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
    fault: 'caller',
    retry: 'no',
  });
}

function otherIncident(): ResponderError {
  return new ResponderError({
    code: 'bad-answer',
    message: 'Sentinel returned a different incident from the requested one.',
    fault: 'service',
    retry: 'no',
  });
}
