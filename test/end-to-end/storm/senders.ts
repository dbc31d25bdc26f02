/** The senders of a storm: they send through all triggers, and repeat what was not acknowledged, as real senders do. */
import { setTimeout as pause } from 'node:timers/promises';
import { AzureKeyCredential, EventGridPublisherClient } from '@azure/eventgrid';
import { ServiceBusClient } from '@azure/service-bus';
import type { Ready } from './lives.js';

const AT_ONCE = 20;
const TRIES = 200;
export const TRIGGERS = ['service-bus', 'event-grid', 'http'] as const;
export type Trigger = (typeof TRIGGERS)[number];
export interface Sending {
  readonly trigger: Trigger;
  readonly body: object;
}

/** Sends everything. `ready`: the current life. `onSent` is called with the number of acknowledged bodies. */
export async function sendAll(
  sendings: readonly Sending[],
  ready: () => Ready,
  onSent: (count: number) => void,
): Promise<void> {
  let sent = 0;
  for (let at = 0; at < sendings.length; at += AT_ONCE) {
    const batch = sendings.slice(at, at + AT_ONCE);
    await Promise.all(
      TRIGGERS.map(async (trigger) => {
        const bodies = batch.filter((one) => one.trigger === trigger).map(({ body }) => body);
        if (bodies.length === 0) return;
        await acknowledged(() => SEND[trigger](bodies, ready()));
        sent += bodies.length;
        onSent(sent);
      }),
    );
  }
}

async function acknowledged(send: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await send();
    } catch (error) {
      if (tries === TRIES) throw error;
      await pause(100);
    }
  }
}

const SEND: Readonly<Record<Trigger, (bodies: readonly object[], ready: Ready) => Promise<void>>> = {
  'service-bus': async (bodies, { serviceBus }) => {
    const client = new ServiceBusClient(serviceBus, { retryOptions: { maxRetries: 0, timeoutInMs: 5_000 } });
    try {
      await client.createSender('incidents').sendMessages(bodies.map((body) => ({ body })));
    } finally {
      await client.close();
    }
  },
  'event-grid': async (bodies, { topic }) => {
    const client = new EventGridPublisherClient(topic.url, 'EventGrid', new AzureKeyCredential(topic.key), {
      allowInsecureConnection: true,
      retryOptions: { maxRetries: 0 },
    });
    const event = { eventType: 'Contoso.Incident', subject: 's', dataVersion: '1' };
    await client.send(bodies.map((data) => ({ ...event, data })));
  },
  http: async (bodies, { url, keys }) => {
    for (const body of bodies) {
      const response = await fetch(`${url}/api/incidents`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-functions-key': keys.function },
        body: JSON.stringify(body),
      });
      await response.text();
      if (response.status >= 500) throw new Error(`HTTP ${response.status}`);
    }
  },
};
