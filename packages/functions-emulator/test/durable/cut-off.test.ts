/** Clients that disconnect while they send: the request does not count, and others are unaffected. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceBusClient } from '@azure/service-bus';
import { virtualClock } from 'functions-emulator';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startToy, type Toy } from './toy-host.js';

const API = '/runtime/webhooks/durabletask';

let toy: Toy;
beforeAll(async () => {
  toy = await startToy({ clock: virtualClock(Date.UTC(2026, 0, 1)) });
});
afterAll(() => toy.host.stop());

/** Sends the head of a request and half of its body, then breaks the connection. */
async function half(path: string, headers: readonly string[], body: unknown): Promise<void> {
  const { hostname, port, host } = new URL(toy.host.url);
  const text = JSON.stringify(body);
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Content-Type: application/json',
    `Content-Length: ${text.length}`,
    ...headers,
  ];
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) =>
    socket.write(`${head.join('\r\n')}\r\n\r\n${text.slice(0, text.length / 2)}`, () => resolve()),
  );
  await sleep(30); // so that the host has started to read
  socket.resetAndDestroy();
  await new Promise((resolve) => socket.once('close', resolve));
}

/** Whether the host still works, and its clock can advance. */
async function isWell(id: string): Promise<boolean> {
  await toy.start('monitor', id);
  return (await toy.done(id)).runtimeStatus === 'Completed';
}
const started = (trigger: string): unknown[] =>
  toy.events.filter((event) => event.kind === 'invocation-started' && event.trigger === trigger);
const event = {
  id: 'cut-event',
  subject: 's',
  eventType: 't',
  dataVersion: '1',
  data: { text: 'x'.repeat(500) },
};

test('half a start starts nothing', async () => {
  await half(`${API}/orchestrators/chain/cut-start`, [], { text: 'x'.repeat(500) });
  expect(await isWell('after-start')).toBe(true);
  expect((await toy.send('GET', '/instances/cut-start')).status).toBe(404);
});

test('half an event is not raised', async () => {
  await toy.start('steps', 'cut-raise');
  await toy.at('cut-raise', 'one');
  await half(`${API}/instances/cut-raise/raiseEvent/go`, [], 'x'.repeat(500));
  expect(await isWell('after-raise')).toBe(true);
  expect((await toy.status('cut-raise')).customStatus).toBe('one');
  await toy.raise('cut-raise', 'go', 'whole');
  expect((await toy.done('cut-raise')).output).toEqual({ event: 'whole' });
});

test('half a request does not reach an HTTP function', async () => {
  await half('/api/start/chain', [], { text: 'x'.repeat(500) });
  expect(await isWell('after-request')).toBe(true);
  expect(started('httpTrigger')).toEqual([]);
});

test('half a delivery does not reach an Event Grid function', async () => {
  const path = '/runtime/webhooks/EventGrid?functionName=onIncident';
  await half(path, ['aeg-event-type: Notification'], [event]);
  expect(await isWell('after-delivery')).toBe(true);
  expect(started('eventGridTrigger')).toEqual([]);
});

test('half a publication is not accepted by a topic', async () => {
  const [topic] = toy.host.eventGridTopics;
  await half(new URL(topic?.url ?? '').pathname, [`aeg-sas-key: ${topic?.key}`], [event]);
  expect(await isWell('after-publication')).toBe(true);
  expect((await toy.send('GET', '/instances/cut-event')).status).toBe(404);
});

test('half a message of several frames is not in its queue, and the next one is handled', async () => {
  const wire = await cuttingProxy(toy.host.serviceBusConnectionString as string);
  const victim = new ServiceBusClient(wire.connectionString, {
    retryOptions: { maxRetries: 0, timeoutInMs: 2000 },
  });
  onTestFinished(() => victim.close());
  const sender = victim.createSender('orders');
  await sender.sendMessages({ body: { id: 'whole-before' } });
  // The broker accepts frames of 64 KB: this message has four of them, and two arrive.
  wire.cutAfter(130_000);
  await expect(
    sender.sendMessages({ body: { id: 'cut-message', text: 'x'.repeat(230_000) } }),
  ).rejects.toThrow();
  expect(wire.passed()).toBeGreaterThanOrEqual(130_000);

  const other = new ServiceBusClient(toy.host.serviceBusConnectionString as string);
  onTestFinished(() => other.close());
  await other.createSender('orders').sendMessages({ body: { id: 'whole-after' } });
  for (const id of ['whole-before', 'whole-after']) await toy.at(id, 'waiting');
  await toy.host.idle();
  expect((await toy.send('GET', '/instances/cut-message')).status).toBe(404);
  expect(await other.createReceiver('orders').peekMessages(5)).toEqual([]);
});

interface CuttingProxy {
  readonly connectionString: string;
  /** From now on this many bytes still pass; then both connections are broken. */
  cutAfter(bytes: number): void;
  readonly passed: () => number;
}
async function cuttingProxy(connectionString: string): Promise<CuttingProxy> {
  const [, port] = /127\.0\.0\.1:(\d+)/.exec(connectionString) ?? [];
  let left = Number.POSITIVE_INFINITY;
  let passed = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer((near) => {
    const far = connect(Number(port), '127.0.0.1');
    sockets.add(near).add(far);
    far.pipe(near);
    near.on('data', (chunk: Buffer) => {
      const piece = chunk.subarray(0, left);
      passed += piece.length;
      left -= piece.length;
      far.write(piece, () => {
        if (left > 0) return;
        far.resetAndDestroy();
        near.resetAndDestroy();
      });
    });
    for (const socket of [near, far]) socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const own = (server.address() as { port: number }).port;
  return {
    connectionString: connectionString.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${own}`),
    cutAfter(bytes) {
      left = bytes;
      passed = 0;
    },
    passed: () => passed,
  };
}
