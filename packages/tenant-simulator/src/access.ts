/** Authorises calls: token, audience, and the permissions that the tenant has granted to the app. */
import { ServiceError } from './errors.js';
import type { Host, Route } from './router.js';
import type { TenantState } from './tenant.js';
import { refuseToken } from './tokens.js';

const WITHOUT_TOKEN = ['login.microsoftonline.com', 'login.botframework.com'] as const;

/** Further names of a service are older audiences that tokens may still have. */
export const AUDIENCES: Readonly<Record<Exclude<Host, (typeof WITHOUT_TOKEN)[number]>, readonly string[]>> = {
  'graph.microsoft.com': ['https://graph.microsoft.com'],
  'api.security.microsoft.com': [
    'https://api.securitycenter.microsoft.com',
    'https://api.security.microsoft.com',
  ],
  'management.azure.com': ['https://management.azure.com', 'https://management.core.windows.net'],
  'api.loganalytics.io': ['https://api.loganalytics.io'],
  'smba.trafficmanager.net': ['https://api.botframework.com'],
};

/** @throws ServiceError 401 or 403 with the service's own text. */
export function checkAccess(route: Route, authorization: string | undefined, app: TenantState['app']): void {
  const { host } = route;
  if (route.anyOf === undefined || !needsToken(host)) return;
  const refusal = refuseToken(app, authorization, AUDIENCES[host]);
  if (refusal !== undefined) {
    throw new ServiceError(401, UNAUTHORIZED[host], refusal, {
      'WWW-Authenticate': `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"`,
    });
  }
  if (route.anyOf.length === 0) return;
  const granted = grantsFor(host, app);
  if (!route.anyOf.some((name) => granted.includes(name))) throw forbidden(route, app, granted);
}

function needsToken(host: Host): host is keyof typeof AUDIENCES {
  return Object.hasOwn(AUDIENCES, host);
}

const UNAUTHORIZED: Readonly<Record<keyof typeof AUDIENCES, string>> = {
  'graph.microsoft.com': 'InvalidAuthenticationToken',
  'api.security.microsoft.com': 'Unauthorized',
  'management.azure.com': 'InvalidAuthenticationToken',
  'api.loganalytics.io': 'InvalidTokenError',
  'smba.trafficmanager.net': 'Unauthorized',
};

function grantsFor(host: keyof typeof AUDIENCES, { permissions }: TenantState['app']): readonly string[] {
  switch (host) {
    case 'graph.microsoft.com':
      return permissions.graph;
    case 'api.security.microsoft.com':
      return permissions.defender;
    case 'management.azure.com':
      return permissions.azure;
    case 'api.loganalytics.io':
      return permissions.logAnalytics;
    case 'smba.trafficmanager.net':
      return [];
  }
}

function forbidden(route: Route, app: TenantState['app'], granted: readonly string[]): ServiceError {
  const needed = (route.anyOf ?? []).join(', ');
  switch (route.host) {
    case 'graph.microsoft.com':
      return new ServiceError(
        403,
        'Authorization_RequestDenied',
        `Missing scope permissions on the request. API requires one of '${needed}'. Scopes on the request '${granted.join(', ')}'`,
      );
    case 'api.security.microsoft.com':
      return new ServiceError(
        403,
        'Forbidden',
        `Missing application roles. API required roles: ${needed}, application roles: ${granted.join(', ')}.`,
      );
    case 'management.azure.com':
      return new ServiceError(
        403,
        'AuthorizationFailed',
        `The client '${app.clientId}' with object id '${app.objectId}' does not have authorization to perform this action; it needs one of the roles: ${needed}. If access was recently granted, please refresh your credentials.`,
      );
    default:
      return new ServiceError(
        403,
        'InsufficientAccessError',
        'The provided credentials have insufficient access to perform the requested operation',
      );
  }
}
