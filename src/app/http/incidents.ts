/** The incidents API: submit an incident, list the handled incidents, show a case file. */
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { authenticate, type Caller, signInFor, tenantIdOf } from '../auth/index.js';
import { caseOfInstance } from '../cases.js';
import { ofTenant } from '../decide.js';
import { type Received, receiveBody } from '../deliveries.js';
import { ENDED, type Instance, RUNNING } from '../incident-instances.js';
import type { IntakeOptions } from '../intake.js';
import { logFailure } from '../log-failure.js';
import { json, type Problem, problem } from '../problem.js';
import { keepRejected } from '../rejected/keep-rejected.js';
import { readBody } from './body.js';
import { guarded, instancesFor } from './guard.js';
import { intakeAnswer } from './intake-answer.js';
import { instanceIdIn } from './named-incident.js';
import { BAD_CURSOR, cursorOfPlace, pageAnswer, placeOf } from './paging.js';
import { httpRoute } from './route.js';
import { allowOrigin, handshakeAnswer, isEventDelivery } from './webhook.js';

export function registerIncidentRoutes(): void {
  const extraInputs = [df.input.durableClient()];
  httpRoute('intakeFromHttp', {
    methods: ['POST'],
    route: 'api/incidents',
    authLevel: 'function',
    extraInputs,
    handler: takeIncident,
  });
  httpRoute('allowOrigin', {
    methods: ['OPTIONS'],
    route: 'api/incidents',
    authLevel: 'function',
    handler: allowOrigin,
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
 * The function key admits a call but does not identify the sender. If the call also has a bearer token, the token's owner
 * is recorded as the submitter. An invalid token is refused, not ignored.
 */
async function senderOf(request: HttpRequest): Promise<IntakeOptions | Problem> {
  if (!request.headers.has('authorization')) return {};
  const signIn = signInFor(request);
  // Without a configured sign-in, the header is for the platform or for a gateway.
  if ('status' in signIn) return {};
  const caller = await authenticate(request, signIn);
  if ('code' in caller) return caller;
  const { tenantId: submitterTenant } = ofTenant(tenantIdOf(caller));
  return { submittedBy: submitterOf(caller), ...(submitterTenant === undefined ? {} : { submitterTenant }) };
}

function submitterOf(caller: Caller): NonNullable<IntakeOptions['submittedBy']> {
  if (caller.kind === 'app') return { kind: 'program', id: caller.id, name: `program ${caller.id}` };
  const { id, name } = caller.person;
  return { kind: 'person', id, name };
}

async function takeIncident(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  const who = await senderOf(request);
  if ('status' in who) return problem(who);
  const body = await readBody(request);
  if (!body.ok) return problem(body.problem);
  const handshake = handshakeAnswer(body.text);
  if (handshake !== undefined) return handshake;
  let received: readonly [Received, ...Received[]];
  try {
    received = await receiveBody(body.content, 'http', context, who);
  } catch (error) {
    logFailure(context, 'Failed to start the handling of an incident', error);
    return problem({
      status: 503,
      code: 'start-failed',
      detail: 'The handling of the incident could not be started.',
      next: 'Send the incident again; the same incident is never handled twice.',
    });
  }
  const kept = await keepWhatWasRejected(body.content, received, who, context);
  return intakeAnswer(received, kept, isEventDelivery(request));
}

/** Undefined if it cannot be stored. That does not fail the call: the caller has the body, and receives the reason. */
async function keepWhatWasRejected(
  body: unknown,
  received: readonly Received[],
  who: IntakeOptions,
  context: InvocationContext,
): Promise<string[] | undefined> {
  const origin = { trigger: 'http', ...who } as const;
  try {
    return (await keepRejected(body, received, origin, context)).map(({ id }) => id);
  } catch (error) {
    logFailure(context, 'Failed to store a rejected body', error);
    return undefined;
  }
}

async function listIncidents(
  { query }: HttpRequest,
  context: InvocationContext,
  caller: Caller,
): Promise<HttpResponseInit> {
  const place = placeOf(query.get('cursor') ?? undefined);
  if (place === undefined) return problem(BAD_CURSOR);
  const { continuation: from } = place;
  const page = await instancesFor(caller, context).page({
    statuses: [...RUNNING, ...ENDED],
    continuation: from,
  });
  const incidents = page.instances.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1)).map(summary);
  const { continuation } = page;
  const next = continuation && `/api/incidents?cursor=${cursorOfPlace({ continuation, skip: 0 })}`;
  return pageAnswer({ incidents }, next);
}

async function showIncident(
  request: HttpRequest,
  context: InvocationContext,
  caller: Caller,
): Promise<HttpResponseInit> {
  const instanceId = instanceIdIn(request.params.instanceId);
  const instances = instancesFor(caller, context);
  const found = instanceId === undefined ? undefined : await caseOfInstance(instances, instanceId);
  if (found === undefined) return notFound();
  const { file, alarms, problem } = found;
  return json({ ...file, ...(alarms.length > 0 ? { alarms } : {}), ...(problem ? { problem } : {}) });
}

/** One list entry: the instance and its custom status. */
export function summary({ instanceId, runtimeStatus, createdAt, lastUpdatedAt, status }: Instance) {
  return { instanceId, runtimeStatus, createdAt, lastUpdatedAt, ...status };
}

function notFound(): HttpResponseInit {
  return problem({
    status: 404,
    code: 'unknown-incident',
    detail: 'There is no incident with this id.',
    next: 'GET /api/incidents lists the incidents.',
  });
}
