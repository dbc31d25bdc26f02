/** Who enabled and disabled users, and changed groups. https://learn.microsoft.com/graph/api/directoryaudit-list */

import { ServiceError } from '../../errors.js';
import { guidOf } from '../../ids.js';
import { applyQuery } from '../../odata.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import type {
  DirectoryAudit,
  Group,
  PermissionGrant,
  ServicePrincipal,
  TenantState,
  User,
} from '../../tenant.js';
import type { TenantDatabase } from '../../tenant-database.js';
import { GRAPH } from './host.js';

const OF_TARGET = /targetResources\/any\((\w+):\s*(\w+)\/id eq '([^']*)'\)(?:\s+and\s+)?/;

/** The actor of the app's own changes. */
export function appActor({ settings: { app } }: TenantDatabase): object {
  const { displayName, objectId: servicePrincipalId } = app;
  return { app: { appId: null, displayName, servicePrincipalId, servicePrincipalName: null }, user: null };
}

const SOMEBODY = {
  app: null,
  user: { id: guidOf('somebody', 'else'), displayName: null, userPrincipalName: 'somebody.else@contoso.com' },
};

/** The directory logs each change of `accountEnabled`. */
export function recordChange(db: TenantDatabase, user: User, initiatedBy: object, now: number): void {
  const { id, userPrincipalName, accountEnabled } = user;
  const activityDisplayName = `${accountEnabled ? 'Enable' : 'Disable'} account`;
  const target = { id, type: 'User', displayName: null, userPrincipalName, modifiedProperties: [] };
  record(
    db,
    { category: 'UserManagement', activityDisplayName, targetResources: [target] },
    initiatedBy,
    now,
  );
}

/** The directory logs each change of an app with its old and its new value, as lists of JSON. */
export function recordAppChange(
  db: TenantDatabase,
  { id, displayName, accountEnabled }: ServicePrincipal,
  initiatedBy: object,
  now: number,
): void {
  const value = { oldValue: `[${!accountEnabled}]`, newValue: `[${accountEnabled}]` };
  const modifiedProperties = [{ displayName: 'AccountEnabled', ...value }];
  const target = { id, type: 'ServicePrincipal', displayName, modifiedProperties };
  const activityDisplayName = 'Update service principal';
  const entry = { category: 'ApplicationManagement', activityDisplayName, targetResources: [target] };
  record(db, entry, initiatedBy, now);
}

/** The directory logs consents under the API, with the app and the user as properties. */
export function recordConsent(
  db: TenantDatabase,
  { clientId, resourceId, principalId, scope }: PermissionGrant,
  isGranted: boolean,
  initiatedBy: object,
  now: number,
): void {
  const properties: readonly (readonly [string, string])[] = [
    ['DelegatedPermissionGrant.Scope', scope],
    ['ServicePrincipal.ObjectID', clientId],
    ...(principalId === null ? [] : [['User.ObjectID', principalId] as const]),
  ];
  const modifiedProperties = properties.map(([displayName, text]) => {
    const value = JSON.stringify(text);
    return isGranted
      ? { displayName, oldValue: null, newValue: value }
      : { displayName, oldValue: value, newValue: null };
  });
  const target = { id: resourceId, type: 'ServicePrincipal', displayName: null, modifiedProperties };
  const activityDisplayName = `${isGranted ? 'Add' : 'Remove'} delegated permission grant`;
  const entry = { category: 'ApplicationManagement', activityDisplayName, targetResources: [target] };
  record(db, entry, initiatedBy, now);
}

/** The directory logs who is added to a group and removed from it. */
export function recordMembership(
  db: TenantDatabase,
  { id: groupId, displayName }: Group,
  userId: string,
  isMember: boolean,
  initiatedBy: object,
  now: number,
): void {
  const text = JSON.stringify(groupId);
  const value = isMember ? { oldValue: null, newValue: text } : { oldValue: text, newValue: null };
  const modifiedProperties = [{ displayName: 'Group.ObjectID', ...value }];
  const user = { id: userId, type: 'User', displayName: null, modifiedProperties };
  const group = { id: groupId, type: 'Group', displayName, modifiedProperties: [] };
  const activityDisplayName = isMember ? 'Add member to group' : 'Remove member from group';
  const entry = { category: 'GroupManagement', activityDisplayName, targetResources: [user, group] };
  record(db, entry, initiatedBy, now);
}

