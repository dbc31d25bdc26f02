/** The triggers for incidents, as senders use them: each resolves when the sender has an acknowledgement. */
import { readFileSync } from 'node:fs';
import { AzureKeyCredential, EventGridPublisherClient } from '@azure/eventgrid';
import { ServiceBusClient } from '@azure/service-bus';
import { deliverByHttp } from '../../../src/cli/approvals-api.js';
import { event } from '../fixture.js';
import type { Ready } from './life.js';

const text = readFileSync(event, 'utf8');

/** One attempt without the client's own retries: the test decides about retries. */
const NO_RETRIES = { retryOptions: { maxRetries: 0, timeoutInMs: 20_000 } };

export const triggers = {
  http: ({ url, functionKey }: Ready) => deliverByHttp(url, functionKey, text),

  async 'event-grid'({ eventGrid }: Ready) {
    const client = new EventGridPublisherClient(
      eventGrid.url,
      'EventGrid',
      new AzureKeyCredential(eventGrid.key),
      { ...NO_RETRIES, allowInsecureConnection: true },
    );
    const data: unknown = JSON.parse(text);
    await client.send([
      { id: 'one-event', eventType: 'Contoso.Incident', subject: 'incident', dataVersion: '1', data },
    ]);
  },

  'service-bus': (ready: Ready) => sendMessage(ready, 'incidents', JSON.parse(text)),
} as const;
export type Trigger = keyof typeof triggers;

export async function sendMessage({ serviceBus }: Ready, queue: string, body: unknown): Promise<void> {
  const client = new ServiceBusClient(serviceBus, NO_RETRIES);
  try {
    await client.createSender(queue).sendMessages({ body });
  } finally {
    // Not awaited: if the other side has ended, the client waits for its close without end.
    void client.close().catch(() => undefined);
  }
}
