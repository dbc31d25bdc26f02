/** The clients of all services, over one transport. */
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import type { Clients } from './clients.js';
import type { Clock, ConnectorConfig } from './config.js';
import { createCredential } from './credential.js';
import { graphSend } from './graph.js';
import { createLogsClient } from './logs.js';
import { pipelineSend } from './pipeline.js';
import { createRestClient } from './rest.js';
import { realSleep, type Sleep } from './retry.js';
import { createTransport } from './transport/index.js';

export type { ApiResponse, CallOptions, Clients, LogsClient, QueryResult, RestClient } from './clients.js';
export type { ConnectorConfig } from './config.js';
export { createTransport } from './transport/index.js';

const DEFAULT_TIMEOUT_MS = 20_000;

/** The audience of Defender's tokens still has the service's old name. */
const DEFENDER_SCOPE = 'https://api.securitycenter.microsoft.com/.default';

export interface ClientParts {
  readonly clock: Clock;
  /** Default: the client that the configuration selects. */
  readonly credential?: TokenCredential;
  readonly httpClient?: HttpClient;
  /** The wait between retries of a read. Default: real time. */
  readonly sleep?: Sleep;
}

/**
 * Clients for the Azure, simulated or recorded tenant that `config` names. Nothing is sent before the first call.
 * @throws ResponderError `configuration`, `recording-unreadable`, `recording-unwritable`.
 */
export function createClients(config: ConnectorConfig, parts: ClientParts): Clients {
  const httpClient = parts.httpClient ?? createTransport(config, parts.clock);
  const credential = parts.credential ?? createCredential(config, httpClient);
  const common = {
    clock: parts.clock,
    timeoutMs: config.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    sleep: parts.sleep ?? realSleep,
  };
  const pipeline = (origin: string, scope: string) => pipelineSend({ origin, scope, credential, httpClient });
  return {
    graph: createRestClient({
      ...common,
      service: 'Microsoft Graph',
      send: graphSend(credential, httpClient),
    }),
    defender: createRestClient({
      ...common,
      service: 'Defender for Endpoint',
      send: pipeline('https://api.security.microsoft.com', DEFENDER_SCOPE),
    }),
    arm: createRestClient({
      ...common,
      service: 'Azure Resource Manager',
      send: pipeline('https://management.azure.com', 'https://management.azure.com/.default'),
    }),
    logs: createLogsClient({ ...common, credential, httpClient }),
  };
}