function record(
  db: TenantDatabase,
  entry: Pick<DirectoryAudit, 'activityDisplayName' | 'targetResources'> & { readonly category: string },
  initiatedBy: object,
  now: number,
): void {
  const id = entry.targetResources[0]?.id ?? '';
  const activityDateTime = new Date(now).toISOString();
  db.put('directoryAudits', {
    id: `Directory_${guidOf('audit', id, String(db.all('directoryAudits').length))}`,
    correlationId: guidOf('correlation', id, activityDateTime),
    result: 'success',
    resultReason: '',
    activityDateTime,
    loggedByService: 'Core Directory',
    operationType: 'Update',
    initiatedBy,
    ...entry,
    additionalDetails: [],
  });
}

/** Changes through `update` are logged as changes by another user. */
export function recordOutsideChanges(
  db: TenantDatabase,
  before: Pick<TenantState, 'users' | 'groups' | 'servicePrincipals' | 'permissionGrants'>,
  now: number,
): void {
  for (const group of db.all('groups')) {
    const were = before.groups.find(({ id }) => id === group.id)?.members;
    if (were === undefined) continue;
    for (const id of new Set([...were, ...group.members])) {
      const isMember = group.members.includes(id);
      if (isMember !== were.includes(id)) recordMembership(db, group, id, isMember, SOMEBODY, now);
    }
  }
  for (const user of db.all('users')) {
    const was = before.users.find(({ id }) => id === user.id)?.accountEnabled;
    if (was !== undefined && was !== user.accountEnabled) recordChange(db, user, SOMEBODY, now);
  }
  const grants = db.all('permissionGrants');
  const isIn = (all: readonly PermissionGrant[], id: string) => all.some((one) => one.id === id);
  for (const grant of before.permissionGrants)
    if (!isIn(grants, grant.id)) recordConsent(db, grant, false, SOMEBODY, now);
  for (const grant of grants)
    if (!isIn(before.permissionGrants, grant.id)) recordConsent(db, grant, true, SOMEBODY, now);
  for (const app of db.all('servicePrincipals')) {
    const was = before.servicePrincipals.find(({ id }) => id === app.id)?.accountEnabled;
    if (was !== undefined && was !== app.accountEnabled) recordAppChange(db, app, SOMEBODY, now);
  }
}

function list({ query, db }: RouteRequest): RouteResponse {
  const filter = query.get('$filter') ?? '';
  const target = OF_TARGET.exec(filter);
  if (/\bany\b/.test(filter) && (target === null || target[1] !== target[2])) {
    throw new ServiceError(400, 'BadRequest', 'Invalid filter clause');
  }
  const rest = new URLSearchParams(query);
  const others = filter.replace(OF_TARGET, '').trimEnd();
  rest.set('$filter', /\sand$/.test(others) ? others.slice(0, -4) : others);
  const wanted = target?.[3];
  const ofTarget = ({ targetResources }: DirectoryAudit) =>
    wanted === undefined || targetResources.some(({ id }) => id === wanted);
  const newestFirst = db.all('directoryAudits').toReversed();
  const value = applyQuery(newestFirst.filter(ofTarget), rest);
  return {
    status: 200,
    body: { '@odata.context': `https://${GRAPH.name}/v1.0/$metadata#auditLogs/directoryAudits`, value },
  };
}

export const directoryAuditRoutes: readonly Route[] = [
  {
    host: GRAPH,
    method: 'GET',
    path: '/v1.0/auditLogs/directoryAudits',
    anyOf: ['AuditLog.Read.All'],
    handle: list,
  },
];
