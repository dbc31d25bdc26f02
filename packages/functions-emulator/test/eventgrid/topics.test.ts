import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  AzureKeyCredential,
  AzureSASCredential,
  EventGridPublisherClient,
  generateSharedAccessSignature,
} from '@azure/eventgrid';
import { describe, expect, onTestFinished, test } from 'vitest';
import { wallClock } from '../../src/clock.js';
import { createEventGridTopics, type EventGridTopics } from '../../src/eventgrid/topics.js';
import { openStore, type Store } from '../../src/store/store.js';
import type { Clock, HostEvent } from '../../src/types.js';
import { ManualClock } from '../servicebus/manual-clock.js';

interface Delivered {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}
interface Host {
  readonly topics: EventGridTopics;
  readonly url: string;
  readonly key: string;
  readonly delivered: Delivered[];
  readonly logs: HostEvent[];
  /** Ends topics and server; the store stays. */
  readonly end: () => Promise<void>;
}

const KEY = Buffer.from('a topic key').toString('base64');

/** A server with the topics and a webhook with configurable responses. */
async function start(
  clock: Clock = wallClock(),
  webhook: (attempt: number) => number = () => 202,
  store: Store = openTestStore(),
): Promise<Host> {
  const delivered: Delivered[] = [];
  const logs: HostEvent[] = [];
  let topics: EventGridTopics | undefined;
  const server: Server = createServer(async (request, response) => {
    if (await topics?.handle(request, response)) return;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    delivered.push({ url: request.url ?? '', headers: request.headers, body: text && JSON.parse(text) });
    response.writeHead(webhook(delivered.length)).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const hostUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  topics = createEventGridTopics({
    clock,
    database: store,
    hostUrl,
    functions: ['onIncident'],
    topicKey: KEY,
    webhookKey: 'webhook key',
    onEvent: (event) => logs.push(event),
  });
  topics.start();
  const end = async (): Promise<void> => {
    await topics?.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(async () => {
    if (server.listening) await end();
  });
  const [topic] = topics.topics;
  return { topics, url: topic?.url ?? '', key: topic?.key ?? '', delivered, logs, end };
}

function openTestStore(): Store {
  const store = openStore(undefined, undefined, () => undefined);
  onTestFinished(() => store.close());
  return store;
}

const publisher = (
  host: Host,
  credential: AzureKeyCredential | AzureSASCredential = new AzureKeyCredential(host.key),
) => new EventGridPublisherClient(host.url, 'EventGrid', credential, { allowInsecureConnection: true });

const incident = {
  id: 'e-1',
  subject: '/incidents/1',
  eventType: 'Contoso.IncidentCreated',
  eventTime: new Date('2026-01-01T00:00:00Z'),
  dataVersion: '1.0',
  data: { severity: 'High' },
};

const post = (url: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', 'aeg-sas-key': KEY, ...headers },
  });

describe('publishing', () => {
  test('an event of the client library reaches the webhook, stamped', async () => {
    const host = await start();
    await publisher(host).send([incident]);
    await expect.poll(() => host.delivered.length).toBe(1);
    const [{ url, headers, body }] = host.delivered as [Delivered];
    expect(url).toBe('/runtime/webhooks/eventgrid?functionName=onIncident&code=webhook%20key');
    expect(headers).toMatchObject({ 'aeg-event-type': 'Notification', 'aeg-delivery-count': '0' });
    expect(body).toEqual([
      {
        ...incident,
        eventTime: '2026-01-01T00:00:00.000Z',
        topic: expect.stringMatching(/Microsoft\.EventGrid\/topics\/onIncident$/),
        metadataVersion: '1',
      },
    ]);
  });

  test('each event is delivered in its own request', async () => {
    const host = await start();
    await publisher(host).send([incident, { ...incident, id: 'e-2' }]);
    await expect.poll(() => host.delivered.length).toBe(2);
    const ids = host.delivered.map(({ body }) => (body as { id: string }[]).map(({ id }) => id));
    expect(ids.toSorted()).toEqual([['e-1'], ['e-2']]);
  });

  test('cloud events are delivered as single objects', async () => {
    const host = await start();
    const client = new EventGridPublisherClient(host.url, 'CloudEvent', new AzureKeyCredential(host.key), {
      allowInsecureConnection: true,
    });
    await client.send([
      {
        id: 'c-1',
        source: '/contoso',
        type: 'Contoso.Incident',
        data: { a: 1 },
        extensionAttributes: { team: 'blue' },
      },
    ]);
    await expect.poll(() => host.delivered.length).toBe(1);
    expect(host.delivered[0]?.headers['content-type']).toMatch(/^application\/cloudevents\+json/);
    expect(host.delivered[0]?.body).toMatchObject({
      id: 'c-1',
      specversion: '1.0',
      data: { a: 1 },
      team: 'blue',
    });
  });

  test('a shared access signature is accepted while it is valid and for this topic', async () => {
    const host = await start();
    const sign = (url: string, expires: number): Promise<string> =>
      generateSharedAccessSignature(url, new AzureKeyCredential(host.key), new Date(expires));
    const tokens = await Promise.all([
      sign(host.url, Date.now() + 60_000),
      sign(host.url, Date.now() - 60_000),
      sign(host.url.replace('onIncident', 'other'), Date.now() + 60_000),
      sign(host.url, Date.now() + 60_000).then((token) => token.replace(/&s=.{3}/, '&s=AAA')),
    ]);
    const answers = await Promise.allSettled(
      tokens.map((token) => publisher(host, new AzureSASCredential(token)).send([incident])),
    );
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected']);
  });

  test('a wrong key is 401', async () => {
    const host = await start();
    const stranger = publisher(host, new AzureKeyCredential('wrong'));
    await expect(stranger.send([incident])).rejects.toMatchObject({ statusCode: 401 });
    expect((await fetch(host.url, { method: 'POST', body: '[]' })).status).toBe(401);
    expect(host.delivered).toEqual([]);
  });

  test.each([
    ['no JSON', '{', /not JSON/],
    ['an object', '{}', /must be an array/],
    [
      'an event without an id',
      '[{"subject":"s","eventType":"t","eventTime":"2026-01-01T00:00:00Z"}]',
      /Event 0 .*id/,
    ],
    ['a wrong time', '[{"id":"1","subject":"s","eventType":"t","eventTime":"soon"}]', /eventTime/],
  ])('%s is 400 and nothing is delivered', async (_, body, message) => {
    const host = await start();
    const response = await post(host.url, body);
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(message);
    expect(host.delivered).toEqual([]);
  });

  test('a request above 1 MB is 413, an unknown topic is not handled, and only POST publishes', async () => {
    const host = await start();
    expect((await post(host.url, `["${'x'.repeat(1_100_000)}"]`)).status).toBe(413);
    expect((await fetch(host.url)).status).toBe(405);
    await post(host.url.replace('onIncident', 'other'), '[]');
    expect(host.delivered.map(({ url }) => url)).toEqual(['/eventgrid/other/api/events']);
  });
});

describe('delivery', () => {
  test('is retried on the documented schedule', async () => {
    const clock = new ManualClock();
    const host = await start(clock, (attempt) => (attempt < 4 ? 500 : 202));
    await publisher(host).send([incident]);
    for (const [attempt, wait] of [10_000, 30_000, 60_000].entries()) {
      await expect.poll(() => [host.delivered.length, clock.holds.size]).toEqual([attempt + 1, 0]);
      expect(clock.waits).toEqual([wait]);
      clock.advance(wait);
    }
    await expect.poll(() => host.delivered.length).toBe(4);
    expect(host.delivered[3]?.headers['aeg-delivery-count']).toBe('3');
    await expect.poll(() => [clock.waits, clock.holds.size]).toEqual([[], 0]);
    expect(host.topics.deadLetters()).toEqual([]);
  });

  test('ends as a dead letter after 24 hours', async () => {
    const clock = new ManualClock();
    const begin = clock.now();
    const host = await start(clock, () => 503);
    await publisher(host).send([incident]);
    while (host.topics.deadLetters().length === 0) {
      await expect.poll(() => clock.holds.size, { interval: 5 }).toBe(0);
      clock.advance(clock.waits[0] ?? 0);
    }
    expect(host.topics.deadLetters()).toMatchObject([
      {
        functionName: 'onIncident',
        event: { id: 'e-1' },
        deadLetterReason: 'TimeToLiveExceeded',
        deliveryAttempts: 11,
        lastDeliveryOutcome: '503',
        publishTime: new Date(begin).toISOString(),
      },
    ]);
    expect(clock.now()).toBeLessThanOrEqual(begin + 86_400_000);
    expect(host.logs).toMatchObject([
      { level: 'error', message: expect.stringContaining('TimeToLiveExceeded') },
    ]);
  });

  test.each([400, 401, 403, 413])('a webhook that answers %i is not called again', async (status) => {
    const clock = new ManualClock();
    const host = await start(clock, () => status);
    await publisher(host).send([incident]);
    await expect.poll(() => host.topics.deadLetters().length).toBe(1);
    expect(host.topics.deadLetters()[0]).toMatchObject({
      deliveryAttempts: 1,
      lastDeliveryOutcome: String(status),
    });
    expect(clock.waits).toEqual([]);
  });

  test('resumes accepted events after a restart', async () => {
    const clock = new ManualClock();
    const store = openTestStore();
    const first = await start(clock, () => 500, store);
    await publisher(first).send([incident]);
    await expect.poll(() => clock.waits).toEqual([10_000]);
    await first.end();
    expect(clock.waits).toEqual([]);
    clock.advance(4_000);
    const second = await start(clock, () => 202, store);
    expect(clock.waits).toEqual([6_000]);
    clock.advance(6_000);
    await expect.poll(() => second.delivered.length).toBe(1);
    expect(second.delivered[0]?.headers['aeg-delivery-count']).toBe('1');
  });
});
