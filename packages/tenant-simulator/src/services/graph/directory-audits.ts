/** Who enabled and disabled users. https://learn.microsoft.com/graph/api/directoryaudit-list */

import { ServiceError } from '../../errors.js';
import { guidOf } from '../../ids.js';
import { applyQuery } from '../../odata.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import type { DirectoryAudit, User } from '../../tenant.js';
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
  const activityDateTime = new Date(now).toISOString();
  db.put('directoryAudits', {
    id: `Directory_${guidOf('audit', id, String(db.all('directoryAudits').length))}`,
    category: 'UserManagement',
    correlationId: guidOf('correlation', id, activityDateTime),
    result: 'success',
    resultReason: '',
    activityDisplayName: `${accountEnabled ? 'Enable' : 'Disable'} account`,
    activityDateTime,
    loggedByService: 'Core Directory',
    operationType: 'Update',
    initiatedBy,
    targetResources: [{ id, type: 'User', displayName: null, userPrincipalName, modifiedProperties: [] }],
    additionalDetails: [],
  });
}

/** Changes through `update` are logged as changes by another user. */
export function recordOutsideChanges(db: TenantDatabase, before: readonly User[], now: number): void {
  for (const user of db.all('users')) {
    const was = before.find(({ id }) => id === user.id)?.accountEnabled;
    if (was !== undefined && was !== user.accountEnabled) recordChange(db, user, SOMEBODY, now);
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
