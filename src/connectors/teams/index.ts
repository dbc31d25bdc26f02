/** Teams without a bot SDK: who calls, and what the bot says. */
import type { HttpClient } from '@azure/core-rest-pipeline';
import { ResponderError } from '../../domain/errors.js';
import type { Clock, ConnectorConfig } from '../config.js';
import { createCredential } from '../credential.js';
import { type Pause, realPause } from '../repeat.js';
import { createTransport } from '../transport/index.js';
import { createTeamsClient, type TeamsClient } from './client.js';
import { type TeamsCloudName, teamsClouds } from './cloud.js';
import { createTokenVerifier, type TokenVerifier } from './verifier.js';

export type { CardMessage, ChannelAddress, MessageAddress, TeamsClient } from './client.js';
export { isServiceUrl, TEAMS_CLOUDS, type TeamsCloud, type TeamsCloudName, teamsClouds } from './cloud.js';
export type { ClaimedActivity, TokenRefusal, TokenVerdict, TokenVerifier } from './verifier.js';

/** What passes between the bot and Teams is not part of a recording. */
export interface TeamsConfig extends Omit<ConnectorConfig, 'recordedExchanges' | 'recordExchangesTo'> {
  /** App id of the bot: the client id of its managed identity or app registration. */
  readonly botId: string;
  readonly cloud: TeamsCloudName;
}
export interface TeamsParts {
  readonly clock: Clock;
  readonly httpClient?: HttpClient;
  readonly pause?: Pause;
}
export interface Teams {
  readonly client: TeamsClient;
  readonly verifier: TokenVerifier;
  /** Where posts go as long as Teams has told no better address. */
  readonly defaultServiceUrl: string;
}

const DEFAULT_TIMEOUT_MS = 15_000;

/**
 * Both directions for one bot. Nothing is sent before the first call.
 * @throws ResponderError `configuration`, also when a client secret of another app than the bot's is configured.
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
      pause: parts.pause ?? realPause,
    }),
  };
}

function anotherApp(): ResponderError {
  return new ResponderError({
    code: 'configuration',
    message: 'TEAMS_BOT_ID names another app than AZURE_CLIENT_ID, whose secret is configured.',
    blame: 'caller',
    retry: 'no',
    place: 'TEAMS_BOT_ID',
    next: 'Use the same app for both, or a managed identity for the bot and no secret.',
  });
}
