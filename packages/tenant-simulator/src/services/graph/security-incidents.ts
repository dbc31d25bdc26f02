/** Incidents of Defender XDR in Microsoft Graph. https://learn.microsoft.com/graph/api/resources/security-incident */
import { z } from 'zod';
import { readBody } from '../../body.js';
import { ServiceError } from '../../errors.js';
import { applyQuery, propertiesOf } from '../../odata.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import type { SecurityIncident } from '../../tenant.js';
import { GRAPH } from './host.js';

const READ = ['SecurityIncident.Read.All', 'SecurityIncident.ReadWrite.All'];
const PATH = '/v1.0/security/incidents';
/** Pages of incidents, and of the alerts of one. Graph's sizes are not documented: callers must follow the links. */
const PAGE_SIZE = 50;
const ALERTS_PAGE_SIZE = 20;
/** The length is not documented; Defender's portal takes no longer comments. */
const LONGEST_COMMENT = 1_000;
const FILTERABLE = new Set([
  'assignedTo',
  'classification',
  'createdDateTime',
  'determination',
  'lastUpdateDateTime',
  'severity',
  'status',
]);

const commentSchema = z.looseObject({ comment: z.string().min(1) });

function find({ params, db }: RouteRequest): SecurityIncident {
  const incident = db.get('securityIncidents', params.id ?? '');
  if (incident !== undefined) return incident;
  throw new ServiceError(404, 'NotFound', `Incident with id '${params.id}' was not found.`);
}

/** Members that an evolvable enumeration has gained need a header: https://learn.microsoft.com/graph/best-practices-concept */
const NEWER_STATES = new Set(['awaitingAction']);

function resource(incident: SecurityIncident, { query, header }: RouteRequest): Record<string, unknown> {
  const { alerts, ...properties } = incident;
  const isHidden = NEWER_STATES.has(properties.status) && !/include-unknown/.test(header('prefer') ?? '');
  const status = isHidden ? 'unknownFutureValue' : properties.status;
  const type = '#microsoft.graph.security.incident';
  const shown = { '@odata.type': type, ...properties, status };
  if (query.get('$expand') !== 'alerts') return shown;
  const next =
    alerts.length > ALERTS_PAGE_SIZE
      ? { 'alerts@odata.nextLink': alertLink(incident, ALERTS_PAGE_SIZE) }
      : {};
  return { ...shown, alerts: alerts.slice(0, ALERTS_PAGE_SIZE), ...next };
}

const alertLink = ({ id }: SecurityIncident, skip: number) =>
  `https://${GRAPH.name}${PATH}/${id}/alerts?$skiptoken=${skip}`;

const CONTEXT = `https://${GRAPH.name}/v1.0/$metadata#security/incidents`;

function get(call: RouteRequest): RouteResponse {
  return { status: 200, body: { '@odata.context': `${CONTEXT}/$entity`, ...resource(find(call), call) } };
}

function listAlerts(call: RouteRequest): RouteResponse {
  const incident = find(call);
  const skip = Number(call.query.get('$skiptoken') ?? 0);
  const end = skip + ALERTS_PAGE_SIZE;
  const next = end < incident.alerts.length ? { '@odata.nextLink': alertLink(incident, end) } : {};
  return { status: 200, body: { value: incident.alerts.slice(skip, end), ...next } };
}

