/** The activities that find the incidents of an alert, or store an alert that has none. */
import { createHash } from 'node:crypto';
import type { AlertLookup, AlertRef, AlertShape } from '../../domain/alert-lookup.js';
import { type ErrorInfo, isMissingPermission, ResponderError, toErrorInfo } from '../../domain/errors.js';
import { NO_INCIDENT_YET, type Result } from '../../orchestrator/index.js';
import type { ActivityHandlers } from '../activity-handlers.js';
import { IncidentInstances } from '../incident-instances.js';
import { acceptDelivery } from '../intake.js';
import { alertOfShape, notAnIncident } from '../refusals.js';
import { report } from '../rejected/report.js';
import { toResult } from '../result.js';
import { refuse } from '../tenants.js';
import { EVERY_CASE } from '../visible-cases.js';
import { AlertLookups } from './alert-lookups.js';
import { scopeOf } from './alert-scope.js';
import { findIncidentsOf } from './find-incidents.js';
import { type AlertRejection, keepAlert } from './keep-alert.js';

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
      const rejection = rejectionOf(lookup, error);
      const notice = await keepAlert(lookup, rejection, context);
      report([notice], context);
      return { code: rejection.code, body: notice.id };
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

function rejectionOf({ alert, shape }: AlertLookup, error: ErrorInfo): AlertRejection {
  if (error.code === NO_INCIDENT_YET) return withoutIncident(shape);
  // The settings may have changed since.
  const scope = scopeOf(alert);
  if ('refused' in scope) return refuse(scope.refused, alertOfShape(shape));
  const reason = `${notAnIncident(shape)}, and its incident could not be looked up (${error.code}).`;
  const next = isMissingPermission(error)
    ? `Grant the responder's identity: ${PERMISSION[alert.kind]}. Then submit the stored body again.`
    : 'Submit the stored body again once the service is available.';
  return { code: shape, reason, next };
}

const withoutIncident = (shape: AlertShape): AlertRejection => ({
  code: 'alert-without-incident',
  reason: `${notAnIncident(shape)}, and no incident had it within half an hour.`,
  next: 'Create an incident from the alert, or let its rule create incidents. Then submit the stored body again.',
});

const PERMISSION: Readonly<Record<AlertRef['kind'], string>> = {
  sentinel: 'Data.Read (Log Analytics API) and Log Analytics Reader on the workspace',
  defender: 'SecurityAlert.Read.All (Microsoft Graph)',
};
