import { armId, path } from '../domain/builders/path.js';
import { type ErrorInfo, ResponderError, toErrorInfo } from '../domain/errors.js';
import type { Incident } from '../domain/incident.js';
import type { IncidentOrigin } from '../domain/incident-origin.js';
import { lowerCase } from '../domain/unicode-text.js';
import {
  alertListSchema,
  entityListSchema,
  incidentResourceSchema,
  normaliseIncident,
  parseIncidentId,
} from '../intake/index.js';
import type { IncidentRead } from './incident-read.js';
import { requireTenant, type Tenant, workspaceOf } from './tenants.js';

const API_VERSION = '2025-09-01';

/**
 * Reads an incident with its alerts and entities from Sentinel, in parallel. A closed incident needs no parts.
 * https://learn.microsoft.com/rest/api/securityinsights/incidents
 * @throws ResponderError from the connector for the incident itself, `bad-incident-id`, and `bad-answer` if Sentinel
 * returns another incident.
 */
export async function readSentinelIncident(
  origin: Extract<IncidentOrigin, { kind: 'sentinel' }>,
): Promise<IncidentRead> {
  const { armId: id } = origin;
  if (parseIncidentId(id) === undefined) throw badId();
  const tenant = requireTenant(origin);
  const { clients } = tenant;
  const incident = armId(id);
  const [resource, alerts, entities] = await Promise.all([
    clients.arm.get(path`${incident}?api-version=${API_VERSION}`, incidentResourceSchema),
    part(clients.arm.postRead(path`${incident}/alerts?api-version=${API_VERSION}`, {}, alertListSchema)),
    part(clients.arm.postRead(path`${incident}/entities?api-version=${API_VERSION}`, {}, entityListSchema)),
  ]);
  const etag = resource.body.etag ?? resource.etag;
  const read = normaliseIncident({
    incident: etag === undefined ? resource.body : { ...resource.body, etag },
    alerts: alerts.ok ? alerts.value.body.value : [],
    entities: entities.ok ? entities.value.body.entities : [],
  });
  if (read.key !== lowerCase(id)) throw otherIncident();
  return { incident: withCustomerId(read, tenant), unread: unreadPart(alerts, entities) };
}

/** The customer id of the workspace, from the settings if the alerts do not name it. */
function withCustomerId(incident: Incident, tenant: Tenant): Incident {
  const { origin } = incident;
  if (origin.kind !== 'sentinel' || origin.workspace.customerId !== undefined) return incident;
  const customerId = workspaceOf(tenant, incident.key)?.customerId;
  if (customerId === undefined) return incident;
  return { ...incident, origin: { ...origin, workspace: { ...origin.workspace, customerId } } };
}

type Part<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ErrorInfo };

/** An incident that is known in part can be shown, so a failed part is a value. */
async function part<T>(call: Promise<T>): Promise<Part<T>> {
  try {
    return { ok: true, value: await call };
  } catch (thrown) {
    if (!(thrown instanceof ResponderError)) throw thrown;
    return { ok: false, error: toErrorInfo(thrown) };
  }
}

function unreadPart(alerts: Part<unknown>, entities: Part<unknown>): IncidentRead['unread'] {
  if (!entities.ok) return { part: 'entities', error: entities.error };
  return alerts.ok ? undefined : { part: 'alerts', error: alerts.error };
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
