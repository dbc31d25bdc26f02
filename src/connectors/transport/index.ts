/** The one transport for all calls: to real Azure, a simulated tenant, or a recording. */
import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import type { Clock, ConnectorConfig } from '../config.js';
import { recordingHttpClient } from './recording.js';
import { replayingHttpClient } from './replaying.js';
import { simulatedHttpClient } from './simulated.js';

/**
 * The HTTP client that the configuration selects. All SDK clients use it, including the credentials.
 * @throws ResponderError `recording-unreadable`, `recording-unwritable`, `configuration`.
 */
export function createTransport(config: ConnectorConfig, clock: Clock): HttpClient {
  const secrets = config.clientSecret === undefined ? [] : [config.clientSecret];
  if (config.recordedExchanges !== undefined) return replayingHttpClient(config.recordedExchanges, secrets);
  const synthetic = config.simulatedTenantUrl !== undefined;
  const client =
    config.simulatedTenantUrl === undefined
      ? createDefaultHttpClient()
      : simulatedHttpClient(config.simulatedTenantUrl);
  if (config.recordExchangesTo === undefined) return client;
  return recordingHttpClient(client, { file: config.recordExchangesTo, clock, secrets, synthetic });
}
