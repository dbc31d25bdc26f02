/** Incidents over HTTP: hand one in, list those that are handled, show a case file. */
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type { RejectionCode } from '../../intake/index.js';
import { caseOfInstance } from '../cases.js';
import { ENDED, type Instance, Instances, isInstanceId, RUNNING } from '../durable-client.js';
import { acceptDelivery, type IntakeOptions } from '../intake.js';
import { logFailure } from '../log-failure.js';
import { json, type Problem, problem } from '../problem.js';
import { callerOf, signInFor } from '../sign-in/index.js';
import { readBody } from './body.js';
import { guarded } from './guard.js';
import { cursorOfPlace, pageAnswer, placeOf } from './paging.js';
import { httpRoute } from './route.js';

const STATUS: Partial<Record<RejectionCode, number>> = { 'too-large': 413, 'malformed-json': 400 };

export function registerIncidentRoutes(): void {
  const extraInputs = [df.input.durableClient()];
  httpRoute('intakeFromHttp', {
    methods: ['POST'],
    route: 'api/incidents',
    authLevel: 'function',
    extraInputs,
    handler: takeIncident,
  });
  httpRoute('listIncidents', {
    methods: ['GET'],
    route: 'api/incidents',
    authLevel: 'anonymous',
    extraInputs,
    handler: guarded(listIncidents),
  });
  httpRoute('showIncident', {
    methods: ['GET'],
    route: 'api/incidents/{instanceId}',
    authLevel: 'anonymous',
    extraInputs,
    handler: guarded(showIncident),
  });
}

/**
 * The function key lets a call in, and says nothing of who sent it. Whoever signs the call as well is kept as the one who
 * had the incident handled; a wrong token is refused, not ignored.
 */
async function senderOf(request: HttpRequest): Promise<IntakeOptions | Problem> {
  if (!request.headers.has('authorization')) return {};
  const signIn = signInFor(request);
  // Where nobody can sign in, the header is somebody else's: the platform's, or a gateway's.
  if ('status' in signIn) return {};
  const caller = await callerOf(request, signIn);
  if (caller.kind === 'person') return { handedInBy: { kind: 'person', ...caller.person } };
  if (caller.kind === 'app') {
    return { handedInBy: { kind: 'program', id: caller.id, name: `program ${caller.id}` } };
  }
  return caller;
}

async function takeIncident(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  const who = await senderOf(request);
  if ('status' in who) return problem(who);
  const body = await readBody(request);
  if (!body.ok) return problem(body.problem);
  let intake: Awaited<ReturnType<typeof acceptDelivery>>;
  try {
    intake = await acceptDelivery(body.text, 'http', new Instances(context), who);
  } catch (error) {
    logFailure(context, 'An incident could not be started', error);
    return problem({
      status: 503,
      code: 'start-failed',
      detail: 'The incident could not be started just now.',
      next: 'Send it again: the same incident is never handled twice.',
    });
  }
  if (intake.kind === 'rejected') {
    const { code, reason, next, path } = intake;
    return problem({ status: STATUS[code] ?? 422, code, detail: reason, next, place: path });
  }
  const { kind, instanceId, incidentKey } = intake;
  return json({ status: kind, instanceId, incidentKey }, kind === 'accepted' ? 202 : 200);
}

async function listIncidents({ query }: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  const place = placeOf(query.get('cursor') ?? undefined);
  if (place === undefined) return problem(BAD_CURSOR);
  const { continuation: from } = place;
  const page = await new Instances(context).page({ statuses: [...RUNNING, ...ENDED], continuation: from });
  const incidents = page.instances.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1)).map(summary);
  const { continuation } = page;
  const next = continuation && `/api/incidents?cursor=${cursorOfPlace({ continuation, skip: 0 })}`;
  return pageAnswer({ incidents }, next);
}

const BAD_CURSOR: Problem = {
  status: 400,
  code: 'bad-query',
  detail: 'The cursor is not one of ours.',
  next: 'Take the path in `next` of the page before as it is.',
  place: 'cursor',
};

async function showIncident(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  const { instanceId } = request.params;
  const instances = new Instances(context);
  const found = isInstanceId(instanceId) ? await caseOfInstance(instances, instanceId) : undefined;
  if (found === undefined) return notFound();
  const { file, alarms, trouble } = found;
  return json({ ...file, ...(alarms.length > 0 ? { alarms } : {}), ...(trouble ? { trouble } : {}) });
}

/** One entry of a list: the instance and what its custom status says. */
export function summary({ instanceId, runtimeStatus, createdAt, lastUpdatedAt, status }: Instance) {
  return { instanceId, runtimeStatus, createdAt, lastUpdatedAt, ...status };
}

function notFound(): HttpResponseInit {
  return problem({
    status: 404,
    code: 'unknown-incident',
    detail: 'No incident is handled under this id.',
    next: 'GET /api/incidents lists those that are.',
  });
}
