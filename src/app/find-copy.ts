/** Finds where another service has the incident that its own service no longer returns. */
import { ResponderError, toErrorInfo } from '../domain/errors.js';
import { type IncidentOrigin, keyOfOrigin } from '../domain/incident-origin.js';
import { defenderAliasOf, instanceIdOf } from '../intake/index.js';
import type { ActivityHandlers } from './activity-handlers.js';
import type { IncidentRead } from './incident-read.js';
import { readIncident } from './read-incident.js';
import { toResult } from './result.js';
import { startedOrigin } from './started-origin.js';
import { requireTenant, tenantOf } from './tenants.js';

export const findCopyActivity: Pick<ActivityHandlers, 'findCopy'> = {
  /** A merged copy counts: its own case then hands over to the target. A closed one needs no handling. */
  findCopy: ({ start, instanceId, others }) =>
    toResult(async () => {
      const origin = startedOrigin(start, instanceId);
      const tenant = requireTenant(origin);
      for (const other of others.filter((one) => tenantOf(one) === tenant)) {
        const alias = await confirmedAlias(other, origin);
        if (alias === undefined) continue;
        const owner = { instanceId: instanceIdOf(keyOfOrigin(other)), origin: other };
        return { owner, aliases: [...new Set([instanceIdOf(alias), owner.instanceId])] };
      }
      throw new ResponderError({
        code: 'no-copy',
        message: 'No other service returns the incident as open.',
        fault: 'service',
        retry: 'no',
      });
    }),
};

/** The key by which Defender knows both. Undefined: the copy does not exist, is closed, or does not have that key any more. */
async function confirmedAlias(copy: IncidentOrigin, own: IncidentOrigin): Promise<string | undefined> {
  const read = await readUnlessGone(copy);
  if (read === undefined || read.incident.status === 'closed') return undefined;
  if (copy.kind === 'defender') return keyOfOrigin(copy);
  const alias = defenderAliasOf(read.incident.aliases ?? []);
  return own.kind === 'sentinel' || alias === keyOfOrigin(own) ? alias : undefined;
}

async function readUnlessGone(origin: IncidentOrigin): Promise<IncidentRead | undefined> {
  try {
    return await readIncident(origin);
  } catch (error) {
    if (error instanceof ResponderError && toErrorInfo(error).code === 'not-found') return undefined;
    throw error;
  }
}
