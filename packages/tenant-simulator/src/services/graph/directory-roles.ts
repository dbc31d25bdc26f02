/** Roles of the directory that users and role-assignable groups have, or may activate. */
import { ServiceError } from '../../errors.js';
import { guidOf } from '../../ids.js';
import { applyQuery } from '../../odata.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import type { DirectoryRole } from '../../tenant.js';
import type { TenantDatabase } from '../../tenant-database.js';
import { GRAPH } from './host.js';

const READ = [
  'RoleManagement.Read.Directory',
  'RoleManagement.Read.All',
  'RoleManagement.ReadWrite.Directory',
  'Directory.Read.All',
];
const READ_ELIGIBLE = [
  'RoleEligibilitySchedule.Read.Directory',
  'RoleManagement.Read.Directory',
  'RoleManagement.Read.All',
  'RoleEligibilitySchedule.ReadWrite.Directory',
  'RoleManagement.ReadWrite.Directory',
];
type Property = 'directoryRoles' | 'eligibleRoles';

function rolesIn(db: TenantDatabase, property: Property): { principalId: string; role: DirectoryRole }[] {
  return [...db.all('users'), ...db.all('groups')].flatMap(({ id: principalId, [property]: roles }) =>
    (roles ?? []).map((role) => ({ principalId, role })),
  );
}

const list =
  (name: string, property: Property, more: object) =>
  ({ query, db }: RouteRequest): RouteResponse => {
    if (property === 'eligibleRoles' && db.settings.tenant.licence !== 'P2') throw withoutGovernance();
    const expand = query.get('$expand');
    if (expand !== null && expand !== 'roleDefinition') {
      throw new ServiceError(400, 'BadRequest', `Parsing OData Select and Expand failed: '${expand}'.`);
    }
    const rows = rolesIn(db, property).map(({ principalId, role }) => ({
      id: guidOf(name, principalId, role.id),
      principalId,
      directoryScopeId: '/',
      roleDefinitionId: role.id,
      ...more,
      ...(expand === null ? {} : { roleDefinition: { ...role, templateId: role.id, isEnabled: true } }),
    }));
    const context = `https://${GRAPH.name}/v1.0/$metadata#roleManagement/directory/${name}`;
    return { status: 200, body: { '@odata.context': context, value: applyQuery(rows, query) } };
  };

function withoutGovernance(): ServiceError {
  const message = 'The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.';
  return new ServiceError(400, 'AadPremiumLicenseRequired', message);
}

export const directoryRoleRoutes: readonly Route[] = [
  {
    // https://learn.microsoft.com/graph/api/rbacapplication-list-roleassignments
    host: GRAPH,
    method: 'GET',
    path: '/v1.0/roleManagement/directory/roleAssignments',
    anyOf: READ,
    handle: list('roleAssignments', 'directoryRoles', {}),
  },
  {
    // https://learn.microsoft.com/graph/api/rbacapplication-list-roleeligibilityschedules
    host: GRAPH,
    method: 'GET',
    path: '/v1.0/roleManagement/directory/roleEligibilitySchedules',
    anyOf: READ_ELIGIBLE,
    handle: list('roleEligibilitySchedules', 'eligibleRoles', {
      appScopeId: null,
      memberType: 'Direct',
      status: 'Provisioned',
    }),
  },
];
