/** Each kind of trigger starts durable work, and holds a virtual clock while it runs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AzureKeyCredential, EventGridPublisherClient } from '@azure/eventgrid';
import { ServiceBusClient } from '@azure/service-bus';
import { type Host, type HostEvent, startHost, type TriggerKind, virtualClock } from 'functions-emulator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toyApp } from '../functions/app.js';

const BEGIN = Date.UTC(2026, 0, 1);
const DAY = 86_400_000;

let host: Host;
const events: HostEvent[] = [];
let client: ServiceBusClient;
/** The timer would be due again and again. */
let releaseClock: () => void;
beforeAll(async () => {
  host = await startHost({
    appDirectory: toyApp('triggers'),
    port: 0,
    serviceBusPort: 0,
    clock: virtualClock(BEGIN),
    onEvent: (event) => events.push(event),
  });
  client = new ServiceBusClient(host.serviceBusConnectionString as string);
  releaseClock = host.clock.hold('it is not night yet');
});
afterAll(async () => {
  releaseClock();
  await client.close();
  await host.stop();
});

/** The output of the instance that the trigger started. */
async function outputOf(id: string): Promise<unknown> {
  const limit = performance.now() + 10_000;
  while (performance.now() < limit) {
    const response = await fetch(`${host.url}/runtime/webhooks/durabletask/instances/${id}`);
    if (response.status === 200) return ((await response.json()) as { output: unknown }).output;
    await sleep(5);
  }
  throw new Error(`${id} does not end`);
}

test('an HTTP request starts an orchestration', async () => {
  const response = await fetch(`${host.url}/api/begin/by-http`, { method: 'POST', body: '{"n":1}' });
  expect(response.status).toBe(202);
  expect(await outputOf('by-http')).toEqual({ by: 'http', n: 1 });
});

test('a queue message starts an orchestration', async () => {
  await client.createSender('orders').sendMessages({ body: { n: 2 }, messageId: 'by-queue' });
  expect(await outputOf('by-queue')).toEqual({ by: 'queue', n: 2 });
});

test('a message for a topic starts an orchestration for each of its subscriptions', async () => {
  await client.createSender('alerts').sendMessages({ body: { n: 3 }, messageId: 'by-topic' });
  expect(await outputOf('by-topic-low')).toEqual({ by: 'low', n: 3 });
  expect(await outputOf('by-topic-high')).toEqual({ by: 'high', n: 3 });
});

test('an Event Grid event starts an orchestration', async () => {
  const [topic] = host.eventGridTopics;
  const publisher = new EventGridPublisherClient(
    topic?.url ?? '',
    'EventGrid',
    new AzureKeyCredential(topic?.key ?? ''),
    { allowInsecureConnection: true },
  );
  await publisher.send([{ id: 'by-event', subject: 's', eventType: 't', dataVersion: '1', data: { n: 4 } }]);
  expect(await outputOf('by-event')).toEqual({ by: 'event', n: 4 });
});

test('a timer starts an orchestration at its time', async () => {
  expect(host.clock.now()).toBe(BEGIN);
  releaseClock();
  expect(await outputOf('by-timer-2026-01-02')).toEqual({ by: 'timer' });
  expect(host.clock.now()).toBeGreaterThanOrEqual(BEGIN + DAY);
  releaseClock = host.clock.hold('enough');
});

test('a connection survives the days that the clock has jumped over', async () => {
  await client.createSender('orders').sendMessages({ body: { n: 5 }, messageId: 'by-queue-later' });
  expect(await outputOf('by-queue-later')).toEqual({ by: 'queue', n: 5 });
});

test('an orchestration runs activities and entities', async () => {
  const response = await fetch(`${host.url}/api/begin/by-all`, { method: 'POST', body: '{"count":true}' });
  expect(response.status).toBe(202);
  expect(await outputOf('by-all')).toEqual({ by: 'http', count: true, counted: 1 });
});

test.each<TriggerKind>([
  'httpTrigger',
  'timerTrigger',
  'eventGridTrigger',
  'serviceBusTrigger',
  'activityTrigger',
])('a virtual clock does not jump while a function with %s runs', (kind) => {
  const started = events.flatMap((event, place) =>
    event.kind === 'invocation-started' && event.trigger === kind ? [{ id: event.invocationId, place }] : [],
  );
  expect(started.length).toBeGreaterThan(0);
  for (const { id, place } of started) {
    const end = events.findIndex((event) => event.kind === 'invocation-ended' && event.invocationId === id);
    const meanwhile = events.slice(place, end < 0 ? events.length : end);
    expect(meanwhile.filter((event) => event.kind === 'clock-jumped')).toEqual([]);
  }
});
