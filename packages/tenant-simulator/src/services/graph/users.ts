/** Users of Microsoft Graph. https://learn.microsoft.com/graph/api/resources/user */

import { z } from 'zod';
import { readBody } from '../../body.js';
import { ServiceError } from '../../errors.js';
import { applyQuery, propertiesOf, select } from '../../odata.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import type { User } from '../../tenant.js';
import type { TenantDatabase } from '../../tenant-database.js';
import { appActor, recordChange } from './directory-audits.js';
import { GRAPH } from './host.js';

const READ = ['User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'];
/** With this permission alone, all properties that are not in the list are null. */
const READ_BASIC = 'User.ReadBasic.All';
const BASIC = new Set(['id', 'displayName', 'givenName', 'surname', 'mail', 'userPrincipalName']);
/** Graph's default properties without `$select`. */
const DEFAULT_PROPERTIES =
  'businessPhones,displayName,givenName,id,jobTitle,mail,mobilePhone,officeLocation,preferredLanguage,surname,userPrincipalName';

/** By object id or by user principal name. */
export function findUser(db: TenantDatabase, idOrName: string): User {
  const wanted = idOrName.toLowerCase();
  const user = db
    .all('users')
    .find(
      ({ id, userPrincipalName }) =>
        id.toLowerCase() === wanted || userPrincipalName.toLowerCase() === wanted,
    );
  if (user !== undefined) return user;
  throw new ServiceError(
    404,
    'Request_ResourceNotFound',
    `Resource '${idOrName}' does not exist or one of its queried reference-property objects are not present.`,
  );
}

function publicProperties({
  managerId: _m,
  risk: _r,
  registration: _g,
  authenticationMethods: _a,
  defaultMethod: _f,
  directoryRoles: _d,
  eligibleRoles: _e,
  ...properties
}: User): Record<string, unknown> {
  return properties;
}

function getUser({ params, query, db }: RouteRequest): RouteResponse {
  const user = findUser(db, params.id ?? '');
  const names = query.get('$select');
  const body = {
    '@odata.context': `https://${GRAPH.name}/v1.0/$metadata#users${names ? `(${names})` : ''}/$entity`,
    ...hideUnreadable(select(publicProperties(user), names ?? DEFAULT_PROPERTIES), db),
    ...manager(db, user, query.get('$expand')),
  };
  return { status: 200, body };
}

/** Properties that a filter may use although a user has no value for them. */
const NO_VALUES = {
  mail: null,
  mailNickname: null,
  displayName: null,
  onPremisesSecurityIdentifier: null,
  onPremisesSamAccountName: null,
  onPremisesImmutableId: null,
};

/** Only the separate index has these. https://learn.microsoft.com/graph/aad-advanced-queries */
const ADVANCED = new Set(['onPremisesSamAccountName']);
/** No index has these. https://learn.microsoft.com/graph/api/resources/user */
const NOT_INDEXED = new Set(['onPremisesDomainName', 'onPremisesUserPrincipalName', 'securityIdentifier']);

/** @throws ServiceError 400 where the directory cannot filter by a property in this way. */
function checkFilter({ query, header }: RouteRequest): void {
  const isAdvanced = header('consistencylevel') === 'eventual' && query.get('$count') === 'true';
  for (const property of propertiesOf(query.get('$filter') ?? '')) {
    if (!NOT_INDEXED.has(property) && (isAdvanced || !ADVANCED.has(property))) continue;
    const message = `Unsupported or invalid query filter clause specified for property '${property}' of resource 'User'.`;
    throw new ServiceError(400, 'Request_UnsupportedQuery', message);
  }
}

function listUsers(request: RouteRequest): RouteResponse {
  const { query, db } = request;
  checkFilter(request);
  const names = query.get('$select');
  const found = applyQuery(
    db.all('users').map((user) => ({ ...NO_VALUES, ...publicProperties(user) })),
    query,
    { anyCase: true },
  );
  const value = found.map((user) => hideUnreadable(select(user, names ?? DEFAULT_PROPERTIES), db));
  const count = query.get('$count') === 'true' ? { '@odata.count': value.length } : {};
  const context = { '@odata.context': `https://${GRAPH.name}/v1.0/$metadata#users` };
  return { status: 200, body: { ...context, ...count, value } };
}

