/** Risk of users in Microsoft Graph. https://learn.microsoft.com/graph/api/resources/riskyuser */

import { ServiceError } from '../../errors.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import { GRAPH } from './host.js';

function getRiskyUser({ params, db }: RouteRequest): RouteResponse {
  const user = db.all('users').find(({ id }) => id === params.id);
  if (user?.risk === undefined) {
    throw new ServiceError(404, 'ResourceNotFound', `RiskyUser with id '${params.id}' was not found.`);
  }
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

export const identityProtectionRoutes: readonly Route[] = [
  {
    host: GRAPH,
    method: 'GET',
    path: '/v1.0/identityProtection/riskyUsers/:id',
    anyOf: ['IdentityRiskyUser.Read.All', 'IdentityRiskyUser.ReadWrite.All'],
    handle: getRiskyUser,
  },
];
