/** Publishes CloudEvents 1.0 to a topic of Event Grid. https://learn.microsoft.com/azure/event-grid/cloud-event-schema */
import { type CloudEvent, EventGridPublisherClient } from '@azure/eventgrid';
import { z } from 'zod';
import { path } from '../domain/builders/path.js';
import { ResponderError } from '../domain/errors.js';
import type { Clock, ConnectorConfig } from './config.js';
import { createCredential } from './credential.js';
import { createRestClient } from './rest.js';
import { realSleep } from './retry.js';
import { sdkSend } from './sdk-send.js';
import { createTransport } from './transport/index.js';

export interface EventPublisher {
  /**
   * All or nothing. Event Grid takes 1 MB at once.
   * @throws ResponderError as RestClient throws them.
   */
  publish(events: readonly CloudEvent<object>[]): Promise<void>;
}

/** Shorter than that of other calls: publishing must not delay anything, and is repeated later. */
const TIMEOUT_MS = 10_000;

/**
 * Signs in like the other clients. The client of the SDK requests tokens for `https://eventgrid.azure.net`.
 * @param endpoint `https://{topic}.{region}.eventgrid.azure.net/api/events`
 */
export function createEventPublisher(
  endpoint: string,
  config: ConnectorConfig,
  { clock }: { readonly clock: Clock },
): EventPublisher {
  const title = 'Event Grid';
  const { host } = new URL(endpoint);
  const api = { title, host, scope: 'https://eventgrid.azure.net/.default', client: 'rest' } as const;
  const httpClient = createTransport(config, clock, { eventGrid: api });
  const client = new EventGridPublisherClient(
    endpoint,
    'CloudEvent',
    createCredential(config, httpClient),
    // The SDK would repeat the call by itself, and wait as long as the service requests.
    { httpClient, retryOptions: { maxRetries: 0 }, redirectOptions: { maxRetries: 0 } },
  );
  return {
    async publish(events) {
      const rest = createRestClient({
        service: title,
        clock,
        timeoutMs: TIMEOUT_MS,
        sleep: realSleep,
        send: ({ signal }) => sdkSend((sent) => client.send([...events], sent), signal),
      });
      try {
        await rest.post(path`/api/events`, undefined, z.unknown());
      } catch (error) {
        throw withRole(error);
      }
    },
  };
}

/** Event Grid's own texts do not name the role. */
function withRole(error: unknown): unknown {
  if (!(error instanceof ResponderError)) return error;
  const { httpStatus } = error.info;
  if (httpStatus !== 401 && httpStatus !== 403) return error;
  return new ResponderError({
    ...error.info,
    next: 'Grant the identity of the app the role EventGrid Data Sender on the topic.',
  });
}
