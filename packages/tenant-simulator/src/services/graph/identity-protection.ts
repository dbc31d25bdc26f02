/** Risk of users in Microsoft Graph. https://learn.microsoft.com/graph/api/resources/riskyuser */
import { z } from 'zod';
import { readBody } from '../../body.js';
import { ServiceError } from '../../errors.js';
import { applyQuery } from '../../odata.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import type { User } from '../../tenant.js';
import type { TenantDatabase } from '../../tenant-database.js';
import { GRAPH } from './host.js';

const PATH = '/v1.0/identityProtection';
const READ = ['IdentityRiskyUser.Read.All', 'IdentityRiskyUser.ReadWrite.All'];
/** Detections in one page. */
const PAGE_SIZE = 500;

function requireLicence({ settings: { tenant } }: TenantDatabase): void {
  if (tenant.licence === 'P2') return;
  throw new ServiceError(403, 'Forbidden', 'Your tenant is not licensed for this feature.');
}

function getRiskyUser({ params, db }: RouteRequest): RouteResponse {
  requireLicence(db);
  const user = db.all('users').find(({ id }) => id === params.id);
  if (user?.risk === undefined) throw notFound(params.id);
  const { id, userPrincipalName, displayName, risk } = user;
  return {
    status: 200,
    body: {
      '@odata.context': `https://${GRAPH.name}/v1.0/$metadata#identityProtection/riskyUsers/$entity`,
      id,
      isDeleted: false,
      isProcessing: false,
      riskDetail: 'none',
      ...risk,
      userDisplayName: displayName ?? null,
      userPrincipalName,
    },
  };
}

const idsSchema = z.strictObject({ userIds: z.array(z.string().min(1)).min(1) });

/** All users of the request, or none. */
const change =
  (riskOf: (user: User) => object | undefined) =>
  ({ text, db, now }: RouteRequest): RouteResponse => {
    requireLicence(db);
    const { userIds } = readBody(text, idsSchema, 'BadRequest');
    const users = userIds.map((wanted) => {
      const user = db.all('users').find(({ id }) => id === wanted);
      if (user === undefined) throw notFound(wanted);
      return user;
    });
    for (const user of users) {
      const risk = riskOf(user);
      const riskLastUpdatedDateTime = new Date(now).toISOString();
      if (risk !== undefined)
        db.put('users', { ...user, risk: { ...risk, riskLastUpdatedDateTime } as never });
    }
    return { status: 204 };
  };

const compromised = () => ({
  riskLevel: 'high',
  riskState: 'confirmedCompromised',
  riskDetail: 'adminConfirmedUserCompromised',
});
/** Who was never at risk is not on the list afterwards, either. */
const dismissed = ({ risk }: User) =>
  risk && { riskLevel: 'none', riskState: 'dismissed', riskDetail: 'adminDismissedAllRiskForUser' };

/** https://learn.microsoft.com/graph/api/riskdetection-list */
function listDetections({ query, db }: RouteRequest): RouteResponse {
  requireLicence(db);
  const found = applyQuery(db.all('riskDetections'), query);
  const next =
    found.length > PAGE_SIZE ? { '@odata.nextLink': `https://${GRAPH.name}${PATH}/riskDetections` } : {};
  const context = `https://${GRAPH.name}/v1.0/$metadata#identityProtection/riskDetections`;
  return { status: 200, body: { '@odata.context': context, value: found.slice(0, PAGE_SIZE), ...next } };
}

function notFound(id: string | undefined): ServiceError {
  return new ServiceError(404, 'ResourceNotFound', `RiskyUser with id '${id}' was not found.`);
}

export const identityProtectionRoutes: readonly Route[] = [
  { host: GRAPH, method: 'GET', path: `${PATH}/riskyUsers/:id`, anyOf: READ, handle: getRiskyUser },
  {
    // https://learn.microsoft.com/graph/api/riskyuser-confirmcompromised
    host: GRAPH,
    method: 'POST',
    path: `${PATH}/riskyUsers/confirmCompromised`,
    anyOf: ['IdentityRiskyUser.ReadWrite.All'],
    handle: change(compromised),
  },
  {
    // https://learn.microsoft.com/graph/api/riskyuser-dismiss
    host: GRAPH,
    method: 'POST',
    path: `${PATH}/riskyUsers/dismiss`,
    anyOf: ['IdentityRiskyUser.ReadWrite.All'],
    handle: change(dismissed),
  },
  {
    host: GRAPH,
    method: 'GET',
    path: `${PATH}/riskDetections`,
    anyOf: ['IdentityRiskEvent.Read.All', 'IdentityRiskEvent.ReadWrite.All'],
    handle: listDetections,
  },
];
