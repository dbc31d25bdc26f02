/** The OpenAPI description of the HTTP API, made from the schemas that the routes check and answer with. */
import { z } from 'zod';
import { deciderSchema } from '../../domain/approval.js';
import { effectSchema } from '../../domain/case-file.js';
import { findingSchema } from '../../domain/finding.js';
import { decisionRecordSchema, planSchema, planStepSchema } from '../../domain/plan.js';
import {
  approvalSchema,
  auditSchema,
  decideBodySchema,
  extendBodySchema,
  problemSchema,
  publicDecisionSchema,
  publicRequestSchema,
  queueSchema,
  resultSchema,
  undoBodySchema,
} from './approval-schemas.js';
import { caseSchema, incidentListSchema, intakeResultSchema } from './incident-schemas.js';

interface Operation {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly parameters?: readonly object[];
  readonly body?: string;
  /** Answers that are no problem, by status: name of the schema and what it means. */
  readonly good: Readonly<Record<number, readonly [schema: string, meaning: string, ...headers: string[]]>>;
  readonly problems: readonly number[];
}

const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  Queue: queueSchema,
  Approval: approvalSchema,
  Audit: auditSchema,
  Decision: decideBodySchema,
  Extension: extendBodySchema,
  Undo: undoBodySchema,
  Result: resultSchema,
  IncidentList: incidentListSchema,
  CaseFile: caseSchema,
  IntakeResult: intakeResultSchema,
  Problem: problemSchema,
  Health: z.object({ status: z.literal('ok') }),
  Request: publicRequestSchema,
  JudgedDecision: publicDecisionSchema,
  Decider: deciderSchema,
  Plan: planSchema,
  PlanStep: planStepSchema,
  DecisionRecord: decisionRecordSchema,
  Effect: effectSchema,
  Finding: findingSchema,
};

const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'The call is not understood.',
  401: 'Nobody is signed in, or the token is refused.',
  403: 'Signed in, and not allowed: not an approver, part of the incident, a guest, a program, another site.',
  404: 'Nothing is known under this id.',
  409: 'The request is in a state in which this decision does not count.',
  410: 'It is too late: expired, superseded, or the incident is no longer handled.',
  412: 'The request changed since it was looked at.',
  411: 'The body came in chunks: the Functions host hands such bodies over empty.',
  413: 'The body is too large.',
  415: 'The body is not JSON.',
  422: 'Understood, and cannot be used as it is.',
  428: 'If-Match is missing.',
  429: 'More decisions in a minute than a person makes.',
  501: 'Nobody can sign in to this process; the answer says what to configure.',
  503: 'A service that must be asked does not answer just now: nothing was changed.',
};

const REQUEST_ID = parameter('requestId', 'path', 'Id of a request, as in the list.', { type: 'string' });
const INSTANCE_ID = parameter('instanceId', 'path', 'Id of an incident’s handling.', {
  type: 'string',
  pattern: '^incident-[0-9a-f]{40}$',
});
const DECIDING = [
  REQUEST_ID,
  parameter('If-Match', 'header', 'The ETag of the request as it was looked at.', { type: 'string' }),
  parameter('Idempotency-Key', 'header', 'New for each decision, the same for its repetitions.', {
    type: 'string',
    pattern: '^[\\x21-\\x7e]{1,200}$',
  }),
];
const READING = [401, 403, 501, 503];
const DECIDED = {
  201: ['Result', 'It counts.', 'ETag', 'Location'],
  202: ['Result', 'It counts and more approvers are needed, or it is not judged yet.', 'Location'],
} as const;
const REFUSED = [400, 401, 403, 404, 409, 410, 411, 412, 413, 415, 422, 428, 429, 501, 503];

const OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: '/api/health',
    id: 'health',
    summary: 'Whether the app is set up: while it is not, every other call is answered 503, too.',
    good: { 200: ['Health', 'It is.'] },
    problems: [503],
  },
  {
    method: 'get',
    path: '/api/approvals',
    id: 'listApprovals',
    summary: 'Requests, the one that expires first at the top.',
    parameters: [
      parameter('state', 'query', 'Those that wait, or those that no longer do.', {
        enum: ['waiting', 'decided'],
        default: 'waiting',
      }),
      parameter('limit', 'query', 'Entries on a page.', {
        type: 'integer',
        minimum: 1,
        maximum: 200,
        default: 50,
      }),
      parameter('cursor', 'query', 'Of the page before; `next` has it.', { type: 'string' }),
    ],
    good: { 200: ['Queue', 'A page of the queue.', 'Link'] },
    problems: [400, ...READING],
  },
  {
    method: 'get',
    path: '/api/approvals/{requestId}',
    id: 'showApproval',
    summary: 'One request: what it asks for, why, and what became of it.',
    parameters: [REQUEST_ID],
    good: { 200: ['Approval', 'The request.', 'ETag'] },
    problems: [...READING, 404, 409],
  },
  {
    method: 'get',
    path: '/api/approvals/{requestId}/audit',
    id: 'auditApproval',
    summary: 'Everything that was said and done about a request, in order; only ever added to.',
    parameters: [REQUEST_ID],
    good: { 200: ['Audit', 'The audit.'] },
    problems: [...READING, 404],
  },
  {
    method: 'post',
    path: '/api/approvals/{requestId}/decisions',
    id: 'decideApproval',
    summary: 'Approves steps, or rejects all.',
    parameters: DECIDING,
    body: 'Decision',
    good: DECIDED,
    problems: REFUSED,
  },
  {
    method: 'post',
    path: '/api/approvals/{requestId}/extend',
    id: 'extendApproval',
    summary: 'Asks for more time.',
    parameters: DECIDING,
    body: 'Extension',
    good: DECIDED,
    problems: REFUSED,
  },
  {
    method: 'post',
    path: '/api/approvals/{requestId}/undo',
    id: 'undoApproval',
    summary: 'Undoes what was carried out; a request of its own, whose id ends in `.undo`, is about that.',
    parameters: DECIDING,
    body: 'Undo',
    good: DECIDED,
    problems: REFUSED,
  },
  {
    method: 'get',
    path: '/api/incidents',
    id: 'listIncidents',
    summary: 'Incidents that are or were handled, by pages; on a page the newest first.',
    parameters: [parameter('cursor', 'query', 'Of the page before; `next` has it.', { type: 'string' })],
    good: { 200: ['IncidentList', 'A page of incidents.', 'Link'] },
    problems: [400, ...READING],
  },
  {
    method: 'get',
    path: '/api/incidents/{instanceId}',
    id: 'showIncident',
    summary: 'The case file of an incident.',
    parameters: [INSTANCE_ID],
    good: { 200: ['CaseFile', 'The case file.'] },
    problems: [...READING, 404],
  },
  {
    method: 'post',
    path: '/api/incidents',
    id: 'intakeFromHttp',
    summary:
      'Hands in an incident, in the form of the Logic Apps trigger or of the REST API. Needs a function key. A person who signs the call, too, must not decide about it.',
    body: 'Incident',
    good: {
      200: ['IntakeResult', 'It is or was handled already.'],
      202: ['IntakeResult', 'Its handling has begun.'],
    },
    problems: [400, 401, 403, 411, 413, 415, 422, 503],
  },
];

/** OpenAPI 3.1: https://spec.openapis.org/oas/v3.1.1.html */
export function openApiDocument(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of OPERATIONS) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: operationObject(operation) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Sentinel Responder',
      version: '1',
      description:
        'What waits for an analyst, and the door for decisions. Errors are problem+json with stable codes.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ entra: [] }, { platform: [] }, { local: [] }],
    paths,
    components: { securitySchemes: SECURITY, schemas: schemaObjects() },
  };
}

const SECURITY = {
  entra: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'Access token (v2) of the tenant for the approvals’ app registration: scope Approvals.Decide, or Approvals.Read for looking only; programs with the app role Approvals.Read may look.',
  },
  platform: {
    type: 'apiKey',
    in: 'cookie',
    name: 'AppServiceAuthSession',
    description: 'App Service authentication; calls that change something must come from the page itself.',
  },
  local: {
    type: 'apiKey',
    in: 'cookie',
    name: 'responder-session',
    description: 'The one-time link of a responder on one’s own machine, with a simulated tenant.',
  },
  functionKey: { type: 'apiKey', in: 'header', name: 'x-functions-key' },
};

function operationObject({
  id,
  summary,
  parameters = [],
  body,
  good,
  problems,
  path,
  method,
}: Operation): object {
  const answers = Object.entries(good).map(([status, [schema, description, ...headers]]) => [
    status,
    {
      description,
      ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers.map((name) => [name, HEADER])) }),
      content: { 'application/json': { schema: reference(schema) } },
    },
  ]);
  const refusals = problems.map((status) => [
    String(status),
    {
      description: PROBLEMS[status] ?? '',
      content: { 'application/problem+json': { schema: reference('Problem') } },
    },
  ]);
  const byKey = path === '/api/incidents' && method === 'post';
  const open = path === '/api/health';
  return {
    operationId: id,
    summary,
    ...(byKey ? { security: [{ functionKey: [] }] } : {}),
    ...(open ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              'application/json': { schema: body === 'Incident' ? { type: 'object' } : reference(body) },
            },
          },
        }),
    responses: Object.fromEntries([...answers, ...refusals].sort(([a], [b]) => Number(a) - Number(b))),
  };
}

const HEADER = { schema: { type: 'string' } };

/** Schemas with a name are referred to by it wherever they occur. */
function schemaObjects(): Record<string, unknown> {
  const named = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(SCHEMAS)) named.add(schema, { id });
  const { schemas } = z.toJSONSchema(named, {
    uri: (id) => `#/components/schemas/${id}`,
    unrepresentable: 'any',
    // What is taken may leave out what has a default; what is given has it.
    io: 'input',
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _s, $id: _i, ...schema }]) => [name, schema]),
  );
}

function reference(name: string): object {
  return { $ref: `#/components/schemas/${name}` };
}

function parameter(
  name: string,
  place: 'path' | 'query' | 'header',
  description: string,
  schema: object,
): object {
  const required = place === 'path' || name === 'If-Match';
  return { name, in: place, description, required, schema };
}
