/** Which authentication methods users have registered. https://learn.microsoft.com/graph/api/userregistrationdetails-get */
import { ServiceError } from '../../errors.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import { GRAPH } from './host.js';
import { findUser } from './users.js';

const PATH = '/v1.0/reports/authenticationMethods/userRegistrationDetails';

function get({ params, db }: RouteRequest): RouteResponse {
  if (db.settings.tenant.licence === 'free') {
    const message = "Tenant is not a B2C tenant and doesn't have premium license";
    throw new ServiceError(403, 'Authentication_RequestFromNonPremiumTenantOrB2CTenant', message);
  }
  const { id, userPrincipalName, displayName, registration } = findUser(db, params.id ?? '');
  if (registration === undefined) throw new ServiceError(404, 'NotFound', `No details of user '${id}'.`);
  const context = `https://${GRAPH.name}/v1.0/$metadata#reports/authenticationMethods/userRegistrationDetails/$entity`;
  const user = { id, userPrincipalName, userDisplayName: displayName ?? null };
  return { status: 200, body: { '@odata.context': context, ...user, ...registration } };
}

export const registrationDetailsRoutes: readonly Route[] = [
  { host: GRAPH, method: 'GET', path: `${PATH}/:id`, anyOf: ['AuditLog.Read.All'], handle: get },
];
