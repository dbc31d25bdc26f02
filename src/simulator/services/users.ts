/** Users of Microsoft Graph. https://learn.microsoft.com/graph/api/resources/user */
import { z } from 'zod';
import { ServiceError } from '../errors.js';
import { applyQuery, select } from '../odata.js';
import type { Call, Reply, Route } from '../router.js';
import type { User } from '../tenant.js';
import type { World } from '../world.js';
import { readBody } from './body.js';
import { byApp, recordChange } from './directory-audits.js';

const host = 'graph.microsoft.com';
const READ = ['User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'];
/** With this permission alone, whatever is not in the list comes as null. */
const READ_BASIC = 'User.ReadBasic.All';
const BASIC = new Set(['id', 'displayName', 'givenName', 'surname', 'mail', 'userPrincipalName']);
/** What Graph answers when nothing is selected. */
const DEFAULT_PROPERTIES =
  'businessPhones,displayName,givenName,id,jobTitle,mail,mobilePhone,officeLocation,preferredLanguage,surname,userPrincipalName';

/** By object id or by user principal name. */
export function findUser(world: World, idOrName: string): User {
  const wanted = idOrName.toLowerCase();
  const user = world
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

function visible({
  managerId: _m,
  risk: _r,
  directoryRoles: _d,
  ...properties
}: User): Record<string, unknown> {
  return properties;
}

function getUser({ params, query, world }: Call): Reply {
  const user = findUser(world, params.id ?? '');
  const names = query.get('$select');
  const body = {
    '@odata.context': `https://${host}/v1.0/$metadata#users${names ? `(${names})` : ''}/$entity`,
    ...seen(select(visible(user), names ?? DEFAULT_PROPERTIES), world),
    ...manager(world, user, query.get('$expand')),
  };
  return { status: 200, body };
}

/** Properties that a filter may name although a user has no value for them. */
const NO_VALUES = {
  mail: null,
  mailNickname: null,
  displayName: null,
  onPremisesSecurityIdentifier: null,
  onPremisesSamAccountName: null,
  onPremisesImmutableId: null,
};

function listUsers({ query, world }: Call): Reply {
  const names = query.get('$select');
  const found = applyQuery(
    world.all('users').map((user) => ({ ...NO_VALUES, ...visible(user) })),
    query,
    { anyCase: true },
  );
  const value = found.map((user) => seen(select(user, names ?? DEFAULT_PROPERTIES), world));
  return { status: 200, body: { '@odata.context': `https://${host}/v1.0/$metadata#users`, value } };
}

function seen(properties: Record<string, unknown>, { settings }: World): Record<string, unknown> {
  if (settings.app.permissions.graph.some((permission) => READ.includes(permission))) return properties;
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, BASIC.has(name) ? value : null]),
  );
}

function manager(world: World, user: User, expand: string | null): Record<string, unknown> {
  if (!/^manager\b/.test(expand ?? '') || user.managerId === undefined) return {};
  const names = /\$select=([^;)]*)/.exec(expand ?? '')?.[1];
  const found = visible(findUser(world, user.managerId));
  return {
    manager: { '@odata.type': '#microsoft.graph.user', ...select(found, names ?? DEFAULT_PROPERTIES) },
  };
}

function updateUser({ params, text, world, now }: Call): Reply {
  const user = findUser(world, params.id ?? '');
  const { accountEnabled } = readBody(
    text,
    z.strictObject({ accountEnabled: z.boolean() }),
    'Request_BadRequest',
  );
  // An app cannot disable administrators by its permissions alone.
  if (user.directoryRoles.length > 0 && world.settings.app.directoryRoles.length === 0) {
    throw new ServiceError(
      403,
      'Authorization_RequestDenied',
      'Insufficient privileges to complete the operation.',
    );
  }
  world.put('users', { ...user, accountEnabled });
  if (user.accountEnabled !== accountEnabled)
    recordChange(world, { ...user, accountEnabled }, byApp(world), now);
  return { status: 204 };
}

function revokeSessions({ params, world, now }: Call): Reply {
  const user = findUser(world, params.id ?? '');
  // The directory keeps whole seconds.
  const signInSessionsValidFromDateTime = new Date(now).toISOString().replace(/\.\d+/, '');
  world.put('users', { ...user, signInSessionsValidFromDateTime });
  const body = { '@odata.context': `https://${host}/v1.0/$metadata#Edm.Boolean`, value: true };
  return { status: 200, body };
}

export const userRoutes: readonly Route[] = [
  { host, method: 'GET', path: '/v1.0/users', anyOf: [...READ, READ_BASIC], answer: listUsers },
  { host, method: 'GET', path: '/v1.0/users/:id', anyOf: [...READ, READ_BASIC], answer: getUser },
  {
    host,
    method: 'PATCH',
    path: '/v1.0/users/:id',
    anyOf: ['User.EnableDisableAccount.All', 'User.ReadWrite.All', 'Directory.ReadWrite.All'],
    answer: updateUser,
  },
  {
    host,
    method: 'POST',
    path: '/v1.0/users/:id/revokeSignInSessions',
    anyOf: ['User.RevokeSessions.All', 'User.ReadWrite.All', 'Directory.ReadWrite.All'],
    answer: revokeSessions,
  },
];
