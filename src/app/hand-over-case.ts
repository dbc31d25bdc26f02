/** Gives what a case has done to the case that takes over: of the incident it was merged into, or of its copy in another service. */
import { createHash } from 'node:crypto';
import { type ErrorInfo, ResponderError, toErrorInfo } from '../domain/errors.js';
import {
  type DefenderOrigin,
  defenderOriginOf,
  type IncidentOrigin,
  keyOfOrigin,
} from '../domain/incident-origin.js';
import { defenderAliasOf, type IncidentDelivery, instanceIdOf } from '../intake/index.js';
import type { ActivityInput } from '../orchestrator/index.js';
import type { ActivityHandlers } from './activity-handlers.js';
import { IncidentInstances } from './incident-instances.js';
import { acceptDelivery } from './intake.js';
import { readDefenderIncident } from './read-defender-incident.js';
import { THE_INCIDENT } from './refusals.js';
import { toResult } from './result.js';
import { startedOrigin } from './started-origin.js';
import { refusalOf, refuse, requireTenant, type Tenant, tenantOf, tenants } from './tenants.js';
import { EVERY_CASE } from './visible-cases.js';

/** A target may have been merged into another one itself. */
const LONGEST_CHAIN = 20;

export const handOverCaseActivity: Pick<ActivityHandlers, 'handOverCase'> = {
  handOverCase: ({ start, instanceId, to, submission, handedOver }, context) =>
    toResult(async () => {
      const own = startedOrigin(start, instanceId);
      const tenant = requireTenant(own);
      const content = createHash('sha256').update(JSON.stringify(handedOver)).digest('hex');
      const origin = to.because === 'merged' ? await targetOf(to, tenant) : ofTenant(to.owner.origin, tenant);
      const delivery = deliveryTo(origin, `${to.because} ${instanceId} ${content}`);
      const { trigger, by } = submission;
      const options = {
        handedOver,
        ...(by === undefined ? {} : { submittedBy: by }),
        ...(to.because === 'merged' ? {} : { alsoAs: own }),
      };
      const taken = await acceptDelivery(
        delivery,
        trigger,
        new IncidentInstances(context, EVERY_CASE),
        options,
      );
      if (taken.instanceId === instanceId) throw problem('merged-into-itself', CIRCLE);
      return { instanceId: taken.instanceId, key: taken.incidentKey };
    }),
};

type Merge = Extract<ActivityInput<'handOverCase'>['to'], { because: 'merged' }>;

/**
 * Follows the links of Defender to an incident that was not merged. Sentinel does not name the target: Graph does
 * (https://learn.microsoft.com/graph/api/resources/security-incident, `redirectIncidentId`).
 */
async function targetOf({ aliases, mergedInto }: Merge, tenant: Tenant): Promise<DefenderOrigin> {
  const seen = new Set<string>();
  let key = mergedInto ?? defenderAliasOf(aliases);
  while (seen.size < LONGEST_CHAIN) {
    const origin = ofTenant(ownOrigin(key), tenant);
    const at = keyOfOrigin(origin);
    if (seen.has(at)) break;
    seen.add(at);
    const { incident } = await readTarget(origin);
    if (incident.status !== 'merged') {
      if (mergedInto !== undefined || seen.size > 1) return origin;
      throw problem('not-merged-yet', 'Defender does not show the merge yet.', 'later');
    }
    key = incident.mergedInto;
  }
  throw problem('merged-into-itself', CIRCLE);
}

/** Nothing is read under the id of another tenant: there is another incident with that id here. */
function ownOrigin(key: string | undefined): DefenderOrigin {
  const origin = defenderOriginOf(key);
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

/** A delivery that no service has sent. @param event its id: repeated, it is a duplicate */
export function deliveryTo(origin: IncidentOrigin, event: string): IncidentDelivery {
  const key = keyOfOrigin(origin);
  const shape = origin.kind === 'sentinel' ? 'sentinel-rest' : 'graph-incident';
  const instanceId = instanceIdOf(key);
  return { kind: 'incident', shape, origin, key, instanceId, aliases: [], deliveryKey: event };
}

function ofTenant<O extends IncidentOrigin>(origin: O, tenant: Tenant): O {
  if (tenantOf(origin) !== tenant) throw ofOtherTenant(origin);
  return origin;
}

/** The same words whether or not the other tenant is configured here. */
function ofOtherTenant(origin: IncidentOrigin): ResponderError {
  const cause = refusalOf(origin);
  if (tenants().length === 1 && cause !== undefined) {
    const { code, reason, next } = refuse(cause, THE_INCIDENT);
    return new ResponderError({ ...NOT_POSSIBLE, code, message: reason, next });
  }
  return problem('unknown-tenant', 'The incident that would take over belongs to another tenant.');
}

const NOT_POSSIBLE: Pick<ErrorInfo, 'fault' | 'retry'> = { fault: 'caller', retry: 'no' };

function problem(code: string, message: string, retry: ErrorInfo['retry'] = 'no'): ResponderError {
  return new ResponderError({ ...NOT_POSSIBLE, code, message, retry });
}
