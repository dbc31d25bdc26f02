/** Finds the incident that another one was merged into, and gives its case what the case of the other one has done. */
import { createHash } from 'node:crypto';
import { type ErrorInfo, ResponderError, toErrorInfo } from '../domain/errors.js';
import type { HandedOver } from '../domain/handed-over.js';
import { keyOfOrigin } from '../domain/incident-origin.js';
import {
  type DefenderOrigin,
  defenderAliasOf,
  defenderOrigin,
  type IncidentDelivery,
  instanceIdOf,
} from '../intake/index.js';
import type { ActivityHandlers } from './activity-handlers.js';
import { IncidentInstances } from './incident-instances.js';
import { acceptDelivery } from './intake.js';
import { readDefenderIncident } from './read-defender-incident.js';
import { toResult } from './result.js';
import { startedOrigin } from './started-origin.js';
import { refusalOf, requireTenant, type Tenant, tenantOf, tenants } from './tenants.js';

/** A target may have been merged into another one itself. */
const LONGEST_CHAIN = 20;

export const handOverMergedActivity: Pick<ActivityHandlers, 'handOverMerged'> = {
  handOverMerged: ({ start, instanceId, aliases, mergedInto, submission, handedOver }, context) =>
    toResult(async () => {
      const tenant = requireTenant(startedOrigin(start, instanceId));
      const first = mergedInto ?? defenderAliasOf(aliases);
      const target = await targetOf(first, mergedInto !== undefined, tenant);
      const delivery = deliveryTo(target, instanceId, handedOver);
      const instances = new IncidentInstances(context);
      const { trigger, by } = submission;
      const options = { handedOver, ...(by === undefined ? {} : { submittedBy: by }) };
      const taken = await acceptDelivery(delivery, trigger, instances, options);
      if (taken.instanceId === instanceId) throw problem('merged-into-itself', CIRCLE);
      return { instanceId: taken.instanceId, key: taken.incidentKey };
    }),
};

/**
 * Follows the links of Defender to an incident that was not merged. Sentinel does not name the target: Graph does
 * (https://learn.microsoft.com/graph/api/resources/security-incident, `redirectIncidentId`).
 */
async function targetOf(
  first: string | undefined,
  isTarget: boolean,
  tenant: Tenant,
): Promise<DefenderOrigin> {
  const seen = new Set<string>();
  let key = first;
  while (seen.size < LONGEST_CHAIN) {
    const origin = ownOrigin(key);
    const at = keyOfOrigin(origin);
    if (seen.has(at)) break;
    seen.add(at);
    if (tenantOf(origin) !== tenant) throw ofOtherTenant(origin);
    const { incident } = await readTarget(origin);
    if (incident.status !== 'merged') {
      if (isTarget || seen.size > 1) return origin;
      throw problem('not-merged-yet', 'Defender does not show the merge yet.', 'later');
    }
    key = incident.mergedInto;
  }
  throw problem('merged-into-itself', CIRCLE);
}

/** Nothing is read under the id of another tenant: there is another incident with that id here. */
function ownOrigin(key: string | undefined): DefenderOrigin {
  const [, tenant, id] = /^xdr:([^/]+)\/(\d+)$/.exec(key ?? '') ?? [];
  const origin = defenderOrigin(tenant, id);
  if (origin === undefined)
    throw problem('target-unknown', 'Defender does not name the incident that it was merged into.');
  return origin;
}

const CIRCLE = 'The incidents were merged into each other, so none of them is the target.';

/** The target may appear minutes after the merge. */
async function readTarget(origin: DefenderOrigin): ReturnType<typeof readDefenderIncident> {
  try {
    return await readDefenderIncident(origin);
  } catch (error) {
    if (!(error instanceof ResponderError) || toErrorInfo(error).code !== 'not-found') throw error;
    throw new ResponderError({ ...toErrorInfo(error), retry: 'later' });
  }
}

function deliveryTo(
  origin: DefenderOrigin,
  from: string,
  handedOver: readonly HandedOver[],
): IncidentDelivery {
  const content = createHash('sha256').update(JSON.stringify(handedOver)).digest('hex');
  const key = keyOfOrigin(origin);
  return {
    kind: 'incident',
    shape: 'graph-incident',
    origin,
    key,
    instanceId: instanceIdOf(key),
    aliases: [],
    deliveryKey: `merged ${from} ${content}`,
  };
}

/** The same words whether or not the other tenant is configured here. */
function ofOtherTenant(origin: DefenderOrigin): ResponderError {
  const refusal = refusalOf(origin);
  if (tenants().length === 1 && refusal !== undefined) {
    const { code, reason, next } = refusal;
    return new ResponderError({ ...NOT_POSSIBLE, code, message: reason, next });
  }
  return problem('unknown-tenant', 'The incident that it was merged into belongs to another tenant.');
}

const NOT_POSSIBLE: Pick<ErrorInfo, 'fault' | 'retry'> = { fault: 'caller', retry: 'no' };

function problem(code: string, message: string, retry: ErrorInfo['retry'] = 'no'): ResponderError {
  return new ResponderError({ ...NOT_POSSIBLE, code, message, retry });
}
