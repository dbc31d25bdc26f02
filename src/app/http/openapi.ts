/** The OpenAPI description of the HTTP API, generated from the schemas of the routes. */
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
import {
  allowedOriginSchema,
  caseSchema,
  incidentListSchema,
  intakeResultSchema,
  retryBodySchema,
  retryResultSchema,
} from './incident-schemas.js';
import { type Operation, parameter, READING } from './openapi-operation.js';
import { REJECTED_OPERATIONS } from './openapi-rejected.js';
import {
  droppedSchema,
  rejectedBodyViewSchema,
  rejectedListSchema,
  resubmissionSchema,
} from './rejected-schemas.js';

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
  Retry: retryResultSchema,
  RetryBody: retryBodySchema,
  AllowedOrigin: allowedOriginSchema,
  RejectedList: rejectedListSchema,
  RejectedBody: rejectedBodyViewSchema,
  Resubmission: resubmissionSchema,
  Dropped: droppedSchema,
  Problem: problemSchema,
  Health: z.object({ status: z.literal('ok') }),
  Request: publicRequestSchema,
  EvaluatedDecision: publicDecisionSchema,
  Decider: deciderSchema,
  Plan: planSchema,
  PlanStep: planStepSchema,
  DecisionRecord: decisionRecordSchema,
  Effect: effectSchema,
  Finding: findingSchema,
};

const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'The call is not valid.',
  401: 'The call is not signed in, or the token is refused.',
  403: 'Signed in, but not allowed: not an approver, involved in the incident, a guest, a program, or another site.',
  404: 'The id is unknown.',
  409: 'The state of the request does not allow this decision.',
  410: 'Too late: expired, superseded or dropped, or the incident is no longer handled.',
  412: 'The request has changed since it was read.',
  411: 'The body was sent in chunks; the Functions host delivers chunked bodies empty.',
  413: 'The body is too large.',
  415: 'The body is not JSON.',
  422: 'The call is well-formed, but cannot be processed.',
  428: 'If-Match is missing.',
  429: 'Too many decisions or resubmissions in the last minute.',
  501: 'No sign-in is configured; the problem names the missing settings.',
  503: 'A dependency is unavailable. Nothing was changed.',
};

const REQUEST_ID = parameter('requestId', 'path', 'Id of the request, from the list.', { type: 'string' });
const INSTANCE_ID = parameter(
  'instanceId',
  'path',
  'Id of the instance that handles the incident, or a key of the incident, percent-encoded: its ARM id, or xdr:{tenant}/{id}.',
  { type: 'string' },
);
const DECIDING = [
  REQUEST_ID,
  parameter('If-Match', 'header', 'The ETag from reading the request.', { type: 'string' }),
  parameter('Idempotency-Key', 'header', 'A new key for each decision, the same key for its repetitions.', {
    type: 'string',
    pattern: '^[\\x21-\\x7e]{1,200}$',
  }),
];
const DECIDED = {
  201: ['Result', 'The decision is accepted.', 'ETag', 'Location'],
  202: [
    'Result',
    'The decision is accepted and more approvers are needed, or it is not evaluated yet.',
    'Location',
  ],
} as const;
const REFUSED = [400, 401, 403, 404, 409, 410, 411, 412, 413, 415, 422, 428, 429, 501, 503];

const OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: '/api/health',
    id: 'health',
    summary: 'Whether the app is set up. If it is not, all other calls also answer 503.',
    good: { 200: ['Health', 'The app is set up.'] },
    problems: [503],
  },
  {
    method: 'get',
    path: '/api/approvals',
    id: 'listApprovals',
    summary: 'Lists requests, the earliest to expire first.',
    parameters: [
      parameter('state', 'query', 'Pending requests, or requests that are no longer pending.', {
        enum: ['waiting', 'decided'],
        default: 'waiting',
      }),
      parameter('limit', 'query', 'Maximum number of entries on a page.', {
        type: 'integer',
        minimum: 1,
        maximum: 200,
        default: 50,
      }),
      parameter('cursor', 'query', 'The cursor from `next` of the previous page.', { type: 'string' }),
    ],
    good: { 200: ['Queue', 'A page of requests.', 'Link'] },
    problems: [400, ...READING],
  },
  {
    method: 'get',
    path: '/api/approvals/{requestId}',
    id: 'showApproval',
    summary: 'Shows a request: its steps, the reasons, and the outcome.',
    parameters: [REQUEST_ID],
    good: { 200: ['Approval', 'The request.', 'ETag'] },
    problems: [...READING, 404, 409],
  },
  {
    method: 'get',
    path: '/api/approvals/{requestId}/audit',
    id: 'auditApproval',
    summary: 'Shows the append-only audit trail of a request, in chronological order.',
    parameters: [REQUEST_ID],
    good: { 200: ['Audit', 'The audit trail.'] },
    problems: [...READING, 404],
  },
  {
    method: 'post',
    path: '/api/approvals/{requestId}/decisions',
    id: 'decideApproval',
    summary: 'Approves steps, or rejects all steps.',
    parameters: DECIDING,
    body: 'Decision',
    good: DECIDED,
    problems: REFUSED,
  },
  {
    method: 'post',
    path: '/api/approvals/{requestId}/extend',
    id: 'extendApproval',
    summary: 'Extends the deadline of a request.',
    parameters: DECIDING,
    body: 'Extension',
    good: DECIDED,
    problems: REFUSED,
  },
  {
    method: 'post',
    path: '/api/approvals/{requestId}/undo',
    id: 'undoApproval',
    summary: 'Undoes steps that were carried out. The id is that of the undo request and ends in `.undo`.',
    parameters: DECIDING,
    body: 'Undo',
    good: DECIDED,
    problems: REFUSED,
  },
  {
    method: 'get',
    path: '/api/incidents',
    id: 'listIncidents',
    summary: 'Lists running and ended incidents in pages, the newest first on each page.',
    parameters: [
      parameter('cursor', 'query', 'The cursor from `next` of the previous page.', { type: 'string' }),
    ],
    good: { 200: ['IncidentList', 'A page of incidents.', 'Link'] },
    problems: [400, ...READING],
  },
  {
    method: 'get',
    path: '/api/incidents/{instanceId}',
    id: 'showIncident',
    summary: 'Shows the case file of an incident.',
    parameters: [INSTANCE_ID],
    good: { 200: ['CaseFile', 'The case file.'] },
    problems: [...READING, 404],
  },
  {
    method: 'post',
    path: '/api/incidents/{instanceId}/retry',
    id: 'retryIncident',
    summary:
      'Begins again where an incident stopped whose end is not final. Nothing is done without a new decision, and the caller cannot decide about it.',
    parameters: [INSTANCE_ID],
    body: 'RetryBody',
    good: { 202: ['Retry', 'The incident is read again, or what is unfinished is proposed again.'] },
    problems: [401, 403, 404, 409, 411, 413, 415, 422, 429, 501, 503],
  },
  {
    method: 'post',
    path: '/api/incidents',
    id: 'intakeFromHttp',
    summary:
      'Submits incidents, or events that contain them; also the endpoint for Event Grid subscriptions. Needs a function key. Deliveries of events that are rejected are answered 400, so that they are not repeated. A person whose token the call also carries cannot decide about this incident.',
    body: 'Incident',
    good: {
      200: [
        'IntakeResult',
        'Every incident of the body is already handled, or was handled before; or the answer to a handshake.',
      ],
      202: ['IntakeResult', 'The handling of an incident has started, or continues with what has changed.'],
    },
    problems: [400, 401, 403, 411, 413, 415, 422, 503],
  },
  {
    method: 'options',
    path: '/api/incidents',
    id: 'allowOrigin',
    summary:
      'Allows an origin to deliver CloudEvents to POST /api/incidents, with the headers of the webhook specification. Needs a function key.',
    parameters: [
      parameter('WebHook-Request-Origin', 'header', 'The host name of the sender.', { type: 'string' }),
    ],
    good: {
      200: ['AllowedOrigin', 'The origin is allowed.', 'WebHook-Allowed-Origin', 'WebHook-Allowed-Rate'],
    },
    problems: [403, 503],
  },
  ...REJECTED_OPERATIONS,
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
        'Lists approval requests and incidents, and accepts decisions. Errors are problem+json with stable codes.',
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
      'Access token (v2) of the tenant for the app registration of the approvals: scope Approvals.Decide, or Approvals.Read for read-only access. Programs with the app role Approvals.Read have read-only access.',
  },
  platform: {
    type: 'apiKey',
    in: 'cookie',
    name: 'AppServiceAuthSession',
    description:
      'App Service authentication. Calls that change state must come from the responder’s own page.',
  },
  local: {
    type: 'apiKey',
    in: 'cookie',
    name: 'responder-session',
    description: 'Session of a local responder with a simulated tenant, from its one-time link.',
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
  const byKey = path === '/api/incidents' && method !== 'get';
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
            required: body !== 'RetryBody',
            content: {
              'application/json': { schema: body === 'Incident' ? { type: 'object' } : reference(body) },
            },
          },
        }),
    responses: Object.fromEntries([...answers, ...refusals].sort(([a], [b]) => Number(a) - Number(b))),
  };
}

const HEADER = { schema: { type: 'string' } };

/** The named schemas; other schemas refer to them by name. */
function schemaObjects(): Record<string, unknown> {
  const named = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(SCHEMAS)) named.add(schema, { id });
  const { schemas } = z.toJSONSchema(named, {
    uri: (id) => `#/components/schemas/${id}`,
    unrepresentable: 'any',
    // In requests, properties with a default are optional; in responses they are always present.
    io: 'input',
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _s, $id: _i, ...schema }]) => [name, schema]),
  );
}

function reference(name: string): object {
  return { $ref: `#/components/schemas/${name}` };
}
