/** Teams without a bot SDK: verifies calls, and sends messages of the bot. */
import type { HttpClient } from '@azure/core-rest-pipeline';
import { ResponderError } from '../../domain/errors.js';
import type { Clock, ConnectorConfig } from '../config.js';
import { createCredential } from '../credential.js';
import { realSleep, type Sleep } from '../retry.js';
import { createTransport } from '../transport/index.js';
import { createTeamsClient, type TeamsClient } from './client.js';
import { type TeamsCloudName, teamsClouds } from './cloud.js';
import { createTokenVerifier, type TokenVerifier } from './verifier.js';

export type { CardMessage, ChannelAddress, MessageAddress, TeamsClient } from './client.js';
export { isServiceUrl, TEAMS_CLOUDS, type TeamsCloud, type TeamsCloudName, teamsClouds } from './cloud.js';
export type { ClaimedActivity, TokenRefusal, TokenVerification, TokenVerifier } from './verifier.js';
export { audienceOf } from './verifier.js';

/** Traffic between the bot and Teams is not recorded. */
export interface TeamsConfig extends Omit<ConnectorConfig, 'recordedExchanges' | 'recordExchangesTo'> {
  /** App id of the bot: the client id of its managed identity or app registration. */
  readonly botId: string;
  readonly cloud: TeamsCloudName;
}
export interface TeamsParts {
  readonly clock: Clock;
  readonly httpClient?: HttpClient;
  readonly sleep?: Sleep;
}
export interface Teams {
  readonly client: TeamsClient;
  readonly verifier: TokenVerifier;
  /** Address for posts until Teams names another one. */
  readonly defaultServiceUrl: string;
}

const DEFAULT_TIMEOUT_MS = 15_000;

/**
 * Both directions for one bot. Nothing is sent before the first call.
 * @throws ResponderError `configuration`, also if the configured client secret belongs to another app than the bot's.
 */
export function createTeams(config: TeamsConfig, parts: TeamsParts): Teams {
  const { botId, clock } = { botId: config.botId.toLowerCase(), clock: parts.clock };
  if (config.clientSecret !== undefined && config.clientId?.toLowerCase() !== botId) throw anotherApp();
  const cloud = teamsClouds[config.cloud];
  const httpClient = parts.httpClient ?? createTransport(config, clock);
  return {
    defaultServiceUrl: cloud.defaultServiceUrl,
    verifier: createTokenVerifier({ cloud, botId }, { httpClient, clock }),
    client: createTeamsClient({
      cloud,
      botId,
      httpClient,
      clock,
      credential: createCredential({ ...config, clientId: botId }, httpClient),
      timeoutMs: config.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      sleep: parts.sleep ?? realSleep,
    }),
  };
}

function anotherApp(): ResponderError {
  return new ResponderError({
    code: 'configuration',
    message: 'TEAMS_BOT_ID names another app than AZURE_CLIENT_ID, whose secret is configured.',
    fault: 'caller',
    retry: 'no',
    place: 'TEAMS_BOT_ID',
    next: 'Use the same app for both, or a managed identity for the bot and no secret.',
  });
}
