/** The authentication methods of users. https://learn.microsoft.com/graph/api/authentication-list-methods */
import { ServiceError } from '../../errors.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import { GRAPH } from './host.js';
import { findUser, refuseAdministrator } from './users.js';

const PATH = '/v1.0/users/:id/authentication';
const WRITE = ['UserAuthenticationMethod.ReadWrite.All'];
const READ = ['UserAuthenticationMethod.Read.All', ...WRITE];

function list({ params, db }: RouteRequest): RouteResponse {
  const { authenticationMethods = [] } = findUser(db, params.id ?? '');
  const context = `https://${GRAPH.name}/v1.0/$metadata#users('${params.id}')/authentication/methods`;
  return { status: 200, body: { '@odata.context': context, value: authenticationMethods } };
}

/** `phoneMethods` has the methods of the type `phoneAuthenticationMethod`. */
const typeOf = (collection: string): string =>
  `#microsoft.graph.${collection.replace(/Methods$/i, 'AuthenticationMethod')}`.toLowerCase();

/** https://learn.microsoft.com/graph/api/phoneauthenticationmethod-delete */
function remove({ params, db }: RouteRequest): RouteResponse {
  const { id = '', collection = '', method = '' } = params;
  const user = findUser(db, id);
  refuseAdministrator(db, user);
  const { authenticationMethods = [], defaultMethod } = user;
  const found = authenticationMethods.find(
    (one) => one.id === method && one['@odata.type'].toLowerCase() === typeOf(collection),
  );
  if (found === undefined) {
    throw new ServiceError(404, 'resourceNotFound', 'The requested authentication method was not found.');
  }
  const others = authenticationMethods.filter((one) => one !== found);
  const isOther = ({ '@odata.type': type }: { '@odata.type': string }) => !/password/i.test(type);
  if (found.id === defaultMethod && others.some(isOther)) {
    throw new ServiceError(400, 'badRequest', 'The default authentication method cannot be deleted.');
  }
  if (found.phoneType === 'mobile' && others.some(({ phoneType }) => phoneType === 'alternateMobile')) {
    throw new ServiceError(400, 'badRequest', 'A mobile phone is needed for the alternate mobile phone.');
  }
  db.put('users', { ...user, authenticationMethods: others });
  return { status: 204 };
}

export const authenticationMethodRoutes: readonly Route[] = [
  { host: GRAPH, method: 'GET', path: `${PATH}/methods`, anyOf: READ, handle: list },
  { host: GRAPH, method: 'DELETE', path: `${PATH}/:collection/:method`, anyOf: WRITE, handle: remove },
];
