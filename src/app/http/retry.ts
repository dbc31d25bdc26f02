/** The retry of an incident whose end was not final. */
import * as df from 'durable-functions';
import { IncidentInstances, isInstanceId } from '../incident-instances.js';
import { json, type Problem, problem } from '../problem.js';
import { type Retry, retryIncident } from '../retry-incident.js';
import { guardedForDecision } from './guard.js';
import { httpRoute } from './route.js';

const REFUSED: Readonly<Record<'unknown' | 'busy' | 'final', Problem>> = {
  unknown: {
    status: 404,
    code: 'unknown-incident',
    detail: 'There is no incident with this id.',
    next: 'GET /api/incidents lists the incidents.',
  },
  busy: {
    status: 409,
    code: 'still-running',
    detail: 'The incident is still being handled.',
    next: 'Wait until its run has ended.',
  },
  final: {
    status: 409,
    code: 'end-is-final',
    detail: 'The run of the incident has reached its end; there is nothing to try again.',
    next: 'A later change of the incident begins a new run.',
  },
};

export function registerRetryRoute(): void {
  httpRoute('retryIncident', {
    methods: ['POST'],
    route: 'api/incidents/{instanceId}/retry',
    authLevel: 'anonymous',
    extraInputs: [df.input.durableClient()],
    handler: guardedForDecision(async ({ params: { instanceId } }, context, by) => {
      if (!isInstanceId(instanceId)) return problem(REFUSED.unknown);
      const instances = new IncidentInstances(context);
      const name = `${by.name} (${by.channel})`;
      const result = await retryIncident(instances, instanceId, { id: by.objectId, name });
      if (isRefused(result)) return problem(REFUSED[result]);
      context.log(`Incident ${instanceId}: ${by.objectId} requested a retry (${result}).`);
      return json({ status: result, instanceId }, 202);
    }),
  });
}

const isRefused = (result: Retry): result is keyof typeof REFUSED => result in REFUSED;
