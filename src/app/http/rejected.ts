/** The API of rejected bodies: list, show, submit again, drop. Only authenticated analysts see or change them. */
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { isRejectedId, type RejectedBody } from '../../domain/rejected-body.js';
import { type Caller, tenantIdOf } from '../auth/index.js';
import { ENDED, RUNNING } from '../incident-instances.js';
import { json, type Problem, problem } from '../problem.js';
import { bytesOf } from '../rejected/content.js';
import { RejectedBodies } from '../rejected/rejected-bodies.js';
import { drop, resubmit } from '../rejected/resubmit.js';
import { casesOf } from '../visible-cases.js';
import { guarded, guardedForDecision } from './guard.js';
import { problemOf, resultOf } from './intake-answer.js';
import { BAD_CURSOR, cursorOfPlace, pageAnswer, placeOf } from './paging.js';
import type { RejectedBodyView } from './rejected-schemas.js';
import { httpRoute } from './route.js';

export function registerRejectedRoutes(): void {
  const common = { authLevel: 'anonymous' as const, extraInputs: [df.input.durableClient()] };
  httpRoute('listRejected', {
    ...common,
    methods: ['GET'],
    route: 'api/rejected',
    handler: guarded(listRejected),
  });
  httpRoute('showRejected', {
    ...common,
    methods: ['GET'],
    route: 'api/rejected/{rejectedId}',
    handler: guarded(async (request, context, caller) =>
      caller.kind === 'person'
        ? withBody(request, bodiesFor(caller, context), showRejected)
        : problem(PEOPLE_ONLY),
    ),
  });
  httpRoute('resubmitRejected', {
    ...common,
    methods: ['POST'],
    route: 'api/rejected/{rejectedId}/resubmit',
    handler: guardedForDecision((request, context, by) =>
      withBody(request, new RejectedBodies(context, casesOf(by)), async (id, body) => {
        const received = await resubmit(id, body, by, context);
        if (received === undefined) return wasDropped();
        const [first] = received;
        if (first.kind === 'rejected' && received.every(({ kind }) => kind === 'rejected')) {
          return problem({ ...problemOf(first), status: 422 });
        }
        return json({ id, results: received.map(resultOf) });
      }),
    ),
  });
  httpRoute('dropRejected', {
    ...common,
    methods: ['POST'],
    route: 'api/rejected/{rejectedId}/drop',
    handler: guardedForDecision((request, context, by) =>
      withBody(request, new RejectedBodies(context, casesOf(by)), async (id, { state }) => {
        if (state !== 'dropped') await drop(id, by, context);
        return json({ id, state: 'dropped' });
      }),
    ),
  });
}

function bodiesFor(caller: Caller, context: InvocationContext): RejectedBodies {
  return new RejectedBodies(context, casesOf({ tenantId: tenantIdOf(caller) }));
}

async function listRejected(
  { query }: HttpRequest,
  context: InvocationContext,
  caller: Caller,
): Promise<HttpResponseInit> {
  const place = placeOf(query.get('cursor') ?? undefined);
  if (place === undefined) return problem(BAD_CURSOR);
  const page = await bodiesFor(caller, context).page({
    statuses: [...RUNNING, ...ENDED],
    continuation: place.continuation,
  });
  const rejected = page.entries.toSorted((a, b) => (a.lastAt < b.lastAt ? 1 : -1));
  const { continuation } = page;
  const next = continuation && `/api/rejected?cursor=${cursorOfPlace({ continuation, skip: 0 })}`;
  return pageAnswer({ rejected }, next);
}

async function showRejected(id: string, body: RejectedBody): Promise<HttpResponseInit> {
  const { content, ...facts } = body;
  if (content === undefined) return json({ id, ...facts } satisfies RejectedBodyView);
  const { form } = content;
  const bytes = await bytesOf(content);
  const shown = form === 'bytes' ? { base64: bytes.toString('base64') } : { text: bytes.toString('utf8') };
  return json({ id, ...facts, content: { form, ...shown } } satisfies RejectedBodyView);
}

async function withBody(
  { params }: HttpRequest,
  bodies: RejectedBodies,
  then: (id: string, body: RejectedBody) => Promise<HttpResponseInit>,
): Promise<HttpResponseInit> {
  const { rejectedId: id } = params;
  const body = isRejectedId(id) ? await bodies.find(id) : undefined;
  if (!isRejectedId(id) || body === undefined) {
    return problem({
      status: 404,
      code: 'unknown-rejected',
      detail: 'There is no rejected body with this id.',
      next: 'GET /api/rejected lists the rejected bodies.',
    });
  }
  return then(id, body);
}

/** The content may be anything, including what was sent here by mistake. */
const PEOPLE_ONLY: Problem = {
  status: 403,
  code: 'people-only',
  detail: 'The content of rejected bodies is shown to people only.',
  next: 'Use the token of a user.',
};

function wasDropped(): HttpResponseInit {
  return problem({
    status: 410,
    code: 'dropped',
    detail: 'The content of this body was dropped.',
    next: 'Ask the sender to send it again.',
  });
}
