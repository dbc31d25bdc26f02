/** Delegated permission grants. https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant */

import { z } from 'zod';
import { readBody } from '../../body.js';
import { ServiceError } from '../../errors.js';
import { applyQuery } from '../../odata.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import type { PermissionGrant } from '../../tenant.js';
import { appActor, recordConsent } from './directory-audits.js';
import { GRAPH } from './host.js';

const PATH = '/v1.0/oauth2PermissionGrants';
const WRITE = ['DelegatedPermissionGrant.ReadWrite.All', 'Directory.ReadWrite.All'];
const READ = ['DelegatedPermissionGrant.Read.All', 'Directory.Read.All', ...WRITE];
const CONTEXT = `https://${GRAPH.name}/v1.0/$metadata#oauth2PermissionGrants`;

function list({ query, db }: RouteRequest): RouteResponse {
  const value = applyQuery(db.all('permissionGrants'), query, { anyCase: true });
  return { status: 200, body: { '@odata.context': CONTEXT, value } };
}

function find({ params: { id = '' }, db }: RouteRequest): PermissionGrant {
  const grant = db.get('permissionGrants', id);
  if (grant !== undefined) return grant;
  const message = `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`;
  throw new ServiceError(404, 'Request_ResourceNotFound', message);
}

function get(call: RouteRequest): RouteResponse {
  return { status: 200, body: { '@odata.context': `${CONTEXT}/$entity`, ...find(call) } };
}

/** https://learn.microsoft.com/graph/api/oauth2permissiongrant-delete */
function remove(call: RouteRequest): RouteResponse {
  const grant = find(call);
  call.db.delete('permissionGrants', grant.id);
  recordConsent(call.db, grant, false, appActor(call.db), call.now);
  return { status: 204 };
}

const bodySchema = z.strictObject({
  clientId: z.guid(),
  consentType: z.enum(['AllPrincipals', 'Principal']),
  principalId: z.guid().nullish(),
  resourceId: z.guid(),
  scope: z.string(),
});

/** The id of a grant is that of client, API and user in Base64: the same grant always has the same one. */
function idOf({ clientId, resourceId, principalId }: z.infer<typeof bodySchema>): string {
  const hex = [clientId, resourceId, principalId ?? ''].join('').replaceAll('-', '');
  return Buffer.from(hex, 'hex').toString('base64url');
}

/** https://learn.microsoft.com/graph/api/oauth2permissiongrant-post */
function create({ text, db, now }: RouteRequest): RouteResponse {
  const body = readBody(text, bodySchema, 'Request_BadRequest');
  const { clientId, consentType, resourceId, scope } = body;
  const principalId = body.principalId ?? null;
  if ((consentType === 'Principal') !== (principalId !== null)) {
    throw new ServiceError(400, 'Request_BadRequest', 'Property principalId is invalid.');
  }
  const exists = db
    .all('permissionGrants')
    .some(
      (one) => one.clientId === clientId && one.resourceId === resourceId && one.principalId === principalId,
    );
  if (exists) throw new ServiceError(409, 'Request_BadRequest', 'Permission entry already exists.');
  const grant = { clientId, consentType, id: idOf(body), principalId, resourceId, scope };
  db.put('permissionGrants', grant);
  recordConsent(db, grant, true, appActor(db), now);
  return { status: 201, body: { '@odata.context': `${CONTEXT}/$entity`, ...grant } };
}

export const consentRoutes: readonly Route[] = [
  { host: GRAPH, method: 'GET', path: PATH, anyOf: READ, handle: list },
  { host: GRAPH, method: 'GET', path: `${PATH}/:id`, anyOf: READ, handle: get },
  { host: GRAPH, method: 'DELETE', path: `${PATH}/:id`, anyOf: WRITE, handle: remove },
  { host: GRAPH, method: 'POST', path: PATH, anyOf: WRITE, handle: create },
];
