/** The metadata that points bots to the Bot Connector's keys. */

import type { Route } from '../../router.js';
import { BOT_FRAMEWORK_SIGN_IN } from './hosts.js';
import { TEAMS_ISSUER, type TeamsService } from './service.js';

export function metadataRoutes({ keys }: TeamsService): readonly Route[] {
  return [
    {
      host: BOT_FRAMEWORK_SIGN_IN,
      method: 'GET',
      path: '/v1/.well-known/openidconfiguration',
      handle: () => ({
        status: 200,
        body: {
          issuer: TEAMS_ISSUER,
          authorization_endpoint: 'https://invalid.botframework.com',
          jwks_uri: `https://${BOT_FRAMEWORK_SIGN_IN.name}/v1/.well-known/keys`,
          id_token_signing_alg_values_supported: ['RS256'],
          token_endpoint_auth_methods_supported: ['private_key_jwt'],
        },
      }),
    },
    {
      host: BOT_FRAMEWORK_SIGN_IN,
      method: 'GET',
      path: '/v1/.well-known/keys',
      handle: () => ({ status: 200, body: keys.published() }),
    },
  ];
}
