/** The HTTP API for decisions. If-Match binds a decision to the revision seen; Idempotency-Key makes it safe to repeat. */
import { createHash, randomUUID } from 'node:crypto';
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type { z } from 'zod';
import type { ApprovalRequest, DecisionKind, EvaluatedDecision } from '../../domain/approval.js';
import type { Admitted } from '../admission.js';
import { caseOfRequest } from '../cases.js';
import { decide, type PersonDecider } from '../decide.js';
import { IncidentInstances } from '../incident-instances.js';
import { parseJson } from '../json-text.js';
import { json, problem } from '../problem.js';
import { recordRefusedDecision } from '../record-refused-decision.js';
import { casesOf } from '../visible-cases.js';
import { decideBodySchema, extendBodySchema, type resultSchema, undoBodySchema } from './approval-schemas.js';
import { decisionsOf, etagOf, publicRequest } from './approval-view.js';
import { readBody } from './body.js';
import { guardedForDecision } from './guard.js';
import { refusalProblem, unknownRequest } from './refusals.js';
import { httpRoute } from './route.js';

const MAXIMUM_BYTES = 64 * 1024;

interface DecisionBody {
  readonly kind: DecisionKind;
  readonly steps: readonly string[];
  readonly reason?: string | undefined;
}

export function registerDecisionRoutes(): void {
  const post = <T>(
    name: string,
    route: string,
    schema: z.ZodType<T>,
    bodyOf: (body: T) => DecisionBody,
  ): void =>
    httpRoute(name, {
      methods: ['POST'],
      route: `api/approvals/{requestId}/${route}`,
      authLevel: 'anonymous',
      extraInputs: [df.input.durableClient()],
      handler: guardedForDecision(async (request, context, by) => {
        const body = await readBody(request, MAXIMUM_BYTES);
        if (!body.ok) return problem(body.problem);
        const parsed = schema.safeParse(parseJson(body.text));
        return parsed.success
          ? send(request, context, by, bodyOf(parsed.data))
          : notADecision(parsed.error.issues[0]);
      }),
    });
  post('decideApproval', 'decisions', decideBodySchema, (body) => body);
  post('extendApproval', 'extend', extendBodySchema, ({ reason }) => ({ kind: 'extend', steps: [], reason }));
  post('undoApproval', 'undo', undoBodySchema, (body) => ({ kind: 'undo', ...body }));
}

async function send(
  request: HttpRequest,
  context: InvocationContext,
  by: Admitted<PersonDecider>,
  content: DecisionBody,
): Promise<HttpResponseInit> {
  const { requestId = '' } = request.params;
  const instances = new IncidentInstances(context, casesOf(by));
  const found = await caseOfRequest(instances, requestId);
  if (found === undefined) return unknownRequest();
  const { file, request: approval } = found;

  const key = request.headers.get('idempotency-key');
  if (key !== null && !/^[\x21-\x7e]{1,200}$/.test(key)) return badKey();
  const evaluated = new Map(decisionsOf(file, requestId).map((one) => [one.decision.id, one]));
  const id = key === null ? randomUUID() : idOf(by.objectId, requestId, key, evaluated);
  const before = evaluated.get(id)?.decision;
  if (before === undefined) {
    const ifMatch = request.headers.get('if-match');
    if (ifMatch === null) return matchMissing(requestId);
    if (ifMatch.trim() !== etagOf(approval)) {
      await recordRefusedDecision(instances, { ...content, id, requestId, by }, STALE, context);
      return stale(approval);
    }
  }
  const { revision, planHash } = before ?? approval;
  const decided = await decide(
    instances,
    { ...content, steps: [...content.steps], id, requestId, revision, planHash },
    by,
    context,
  );
  if (decided.kind === 'unknown') return unknownRequest();
  if (decided.kind === 'reused') return keyReused(decided.message, decided.request);
  if (decided.kind === 'pending') {
    const message = 'The decision was submitted and is not evaluated yet.';
    return answer({ status: 'pending', decisionId: id, message }, 202, requestId);
  }
  const { outcome, request: after } = decided;
  if (!outcome.accepted) return refusalProblem(outcome, requestId);
  const { code, message } = outcome;
  const body = {
    status: 'accepted',
    decisionId: id,
    code,
    message,
    ...(after ? { request: publicRequest(after) } : {}),
  } as const;
  return answer(body, code === 'more-approvers-needed' ? 202 : 201, requestId, after);
}

function answer(
  body: z.infer<typeof resultSchema>,
  status: number,
  requestId: string,
  approval?: ApprovalRequest,
): HttpResponseInit {
  return json(body, status, {
    location: `/api/approvals/${requestId}`,
    ...(approval ? { etag: etagOf(approval) } : {}),
  });
}

/**
 * The id of a decision, from person, request and key: another person can use the same key for a different decision. A
 * decision that was refused because the directory was unavailable gets a new id when the caller sends it again with the
 * same key, so it is evaluated again.
 */
function idOf(
  personId: string,
  requestId: string,
  key: string,
  evaluated: ReadonlyMap<string, EvaluatedDecision>,
): string {
  for (let attempt = 0; ; attempt++) {
    const text = JSON.stringify([personId, requestId, key, ...(attempt > 0 ? [attempt] : [])]);
    const id = `key-${createHash('sha256').update(text).digest('hex').slice(0, 40)}`;
    if (evaluated.get(id)?.outcome.code !== 'membership-unknown') return id;
  }
}

function matchMissing(requestId: string): HttpResponseInit {
  const detail = 'The If-Match header with the revision of the request is missing.';
  return problem({ status: 428, code: 'if-match-required', detail, next: nextOf(requestId) });
}

const STALE = {
  code: 'stale-revision',
  message: 'The request has changed since it was read: another selection was proposed or approved.',
};

function stale(approval: ApprovalRequest): HttpResponseInit {
  const { code, message: detail } = STALE;
  return problem({ status: 412, code, detail, next: nextOf(approval.id) }, { etag: etagOf(approval) });
}

function nextOf(requestId: string): string {
  return `GET /api/approvals/${requestId} shows the request; send its ETag as If-Match.`;
}

function badKey(): HttpResponseInit {
  return problem({
    status: 400,
    code: 'bad-idempotency-key',
    detail: 'The Idempotency-Key is not 1 to 200 visible ASCII characters.',
    next: 'Send a UUID: a new one for each decision, the same one for its repetitions.',
  });
}

function keyReused(detail: string, approval: ApprovalRequest): HttpResponseInit {
  return problem(
    {
      status: 422,
      code: 'idempotency-key-reused',
      detail,
      next: `Send a new key with each decision. ${nextOf(approval.id)}`,
    },
    { etag: etagOf(approval) },
  );
}

function notADecision(
  issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined,
): HttpResponseInit {
  return problem({
    status: 400,
    code: 'bad-decision',
    detail: `The body is not valid: ${issue?.message ?? 'it is not JSON'}.`,
    next: 'See the schemas in docs/openapi.json.',
    place: issue?.path.join('.') ?? '',
  });
}
