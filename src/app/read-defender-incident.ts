/** Reads incidents of Microsoft Defender XDR through Microsoft Graph. */
import { type ApiPath, path } from '../domain/builders/path.js';
import { type ErrorInfo, ResponderError, toErrorInfo } from '../domain/errors.js';
import type { Incident } from '../domain/incident.js';
import type { DefenderOrigin } from '../domain/incident-origin.js';
import { lowerCase } from '../domain/unicode-text.js';
import {
  defenderAlertPageSchema,
  defenderIncidentSchema,
  normaliseDefenderIncident,
} from '../intake/index.js';
import type { IncidentRead } from './incident-read.js';
import { nextPlace } from './next-place.js';
import { requireTenant } from './tenants.js';

/** What reading needs: https://learn.microsoft.com/graph/api/security-incident-get */
const PERMISSION = 'SecurityIncident.Read.All (Microsoft Graph)';
/** Sentinel has at most 150 alerts in an incident; Defender states no limit. */
const MOST_PAGES = 50;

/**
 * Reads an incident with all its alerts, whose evidence are its entities. An incident that is over needs no alerts.
 * @throws ResponderError from the connector for the incident itself, and `bad-answer` if Graph returns another incident.
 */
export async function readDefenderIncident(origin: DefenderOrigin): Promise<IncidentRead> {
  const incident = await getIncident(path`/v1.0/security/incidents/${origin.id}?$expand=alerts`, origin);
  const { alerts: first, 'alerts@odata.nextLink': link, ...rest } = incident;
  const alerts = [...(first ?? [])];
  let error: ErrorInfo | undefined;
  try {
    for (let next = link, pages = 1; next; pages++) {
      if (pages >= MOST_PAGES) throw incomplete();
      const { graph } = requireTenant(origin).clients;
      const { body } = await graph.get(alertPage(origin, next), defenderAlertPageSchema);
      alerts.push(...body.value);
      next = body['@odata.nextLink'];
    }
  } catch (thrown) {
    if (!(thrown instanceof ResponderError)) throw thrown;
    error = toErrorInfo(thrown);
  }
  const read = normaliseDefenderIncident({ ...rest, alerts }, origin);
  return { incident: read, unread: error === undefined ? undefined : { part: 'alerts', error } };
}

/** Reads an incident without its alerts. @throws ResponderError as above. */
export async function readDefenderIncidentOnly(origin: DefenderOrigin): Promise<Incident> {
  const incident = await getIncident(path`/v1.0/security/incidents/${origin.id}`, origin);
  return normaliseDefenderIncident({ ...incident, alerts: [] }, origin);
}

async function getIncident(called: ApiPath, origin: DefenderOrigin) {
  const { graph } = requireTenant(origin).clients;
  const { tenantId, id } = origin;
  const { body } = await graph.get(called, defenderIncidentSchema).catch((thrown: unknown) => {
    throw withPermission(thrown);
  });
  const isOther = body.tenantId && lowerCase(body.tenantId) !== tenantId;
  if (String(body.id) !== id || isOther) throw otherIncident();
  return body;
}

/** Graph does not always name the permission that is missing. */
function withPermission(thrown: unknown): unknown {
  if (!(thrown instanceof ResponderError) || thrown.info.httpStatus !== 403) return thrown;
  const { info } = thrown;
  return new ResponderError({
    ...info,
    message: `${info.message} Reading it needs ${PERMISSION}.`,
    next: `Grant the responder's identity: ${PERMISSION}.`,
  });
}

function alertPage({ id }: DefenderOrigin, link: string): ApiPath {
  const place = nextPlace(link);
  if (place === undefined) throw incomplete();
  return path`/v1.0/security/incidents/${id}/alerts?${place.name}=${place.value}`;
}

function otherIncident(): ResponderError {
  return new ResponderError({
    code: 'bad-answer',
    message: 'Microsoft Graph returned a different incident from the requested one.',
    fault: 'service',
    retry: 'no',
  });
}

function incomplete(): ResponderError {
  return new ResponderError({
    code: 'bad-answer',
    message: 'Microsoft Graph returned a list of alerts whose end cannot be found.',
    fault: 'service',
    retry: 'later',
  });
}
