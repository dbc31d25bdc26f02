/** The retry of an incident whose end was not final. */
import type { HttpRequest } from '@azure/functions';
import * as df from 'durable-functions';
import type { z } from 'zod';
import { IncidentInstances } from '../incident-instances.js';
import { parseJson } from '../json-text.js';
import { json, type Problem, problem } from '../problem.js';
import { type RefusedRetry, type Retry, retryIncident } from '../retry-incident.js';
import { casesOf } from '../visible-cases.js';
import { readBody } from './body.js';
import { guardedForDecision } from './guard.js';
import { retryBodySchema } from './incident-schemas.js';
import { instanceIdIn } from './named-incident.js';
import { httpRoute } from './route.js';

const MAXIMUM_BYTES = 64 * 1024;

const REFUSED: Readonly<Record<RefusedRetry, Problem>> = {
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
  'unknown-step': {
    status: 404,
    code: 'unknown-step',
    detail: 'The last run of the incident has no such step.',
    next: 'GET /api/incidents/{instanceId} shows the steps; without steps, everything unfinished is tried again.',
  },
  'settled-step': {
    status: 409,
    code: 'settled-step',
    detail: 'The step is done, or approvers have decided against it; there is nothing to try again.',
    next: 'Name only steps that are unfinished.',
  },
};

export function registerRetryRoute(): void {
  httpRoute('retryIncident', {
    methods: ['POST'],
    route: 'api/incidents/{instanceId}/retry',
    authLevel: 'anonymous',
    extraInputs: [df.input.durableClient()],
    handler: guardedForDecision(async (request, context, by) => {
      const instanceId = instanceIdIn(request.params.instanceId);
      if (instanceId === undefined) return problem(REFUSED.unknown);
      const body = await readRetry(request);
      if ('status' in body) return problem(body);
      const result = await retryIncident(new IncidentInstances(context, casesOf(by)), instanceId, {
        by: { id: by.objectId, name: `${by.name} (${by.channel})` },
        steps: body.steps ?? [],
      });
      const refused = refusalOf(result);
      if (refused !== undefined) return problem(refused);
      context.log(`Incident ${instanceId}: ${by.objectId} requested a retry (${result}).`);
      return json({ status: result, instanceId }, 202);
    }),
  });
}

/** Why a retry is refused, on every channel; undefined if it is not. */
export function refusalOf(result: Retry): Problem | undefined {
  if (typeof result === 'string') return isRefused(result) ? REFUSED[result] : undefined;
  const { elsewhere } = result;
  return {
    status: 409,
    code: 'handled-elsewhere',
    detail: `Another case handles the incident: ${elsewhere}.`,
    next: `Look at ${elsewhere}, and try that one again.`,
  };
}

const isRefused = (result: string): result is RefusedRetry => result in REFUSED;

/** A call without a body, or with an empty one, is about everything that is unfinished. */
async function readRetry(request: HttpRequest): Promise<z.infer<typeof retryBodySchema> | Problem> {
  if (!request.headers.has('content-type')) return {};
  const body = await readBody(request, MAXIMUM_BYTES);
  if (!body.ok) return body.problem;
  const parsed = body.text.trim() === '' ? undefined : retryBodySchema.safeParse(parseJson(body.text));
  if (parsed === undefined || parsed.success) return parsed?.data ?? {};
  return {
    status: 422,
    code: 'not-a-retry',
    detail: 'The body is not a retry.',
    next: 'Send {"steps": ["<id of a step>"]}, or no body.',
    place: parsed.error.issues[0]?.path.join('.') ?? '',
  };
}
