/** The activities that find the incidents of an alert, or store an alert that has none. */
import { createHash } from 'node:crypto';
import type { AlertLookup, AlertRef } from '../../domain/alert-lookup.js';
import { type ErrorInfo, isMissingPermission, ResponderError, toErrorInfo } from '../../domain/errors.js';
import type { RejectedOwner } from '../../domain/rejected-body.js';
import type { RejectionCode } from '../../intake/index.js';
import { NO_INCIDENT_YET, type Result } from '../../orchestrator/index.js';
import type { ActivityHandlers } from '../activity-handlers.js';
import { IncidentInstances } from '../incident-instances.js';
import { acceptDelivery } from '../intake.js';
import { THE_ALERT } from '../refusals.js';
import { unpackContent } from '../rejected/content.js';
import { RejectedBodies } from '../rejected/rejected-bodies.js';
import { toResult } from '../result.js';
import { refuse, soleTenant } from '../tenants.js';
import { EVERY_CASE } from '../visible-cases.js';
import { AlertLookups } from './alert-lookups.js';
import { scopeOf } from './alert-scope.js';
import { findIncidentsOf } from './find-incidents.js';

export const alertActivities: Pick<ActivityHandlers, 'findIncidents' | 'rejectAlert'> = {
  findIncidents: ({ instanceId }, context) =>
    laterUnlessFinal(async () => {
      const { alert, trigger, by, content } = await new AlertLookups(context).read(instanceId);
      const instances = new IncidentInstances(context, EVERY_CASE);
      // The same content is the same event of its incident, except that each person who submits it counts.
      const version = createHash('sha256').update(content.data).digest('hex').slice(0, 40);
      const deliveryKey = `alert ${version} ${by?.id ?? ''}`;
      const incidents = [];
      for (const delivery of await findIncidentsOf(alert)) {
        const options = by === undefined ? {} : { submittedBy: by };
        const taken = await acceptDelivery({ ...delivery, deliveryKey }, trigger, instances, options);
        context.log(`Incident ${taken.instanceId}: ${taken.kind} by ${instanceId}.`);
        incidents.push({ instanceId: taken.instanceId, key: taken.incidentKey });
      }
      return { incidents };
    }),

  rejectAlert: ({ instanceId, error }, context) =>
    laterUnlessFinal(async () => {
      const lookup = await new AlertLookups(context).read(instanceId);
      const { trigger, messageId, by, content } = lookup;
      const rejection = rejectionOf(lookup, error);
      const { id } = await new RejectedBodies(context, EVERY_CASE).keep(await unpackContent(content), {
        ...rejection,
        path: '',
        trigger,
        ...(messageId === undefined ? {} : { messageId }),
        ...(by === undefined ? {} : { submittedBy: by }),
        ...ownerOf(lookup),
      });
      context.warn(`Stored as ${id}: an alert has no incident (${rejection.code}): ${rejection.reason}`);
      return { code: rejection.code, body: id };
    }),
};

/** Only services say that another attempt is in vain. The task hub may be unavailable, or have stored too much in this hour. */
function laterUnlessFinal<T>(work: () => Promise<T>): Promise<Result<T>> {
  return toResult(() =>
    work().catch((thrown: unknown) => {
      if (thrown instanceof ResponderError) throw thrown;
      const { message } = toErrorInfo(thrown);
      throw new ResponderError({ code: 'not-stored', message, fault: 'responder', retry: 'later' });
    }),
  );
}

/** With several tenants, the body is that of its submitter's tenant, or of the tenant in which the alert is looked up. */
function ownerOf({ alert, submitterTenant }: AlertLookup): { readonly owner?: RejectedOwner } {
  if (soleTenant() !== undefined) return {};
  const scope = scopeOf(alert);
  const tenantId = submitterTenant ?? ('refused' in scope ? undefined : scope.tenant.id);
  return tenantId === undefined ? {} : { owner: { tenantId } };
}

interface Rejection {
  readonly code: RejectionCode;
  readonly reason: string;
  readonly next: string;
}

function rejectionOf({ alert }: AlertLookup, error: ErrorInfo): Rejection {
  if (error.code === NO_INCIDENT_YET) return WITHOUT_INCIDENT;
  // The settings may have changed since.
  const scope = scopeOf(alert);
  if ('refused' in scope) return refuse(scope.refused, THE_ALERT);
  const reason = `The incident of the alert could not be looked up (${error.code}).`;
  const next = isMissingPermission(error)
    ? `Grant the responder's identity: ${PERMISSION[alert.kind]}. Then submit the stored body again.`
    : 'Submit the stored body again once the service is available.';
  return { code: 'alert-lookup-failed', reason, next };
}

const WITHOUT_INCIDENT: Rejection = {
  code: 'alert-without-incident',
  reason: 'No incident had this alert within half an hour.',
  next: 'Create an incident from the alert, or let its rule create incidents. Then submit the stored body again.',
};

const PERMISSION: Readonly<Record<AlertRef['kind'], string>> = {
  sentinel: 'Data.Read (Log Analytics API) and Log Analytics Reader on the workspace',
  defender: 'SecurityAlert.Read.All (Microsoft Graph)',
};
