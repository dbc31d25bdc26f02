/** Responses of the sign-in host in a replay: enough for the credential's library, and without secrets. */

const DAY_IN_SECONDS = 86_400;

/** Body for the discovery document or the token endpoint of `login.microsoftonline.com`. */
export function signInResponse(url: URL): string {
  const tenant = url.pathname.split('/')[1] ?? 'common';
  const base = `https://${url.host}/${tenant}`;
  if (url.pathname.endsWith('/openid-configuration')) {
    return JSON.stringify({
      issuer: `${base}/v2.0`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      end_session_endpoint: `${base}/oauth2/v2.0/logout`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
    });
  }
  return JSON.stringify({
    token_type: 'Bearer',
    expires_in: DAY_IN_SECONDS,
    ext_expires_in: DAY_IN_SECONDS,
    access_token: 'replay',
  });
}