/** The incident that changed last comes first; there is no `$orderby`. */
function list(call: RouteRequest): RouteResponse {
  const { query, db } = call;
  const filter = query.get('$filter') ?? '';
  const unknown = propertiesOf(filter).find((property) => !FILTERABLE.has(property));
  if (unknown !== undefined || query.has('$orderby')) {
    throw new ServiceError(
      400,
      'BadRequest',
      `The query specified in the URI is not valid (${unknown ?? '$orderby'}).`,
    );
  }
  const top = Number(query.get('$top') ?? PAGE_SIZE);
  const skip = Number(query.get('$skip') ?? 0);
  if (!Number.isInteger(top) || top < 1 || top > PAGE_SIZE || !Number.isInteger(skip) || skip < 0) {
    throw new ServiceError(400, 'BadRequest', `The limit of '${PAGE_SIZE}' for Top query has been exceeded.`);
  }
  const found = applyQuery(db.all('securityIncidents'), new URLSearchParams({ $filter: filter }));
  const newestFirst = found.toSorted((a, b) => (a.lastUpdateDateTime < b.lastUpdateDateTime ? 1 : -1));
  const more = new URLSearchParams(query);
  more.set('$skip', String(skip + top));
  const next = skip + top < found.length ? { '@odata.nextLink': `https://${GRAPH.name}${PATH}?${more}` } : {};
  const value = newestFirst.slice(skip, skip + top).map((incident) => resource(incident, call));
  return { status: 200, body: { '@odata.context': CONTEXT, value, ...next } };
}

const CLASSIFICATIONS = [
  'unknown',
  'falsePositive',
  'truePositive',
  'informationalExpectedActivity',
] as const;
const changeSchema = z.looseObject({
  assignedTo: z.string().nullable().optional(),
  classification: z.enum(CLASSIFICATIONS).nullable().optional(),
  customTags: z.array(z.string()).optional(),
  determination: z.string().nullable().optional(),
  status: z.enum(['active', 'resolved', 'inProgress', 'awaitingAction']).optional(),
});
const CHANGEABLE = Object.keys(changeSchema.shape);

/** Changes what the body names, and nothing else. https://learn.microsoft.com/graph/api/security-incident-update */
function update(call: RouteRequest): RouteResponse {
  const incident = find(call);
  if (incident.redirectIncidentId !== null) {
    throw new ServiceError(400, 'BadRequest', 'A redirected incident cannot be updated.');
  }
  const given = readBody(call.text, changeSchema, 'BadRequest');
  const unknown = Object.keys(given).find((name) => !CHANGEABLE.includes(name));
  if (unknown !== undefined)
    throw new ServiceError(400, 'BadRequest', `Property '${unknown}' cannot be updated.`);
  const lastUpdateDateTime = new Date(call.now).toISOString();
  const changed: SecurityIncident = {
    ...incident,
    ...given,
    status: given.status ?? incident.status,
    lastUpdateDateTime,
  };
  call.db.put('securityIncidents', changed);
  return { status: 200, body: { '@odata.context': `${CONTEXT}/$entity`, ...resource(changed, call) } };
}

/** Comments are added, and never changed. https://learn.microsoft.com/graph/api/security-incident-post-comments */
function addComment(call: RouteRequest): RouteResponse {
  const incident = find(call);
  const { comment } = readBody(call.text, commentSchema, 'BadRequest');
  if (comment.length > LONGEST_COMMENT) {
    throw new ServiceError(400, 'BadRequest', `The comment is longer than ${LONGEST_COMMENT} characters.`);
  }
  const createdDateTime = new Date(call.now).toISOString();
  const { displayName: createdByDisplayName } = call.db.settings.app;
  const comments = [...incident.comments, { comment, createdByDisplayName, createdDateTime }];
  call.db.put('securityIncidents', { ...incident, comments, lastUpdateDateTime: createdDateTime });
  const context = `${CONTEXT}('${incident.id}')/comments`;
  return { status: 200, body: { '@odata.context': context, value: comments } };
}

export const securityIncidentRoutes: readonly Route[] = [
  { host: GRAPH, method: 'GET', path: PATH, anyOf: READ, handle: list },
  { host: GRAPH, method: 'GET', path: `${PATH}/:id`, anyOf: READ, handle: get },
  { host: GRAPH, method: 'GET', path: `${PATH}/:id/alerts`, anyOf: READ, handle: listAlerts },
  {
    host: GRAPH,
    method: 'PATCH',
    path: `${PATH}/:id`,
    anyOf: ['SecurityIncident.ReadWrite.All'],
    handle: update,
  },
  {
    host: GRAPH,
    method: 'POST',
    path: `${PATH}/:id/comments`,
    anyOf: ['SecurityIncident.ReadWrite.All'],
    handle: addComment,
  },
];
