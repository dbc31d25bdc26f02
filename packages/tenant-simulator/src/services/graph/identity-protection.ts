/** Risk and roles of users in Microsoft Graph. https://learn.microsoft.com/graph/api/resources/riskyuser */

import { ServiceError } from '../../errors.js';
import { guidOf } from '../../ids.js';
import { applyQuery } from '../../odata.js';
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

/** https://learn.microsoft.com/graph/api/rbacapplication-list-roleassignments */
function listRoleAssignments({ query, db }: RouteRequest): RouteResponse {
  const expand = query.get('$expand') === 'roleDefinition';
  const assignments = db.all('users').flatMap((user) =>
    user.directoryRoles.map((role) => ({
      id: guidOf('roleAssignment', user.id, role.id),
      principalId: user.id,
      directoryScopeId: '/',
      roleDefinitionId: role.id,
      ...(expand
        ? {
            roleDefinition: {
              id: role.id,
              displayName: role.displayName,
              isBuiltIn: role.isBuiltIn,
              isEnabled: true,
            },
          }
        : {}),
    })),
  );
  const context = `https://${GRAPH.name}/v1.0/$metadata#roleManagement/directory/roleAssignments`;
  return { status: 200, body: { '@odata.context': context, value: applyQuery(assignments, query) } };
}

export const identityProtectionRoutes: readonly Route[] = [
  {
    host: GRAPH,
    method: 'GET',
    path: '/v1.0/identityProtection/riskyUsers/:id',
    anyOf: ['IdentityRiskyUser.Read.All', 'IdentityRiskyUser.ReadWrite.All'],
    handle: getRiskyUser,
  },
  {
    host: GRAPH,
    method: 'GET',
    path: '/v1.0/roleManagement/directory/roleAssignments',
    anyOf: [
      'RoleManagement.Read.Directory',
      'RoleManagement.Read.All',
      'RoleManagement.ReadWrite.Directory',
      'Directory.Read.All',
    ],
    handle: listRoleAssignments,
  },
];
