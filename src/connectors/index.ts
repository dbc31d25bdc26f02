/** The clients of all services, over one transport. */
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import type { Api, Apis, ClientsOf } from './api.js';
import type { LogsClient, RestClient } from './clients.js';
import type { Clock, ConnectorConfig } from './config.js';
import { createCredential } from './credential.js';
import { graphSend } from './graph.js';
import { createLogsClient, type LogsOptions } from './logs.js';
import { pipelineSend } from './pipeline.js';
import { createRestClient } from './rest.js';
import { realSleep, type Sleep } from './retry.js';
import { dryRunHttpClient, type WouldSend } from './transport/dry-run.js';
import { createTransport } from './transport/index.js';

export type { Api, Apis, ClientsOf } from './api.js';
export type { ApiResponse, CallOptions, LogsClient, QueryResult, RestClient } from './clients.js';
export type { ConnectorConfig } from './config.js';
export { createEventPublisher, type EventPublisher } from './event-grid.js';
export type { WouldSend } from './transport/dry-run.js';
export { createTransport } from './transport/index.js';

const DEFAULT_TIMEOUT_MS = 20_000;

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
export function createClients<A extends Apis>(
  apis: A,
  config: ConnectorConfig,
  parts: ClientParts,
): ClientsOf<A> {
  const httpClient = parts.httpClient ?? createTransport(config, parts.clock, apis);
  const credential = parts.credential ?? createCredential(config, httpClient);
  const common = {
    credential,
    httpClient,
    clock: parts.clock,
    timeoutMs: config.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    sleep: parts.sleep ?? realSleep,
  };
  const clients = Object.entries(apis).map(([name, api]) => [name, createClient(api, common)] as const);
  return Object.fromEntries(clients) as ClientsOf<A>;
}

/** Clients that read, and that return writes in `requests` instead of sending them: the call fails with `dry-run`. */
export function createDryRunClients<A extends Apis>(
  apis: A,
  config: ConnectorConfig,
  parts: ClientParts,
): { readonly clients: ClientsOf<A>; readonly requests: readonly WouldSend[] } {
  const requests: WouldSend[] = [];
  const secrets = config.clientSecret === undefined ? [] : [config.clientSecret];
  const sends = parts.httpClient ?? createTransport(config, parts.clock, apis);
  const httpClient = dryRunHttpClient(sends, apis, requests, secrets);
  return { clients: createClients(apis, config, { ...parts, httpClient }), requests };
}

function createClient(api: Api, common: LogsOptions): RestClient | LogsClient {
  switch (api.client) {
    case 'rest': {
      const send = pipelineSend({ ...common, origin: `https://${api.host}`, scope: api.scope });
      return createRestClient({ ...common, service: api.title, send });
    }
    case 'graph':
      return createRestClient({ ...common, service: api.title, send: graphSend({ ...common, api }) });
    case 'log-analytics':
      return createLogsClient(common, api.title);
  }
}
