/** The one transport for all calls: to real Azure, a simulated tenant, or a recording. */
import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import type { Apis } from '../api.js';
import type { Clock, ConnectorConfig } from '../config.js';
import { TEAMS_HOSTS } from '../teams/cloud.js';
import { SIGN_IN_HOST } from './exchange.js';
import { recordingHttpClient } from './recording.js';
import { replayingHttpClient } from './replaying.js';
import { simulatedHttpClient } from './simulated.js';

/**
 * The HTTP client that the configuration selects. All SDK clients use it, including the credentials.
 * @param apis those that it reaches, beside sign-in and Teams.
 * @throws ResponderError `recording-unreadable`, `recording-unwritable`, `configuration`.
 */
export function createTransport(config: ConnectorConfig, clock: Clock, apis: Apis = {}): HttpClient {
  const secrets = config.clientSecret === undefined ? [] : [config.clientSecret];
  if (config.recordedExchanges !== undefined)
    return replayingHttpClient(config.recordedExchanges, secrets, apis);
  const synthetic = config.simulatedTenantUrl !== undefined;
  const client =
    config.simulatedTenantUrl === undefined
      ? createDefaultHttpClient()
      : simulatedHttpClient(config.simulatedTenantUrl, [...hostsOf(apis), SIGN_IN_HOST, ...TEAMS_HOSTS]);
  if (config.recordExchangesTo === undefined) return client;
  return recordingHttpClient(client, { file: config.recordExchangesTo, clock, secrets, synthetic });
}

function hostsOf(apis: Apis): string[] {
  return Object.values(apis).map(({ host }) => host);
}