function hideUnreadable(
  properties: Record<string, unknown>,
  { settings }: TenantDatabase,
): Record<string, unknown> {
  if (settings.app.permissions.graph.some((permission) => READ.includes(permission))) return properties;
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, BASIC.has(name) ? value : null]),
  );
}

function manager(db: TenantDatabase, user: User, expand: string | null): Record<string, unknown> {
  if (!/^manager\b/.test(expand ?? '') || user.managerId === undefined) return {};
  const names = /\$select=([^;)]*)/.exec(expand ?? '')?.[1];
  const found = publicProperties(findUser(db, user.managerId));
  return {
    manager: { '@odata.type': '#microsoft.graph.user', ...select(found, names ?? DEFAULT_PROPERTIES) },
  };
}

const changesSchema = z.union([
  z.strictObject({ accountEnabled: z.boolean() }),
  z.strictObject({ passwordProfile: z.strictObject({ forceChangePasswordNextSignIn: z.boolean() }) }),
]);
const ENABLE = ['User.EnableDisableAccount.All', 'User.ReadWrite.All', 'Directory.ReadWrite.All'];
/** `User.ReadWrite.All` alone is not enough. */
const PASSWORDS = ['User-PasswordProfile.ReadWrite.All', 'Directory.ReadWrite.All'];

function updateUser({ params, text, db, now }: RouteRequest): RouteResponse {
  const user = findUser(db, params.id ?? '');
  const changes = readBody(text, changesSchema, 'Request_BadRequest');
  const granted = db.settings.app.permissions.graph;
  const needed = 'passwordProfile' in changes ? PASSWORDS : ENABLE;
  if (!needed.some((name) => granted.includes(name))) throw insufficient();
  refuseAdministrator(db, user);
  if ('passwordProfile' in changes) {
    db.put('users', { ...user, passwordProfile: { ...changes.passwordProfile, password: null } });
    return { status: 204 };
  }
  const { accountEnabled } = changes;
  db.put('users', { ...user, accountEnabled });
  if (user.accountEnabled !== accountEnabled)
    recordChange(db, { ...user, accountEnabled }, appActor(db), now);
  return { status: 204 };
}

/** An app cannot change administrators, or who is in a role-assignable group, by its permissions alone. */
export function refuseAdministrator(db: TenantDatabase, user: User): void {
  const isProtected =
    user.directoryRoles.length > 0 ||
    db.all('groups').some((group) => group.isAssignableToRole && group.members.includes(user.id));
  if (isProtected && db.settings.app.directoryRoles.length === 0) throw insufficient();
}

function insufficient(): ServiceError {
  const message = 'Insufficient privileges to complete the operation.';
  return new ServiceError(403, 'Authorization_RequestDenied', message);
}

function revokeSessions({ params, db, now }: RouteRequest): RouteResponse {
  const user = findUser(db, params.id ?? '');
  // The directory stores whole seconds.
  const signInSessionsValidFromDateTime = new Date(now).toISOString().replace(/\.\d+/, '');
  db.put('users', { ...user, signInSessionsValidFromDateTime });
  const body = { '@odata.context': `https://${GRAPH.name}/v1.0/$metadata#Edm.Boolean`, value: true };
  return { status: 200, body };
}

export const userRoutes: readonly Route[] = [
  { host: GRAPH, method: 'GET', path: '/v1.0/users', anyOf: [...READ, READ_BASIC], handle: listUsers },
  { host: GRAPH, method: 'GET', path: '/v1.0/users/:id', anyOf: [...READ, READ_BASIC], handle: getUser },
  {
    host: GRAPH,
    method: 'PATCH',
    path: '/v1.0/users/:id',
    anyOf: [...ENABLE, ...PASSWORDS],
    handle: updateUser,
  },
  {
    host: GRAPH,
    method: 'POST',
    path: '/v1.0/users/:id/revokeSignInSessions',
    anyOf: ['User.RevokeSessions.All', 'User.ReadWrite.All', 'Directory.ReadWrite.All'],
    handle: revokeSessions,
  },
];
