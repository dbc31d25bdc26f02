/** Apps of Microsoft Graph. https://learn.microsoft.com/graph/api/resources/serviceprincipal */

import { z } from 'zod';
import { readBody } from '../../body.js';
import { ServiceError } from '../../errors.js';
import { applyQuery, select } from '../../odata.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import type { ServicePrincipal } from '../../tenant.js';
import { appActor, recordAppChange } from './directory-audits.js';
import { GRAPH } from './host.js';

const WRITE = ['Application.ReadWrite.All', 'Directory.ReadWrite.All'];
const READ = ['Application.Read.All', 'Directory.Read.All', ...WRITE];

function publicProperties({ appRoleAssignments: _a, ...app }: ServicePrincipal): Record<string, unknown> {
  return app;
}

/** https://learn.microsoft.com/graph/api/serviceprincipal-list */
function list({ query, db }: RouteRequest): RouteResponse {
  const found = applyQuery(db.all('servicePrincipals'), query, { anyCase: true });
  const value = found.map((app) => select(publicProperties(app), query.get('$select')));
  const context = `https://${GRAPH.name}/v1.0/$metadata#servicePrincipals`;
  return { status: 200, body: { '@odata.context': context, value } };
}

/** https://learn.microsoft.com/graph/api/serviceprincipal-get */
function get(call: RouteRequest): RouteResponse {
  const context = `https://${GRAPH.name}/v1.0/$metadata#servicePrincipals/$entity`;
  const body = select(publicProperties(findServicePrincipal(call)), call.query.get('$select'));
  return { status: 200, body: { '@odata.context': context, ...body } };
}

const changesSchema = z.strictObject({ accountEnabled: z.boolean() });

/** https://learn.microsoft.com/graph/api/serviceprincipal-update */
function update(call: RouteRequest): RouteResponse {
  const { text, db, now } = call;
  const app = findServicePrincipal(call);
  const { accountEnabled } = readBody(text, changesSchema, 'Request_BadRequest');
  const changed = { ...app, accountEnabled };
  db.put('servicePrincipals', changed);
  if (app.accountEnabled !== accountEnabled) recordAppChange(db, changed, appActor(db), now);
  return { status: 204 };
}

/** https://learn.microsoft.com/graph/api/serviceprincipal-list-approleassignments */
function listAppRoles(call: RouteRequest): RouteResponse {
  const { id, displayName, appRoleAssignments = [] } = findServicePrincipal(call);
  const context = `https://${GRAPH.name}/v1.0/$metadata#servicePrincipals('${id}')/appRoleAssignments`;
  const value = appRoleAssignments.map((one) => ({
    ...one,
    principalId: id,
    principalDisplayName: displayName,
    principalType: 'ServicePrincipal',
  }));
  return { status: 200, body: { '@odata.context': context, value } };
}

/** https://learn.microsoft.com/graph/api/application-get */
function getApplication({ params: { id = '' }, query, db }: RouteRequest): RouteResponse {
  const application = db.get('applications', id.toLowerCase());
  if (application === undefined) throw notFound(id);
  const context = `https://${GRAPH.name}/v1.0/$metadata#applications/$entity`;
  const body = select(application, query.get('$select'));
  return { status: 200, body: { '@odata.context': context, ...body } };
}

function findServicePrincipal({ params: { id = '' }, db }: RouteRequest): ServicePrincipal {
  const app = db.get('servicePrincipals', id.toLowerCase());
  if (app === undefined) throw notFound(id);
  return app;
}

function notFound(id: string): ServiceError {
  const message = `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`;
  return new ServiceError(404, 'Request_ResourceNotFound', message);
}

const PATH = '/v1.0/servicePrincipals';

export const servicePrincipalRoutes: readonly Route[] = [
  { host: GRAPH, method: 'GET', path: PATH, anyOf: READ, handle: list },
  { host: GRAPH, method: 'GET', path: `${PATH}/:id`, anyOf: READ, handle: get },
  { host: GRAPH, method: 'PATCH', path: `${PATH}/:id`, anyOf: WRITE, handle: update },
  { host: GRAPH, method: 'GET', path: `${PATH}/:id/appRoleAssignments`, anyOf: READ, handle: listAppRoles },
  { host: GRAPH, method: 'GET', path: '/v1.0/applications/:id', anyOf: READ, handle: getApplication },
];
