/** Groups of Microsoft Graph. https://learn.microsoft.com/graph/api/resources/group */

import { z } from 'zod';
import { readBody } from '../../body.js';
import { ServiceError } from '../../errors.js';
import { select } from '../../odata.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import type { Group } from '../../tenant.js';
import type { TenantDatabase } from '../../tenant-database.js';
import { appActor, recordMembership } from './directory-audits.js';
import { GRAPH } from './host.js';
import { findUser } from './users.js';

const READ = ['GroupMember.Read.All', 'Group.Read.All', 'Directory.Read.All', 'Directory.ReadWrite.All'];
const WRITE = ['GroupMember.ReadWrite.All', 'Group.ReadWrite.All', 'Directory.ReadWrite.All'];
/** https://learn.microsoft.com/graph/api/directoryobject-checkmembergroups */
const MOST_GROUPS = 20;

/** https://learn.microsoft.com/graph/api/group-get */
function getGroup({ params, query, db }: RouteRequest): RouteResponse {
  const group = publicProperties(findGroup(db, params.id ?? ''));
  const names = query.get('$select');
  return {
    status: 200,
    body: {
      '@odata.context': `https://${GRAPH.name}/v1.0/$metadata#groups${names ? `(${names})` : ''}/$entity`,
      ...(names ? select(group, names) : group),
    },
  };
}

/** https://learn.microsoft.com/graph/api/group-list-transitivemembers */
function transitiveMembers({ params, query, db }: RouteRequest): RouteResponse {
  const ids = [...membersOf(db, findGroup(db, params.id ?? ''))];
  const top = Number(query.get('$top') ?? 100);
  const names = query.get('$select') ?? 'id,displayName';
  const value = ids.slice(0, top).map((id) => {
    const group = db.all('groups').find((one) => same(one.id, id));
    const type = group === undefined ? '#microsoft.graph.user' : '#microsoft.graph.group';
    return { '@odata.type': type, ...select(group ?? findUser(db, id), names) };
  });
  return {
    status: 200,
    body: { '@odata.context': `https://${GRAPH.name}/v1.0/$metadata#directoryObjects`, value },
  };
}

/**
 * The groups of a user. An app that may read users only sees that there are groups, and nothing of them.
 * https://learn.microsoft.com/graph/api/user-list-transitivememberof
 */
function transitiveMemberOf({ params, query, header, db }: RouteRequest): RouteResponse {
  if (header('consistencylevel') !== 'eventual' || query.get('$count') !== 'true') {
    const message = 'Request is not supported: an OData cast needs ConsistencyLevel eventual and $count.';
    throw new ServiceError(400, 'Request_UnsupportedQuery', message);
  }
  const user = findUser(db, params.id ?? '');
  const groups = groupsOf(db, user.id);
  const names = (query.get('$select') ?? 'id,displayName').split(',');
  const isHidden = !db.settings.app.permissions.graph.some((permission) => READ.includes(permission));
  const value = groups.slice(0, Number(query.get('$top') ?? 100)).map((group) => {
    const known = { isAssignableToRole: null, ...publicProperties(group) };
    const shown = select(known, names.join(','));
    const all = Object.entries(shown).map(([name, v]) => [name, isHidden && name !== 'id' ? null : v]);
    return { '@odata.type': '#microsoft.graph.group', ...Object.fromEntries(all) };
  });
  const context = `https://${GRAPH.name}/v1.0/$metadata#groups(${names.join(',')})`;
  return { status: 200, body: { '@odata.context': context, '@odata.count': groups.length, value } };
}

/** The groups that a user is in, at any depth. */
export function groupsOf(db: TenantDatabase, userId: string): readonly Group[] {
  return db.all('groups').filter((group) => membersOf(db, group).has(userId));
}

function publicProperties({
  members: _m,
  directoryRoles: _d,
  eligibleRoles: _e,
  ...properties
}: Group): Record<string, unknown> {
  return { groupTypes: [], securityEnabled: true, ...properties };
}

/** Groups that a user is in directly. https://learn.microsoft.com/graph/api/user-list-memberof */
function memberOf({ params, query, db }: RouteRequest): RouteResponse {
  const user = findUser(db, params.id ?? '');
  const value = db
    .all('groups')
    .filter(({ members }) => members.includes(user.id))
    .slice(0, Number(query.get('$top') ?? 100))
    .map((group) => ({
      '@odata.type': '#microsoft.graph.group',
      ...select(publicProperties(group), query.get('$select') ?? 'id,displayName'),
    }));
  const context = `https://${GRAPH.name}/v1.0/$metadata#directoryObjects`;
  return { status: 200, body: { '@odata.context': context, value } };
}

const referenceSchema = z.strictObject({
  '@odata.id': z
    .string()
    .regex(/^https:\/\/graph\.microsoft\.com\/v1\.0\/(?:directoryObjects|users)\/[^/]+$/),
});

