/** Looks, right before something is decided, whether the incident is over. */
import { armId, path } from '../domain/builders/path.js';
import { ResponderError, toErrorInfo } from '../domain/errors.js';
import type { Incident } from '../domain/incident.js';
import type { OwnChanges } from '../domain/incident-change.js';
import type { IncidentOrigin } from '../domain/incident-origin.js';
import { withoutOwnChanges } from '../domain/own-changes.js';
import { incidentResourceSchema, normaliseIncident } from '../intake/index.js';
import { readDefenderIncidentOnly } from './read-defender-incident.js';
import { requireTenant } from './tenants.js';

const API_VERSION = '2025-09-01';

/** `into`: the key of the target, if the service names it. */
export type IncidentEnd =
  | { readonly because: 'closed' | 'gone' }
  | { readonly because: 'merged'; readonly into: string | undefined };

/**
 * Whether the incident was closed or merged meanwhile, or no longer exists. Undefined also if the responder has closed it itself, or if its service is unavailable: an outage
 * must not prevent the containment of an attack.
 */
export async function endOf(origin: IncidentOrigin, own: OwnChanges = []): Promise<IncidentEnd | undefined> {
  try {
    const { status, mergedInto } = withoutOwnChanges(await read(origin), own).incident;
    if (status === 'merged') return { because: status, into: mergedInto };
    return status === 'closed' ? { because: status } : undefined;
  } catch (error) {
    if (!(error instanceof ResponderError)) throw error;
    return toErrorInfo(error).code === 'not-found' ? { because: 'gone' } : undefined;
  }
}

async function read(origin: IncidentOrigin): Promise<Incident> {
  if (origin.kind === 'defender') return readDefenderIncidentOnly(origin);
  const called = path`${armId(origin.armId)}?api-version=${API_VERSION}`;
  const { body } = await requireTenant(origin).clients.arm.get(called, incidentResourceSchema);
  return normaliseIncident({ incident: body, alerts: [], entities: [] });
}
