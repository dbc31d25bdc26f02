/** Looks, right before something is decided, whether the incident is over. */
import { z } from 'zod';
import { armId, path } from '../domain/builders/path.js';
import { ResponderError, toErrorInfo } from '../domain/errors.js';
import type { IncidentOrigin } from '../domain/incident-origin.js';
import { lowerCase } from '../domain/unicode-text.js';
import { isDefenderIncidentOver } from './read-defender-incident.js';
import { requireTenant } from './tenants.js';

const API_VERSION = '2025-09-01';
const statusSchema = z.object({ properties: z.object({ status: z.string() }) });

/**
 * Whether the incident was closed meanwhile, or no longer exists. Undefined if its service is unavailable: an outage must not
 * prevent the containment of an attack.
 */
export async function endOf(origin: IncidentOrigin): Promise<'closed' | 'gone' | undefined> {
  try {
    return (await isOver(origin)) ? 'closed' : undefined;
  } catch (error) {
    if (!(error instanceof ResponderError)) throw error;
    return toErrorInfo(error).code === 'not-found' ? 'gone' : undefined;
  }
}

async function isOver(origin: IncidentOrigin): Promise<boolean> {
  if (origin.kind === 'defender') return isDefenderIncidentOver(origin);
  const called = path`${armId(origin.armId)}?api-version=${API_VERSION}`;
  const { body } = await requireTenant(origin).clients.arm.get(called, statusSchema);
  return lowerCase(body.properties.status) === 'closed';
}
