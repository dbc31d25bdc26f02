/** Authorises calls: token, audience, and the permissions that the tenant has granted to the app. */
import { ServiceError } from './errors.js';
import type { Route } from './router.js';
import type { App } from './simulated-host.js';
import { refuseToken } from './tokens.js';

/** @throws ServiceError 401 or 403 with the service's own text. */
export function checkAccess({ host, anyOf }: Route, authorization: string | undefined, app: App): void {
  if (anyOf === undefined || host.access === undefined) return;
  const { audiences, unauthorizedCode, granted, forbidden } = host.access;
  const refusal = refuseToken(app, authorization, audiences);
  if (refusal !== undefined) {
    throw new ServiceError(401, unauthorizedCode, refusal, {
      'WWW-Authenticate': `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"`,
    });
  }
  if (anyOf.length === 0) return;
  const grants = granted(app);
  if (!anyOf.some((name) => grants.includes(name))) throw forbidden(anyOf, grants, app);
}