/** https://learn.microsoft.com/graph/api/group-post-members */
function addMember({ params, text, db, now }: RouteRequest): RouteResponse {
  const group = findGroup(db, params.id ?? '');
  refuseManagedMembers(group);
  const { '@odata.id': reference } = readBody(text, referenceSchema, 'Request_BadRequest');
  const user = findUser(db, decodeURIComponent(reference.split('/').at(-1) ?? ''));
  if (group.members.includes(user.id)) {
    const message =
      "One or more added object references already exist for the following modified properties: 'members'.";
    throw new ServiceError(400, 'Request_BadRequest', message);
  }
  db.put('groups', { ...group, members: [...group.members, user.id] });
  recordMembership(db, group, user.id, true, appActor(db), now);
  return { status: 204 };
}

/** https://learn.microsoft.com/graph/api/group-delete-members */
function removeMember({ params, db, now }: RouteRequest): RouteResponse {
  const group = findGroup(db, params.id ?? '');
  refuseManagedMembers(group);
  const userId = params.user ?? '';
  if (!group.members.some((id) => same(id, userId))) throw notFound(userId);
  db.put('groups', { ...group, members: group.members.filter((id) => !same(id, userId)) });
  recordMembership(db, group, userId, false, appActor(db), now);
  return { status: 204 };
}

/** Members of a role-assignable group need a permission that the app does not have; those of a dynamic one a rule. */
function refuseManagedMembers({ isAssignableToRole, groupTypes }: Group): void {
  if (isAssignableToRole || groupTypes?.includes('DynamicMembership')) {
    const message = 'Insufficient privileges to complete the operation.';
    throw new ServiceError(403, 'Authorization_RequestDenied', message);
  }
}

/** Ignores groups that do not exist, as Graph does. */
function checkMemberGroups({ params, text, db }: RouteRequest): RouteResponse {
  const user = findUser(db, params.id ?? '');
  const { groupIds } = readBody(
    text,
    z.strictObject({ groupIds: z.array(z.string()) }),
    'Request_BadRequest',
  );
  if (groupIds.length > MOST_GROUPS) {
    throw new ServiceError(400, 'Request_BadRequest', `The number of ids must not exceed ${MOST_GROUPS}.`);
  }
  const value = groupIds.filter((id) => {
    const group = db.all('groups').find((one) => same(one.id, id));
    return group !== undefined && membersOf(db, group).has(user.id);
  });
  return {
    status: 200,
    body: { '@odata.context': `https://${GRAPH.name}/v1.0/$metadata#Collection(Edm.String)`, value },
  };
}

/** https://learn.microsoft.com/graph/api/user-list-directreports */
function directReports({ params, query, db }: RouteRequest): RouteResponse {
  const { id } = findUser(db, params.id ?? '');
  const value = db
    .all('users')
    .filter(({ managerId }) => managerId !== undefined && same(managerId, id))
    .slice(0, Number(query.get('$top') ?? 100))
    .map((user) => ({
      '@odata.type': '#microsoft.graph.user',
      ...select(user, query.get('$select') ?? 'id,displayName'),
    }));
  return {
    status: 200,
    body: { '@odata.context': `https://${GRAPH.name}/v1.0/$metadata#directoryObjects`, value },
  };
}

function findGroup(db: TenantDatabase, id: string): Group {
  const group = db.all('groups').find((one) => same(one.id, id));
  if (group !== undefined) return group;
  throw notFound(id);
}

function notFound(id: string): ServiceError {
  return new ServiceError(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );
}

/** Ids of all users and groups within a group, at any depth. */
function membersOf(db: TenantDatabase, group: Group): Set<string> {
  const found = new Set(group.members);
  for (const id of found) {
    const within = db.all('groups').find((one) => same(one.id, id));
    for (const member of within?.members ?? []) found.add(member);
  }
  return found;
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

export const groupRoutes: readonly Route[] = [
  { host: GRAPH, method: 'GET', path: '/v1.0/groups/:id', anyOf: READ, handle: getGroup },
  {
    host: GRAPH,
    method: 'GET',
    path: '/v1.0/groups/:id/transitiveMembers',
    anyOf: READ,
    handle: transitiveMembers,
  },
  {
    host: GRAPH,
    method: 'GET',
    path: '/v1.0/users/:id/memberOf',
    anyOf: [...READ, 'User.Read.All'],
    handle: memberOf,
  },
  { host: GRAPH, method: 'POST', path: '/v1.0/groups/:id/members/$ref', anyOf: WRITE, handle: addMember },
  {
    host: GRAPH,
    method: 'DELETE',
    path: '/v1.0/groups/:id/members/:user/$ref',
    anyOf: WRITE,
    handle: removeMember,
  },
  {
    host: GRAPH,
    method: 'GET',
    path: '/v1.0/users/:id/transitiveMemberOf/microsoft.graph.group',
    anyOf: [...READ, 'User.Read.All', 'User.ReadWrite.All'],
    handle: transitiveMemberOf,
  },
  {
    host: GRAPH,
    method: 'POST',
    path: '/v1.0/users/:id/checkMemberGroups',
    anyOf: READ,
    handle: checkMemberGroups,
  },
  {
    host: GRAPH,
    method: 'GET',
    path: '/v1.0/users/:id/directReports',
    anyOf: ['User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
    handle: directReports,
  },
];
