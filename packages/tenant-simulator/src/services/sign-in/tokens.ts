/** The token endpoint for applications. https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow */

import { ServiceError } from '../../errors.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import { issueToken } from '../../tokens.js';
import { SIGN_IN } from './host.js';

function configuration({ params }: RouteRequest): RouteResponse {
  const base = `https://${SIGN_IN.name}/${params.tenant}`;
  return {
    status: 200,
    body: {
      issuer: `${base}/v2.0`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      end_session_endpoint: `${base}/oauth2/v2.0/logout`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
    },
  };
}

function token({ params, text, db }: RouteRequest, audiences: readonly string[]): RouteResponse {
  const { app, tenant } = db.settings;
  const form = new URLSearchParams(text);
  if (params.tenant?.toLowerCase() !== tenant.id.toLowerCase()) {
    throw new ServiceError(400, 'invalid_request', `AADSTS90002: Tenant '${params.tenant}' not found.`);
  }
  if (form.get('grant_type') !== 'client_credentials') {
    throw new ServiceError(
      400,
      'unsupported_grant_type',
      'AADSTS70003: The app requested an unsupported grant type.',
    );
  }
  if (form.get('client_id') !== app.clientId) {
    throw new ServiceError(
      400,
      'unauthorized_client',
      `AADSTS700016: The application was not found in the directory '${tenant.displayName}'.`,
    );
  }
  if (form.get('client_secret') !== app.clientSecret) {
    throw new ServiceError(401, 'invalid_client', 'AADSTS7000215: Invalid client secret provided.');
  }
  const scope = (form.get('scope') ?? '').split(' ').find((part) => part.endsWith('/.default'));
  const audience = scope?.slice(0, -'/.default'.length).replace(/\/$/, '');
  if (audience === undefined || !audiences.includes(audience)) {
    throw new ServiceError(
      400,
      'invalid_scope',
      'AADSTS70011: The provided value for the input parameter scope is not valid.',
    );
  }
  const seconds = app.tokenLifetimeSeconds;
  return {
    status: 200,
    body: {
      token_type: 'Bearer',
      expires_in: seconds,
      ext_expires_in: seconds,
      access_token: issueToken(app, audience),
    },
  };
}

export function signInRoutes(audiences: readonly string[]): readonly Route[] {
  return [
    {
      host: SIGN_IN,
      method: 'GET',
      path: '/:tenant/v2.0/.well-known/openid-configuration',
      handle: configuration,
    },
    {
      host: SIGN_IN,
      method: 'POST',
      path: '/:tenant/oauth2/v2.0/token',
      handle: (call) => token(call, audiences),
    },
  ];
}
