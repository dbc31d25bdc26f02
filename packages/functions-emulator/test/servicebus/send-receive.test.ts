import { once } from 'node:events';
import { connect as openSocket } from 'node:net';
import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import rhea from 'rhea';
import { describe, expect, test } from 'vitest';
import { openBrokerPort } from '../../src/servicebus/broker-port.js';
import { connect, failure, receiveOne, startBroker } from './namespace.js';

describe('sending', () => {
  test('a message arrives with its body and properties and is removed when it is completed', async () => {
    const { client } = await startBroker();
    await client.createSender('incidents').sendMessages({
      body: { title: 'Ransomware', number: 7 },
      messageId: 'm-1',
      correlationId: 'c-1',
      subject: 'incident',
      contentType: 'application/json',
      to: 'responder',
      replyTo: 'answers',
      applicationProperties: { severity: 'High', rank: 3, score: 0.5, urgent: true },
    });
    const receiver = client.createReceiver('incidents');
    const message = await receiveOne(receiver);
    expect(message.body).toEqual({ title: 'Ransomware', number: 7 });
    expect(message).toMatchObject({
      messageId: 'm-1',
      correlationId: 'c-1',
      subject: 'incident',
      contentType: 'application/json',
      to: 'responder',
      replyTo: 'answers',
      applicationProperties: { severity: 'High', rank: 3, score: 0.5, urgent: true },
      deliveryCount: 0,
      state: 'active',
    });
    expect(message.sequenceNumber?.toNumber()).toBe(1);
    await receiver.completeMessage(message);
    expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: 100 })).toEqual([]);
    expect(await receiver.peekMessages(10)).toEqual([]);
  });

  test('a client that connects before the broker starts waits for it', async () => {
    const port = await openBrokerPort(0);
    const client = connect(port.connectionString);
    const sent = client.createSender('incidents').sendMessages({ body: 'early' });
    // A second client shows that the first has been accepted by then.
    const other = openSocket(Number(/127\.0\.0\.1:(\d+)/.exec(port.connectionString)?.[1]), '127.0.0.1');
    await once(other, 'connect');
    other.destroy();
    await startBroker({ port });
    await sent;
    expect((await receiveOne(client.createReceiver('incidents'))).body).toBe('early');
  });

  test.each([
    ['an object', { a: [1, null, 'x'] }],
    ['a text', 'plain text'],
    ['a number', 42],
    ['null', null],
    ['bytes', Buffer.from([0, 255, 1, 254])],
  ])('%s is received as it was sent', async (_, body) => {
    const { client } = await startBroker();
    await client.createSender('incidents').sendMessages({ body });
    expect((await receiveOne(client.createReceiver('incidents'))).body).toEqual(body);
  });

  test.each([
    ['value', { nested: { list: [1, 2] } }],
    ['sequence', [[1, 2], ['a']]],
    ['data', { plain: true }],
  ] as const)('an AMQP %s body keeps its kind', async (bodyType, body) => {
    const { client } = await startBroker();
    const annotated = { body, bodyType, properties: { messageId: 'amqp' } };
    await client.createSender('incidents').sendMessages(annotated);
    const message = await receiveOne(client.createReceiver('incidents'));
    expect(message._rawAmqpMessage.bodyType).toBe(bodyType);
    expect(message.body).toEqual(body);
  });

  test('numbers keep every digit and their type, even when other properties are changed', async () => {
    const { client } = await startBroker();
    const largest = Buffer.from('7fffffffffffffff', 'hex');
    await client.createSender('incidents').sendMessages({
      body: '{"incidentNumber":6371691901200433359}',
      applicationProperties: { big: rhea.types.wrap_long(largest as never) as never, whole: 2 ** 40 },
    });
    const receiver = client.createReceiver('incidents');
    await receiver.abandonMessage(await receiveOne(receiver), { tried: 'once' });
    const message = await receiveOne(receiver);
    expect(message.body).toBe('{"incidentNumber":6371691901200433359}');
    const { big, ...others } = message.applicationProperties ?? {};
    expect(Buffer.from(Object.values(big as object))).toEqual(largest);
    expect(others).toEqual({ whole: 2 ** 40, tried: 'once' });
  });

  test('a message without an id gets one', async () => {
    const { client } = await startBroker();
    await client.createSender('incidents').sendMessages({ body: 1, subject: 'kept' });
    const message = await receiveOne(client.createReceiver('incidents'));
    expect(message.messageId).toMatch(/^[0-9a-f-]{36}$/);
    expect(message.subject).toBe('kept');
  });

  test('a batch is accepted whole and stays in order', async () => {
    const { client } = await startBroker();
    const sender = client.createSender('incidents');
    const batch = await sender.createMessageBatch();
    for (let i = 0; i < 20; i += 1) expect(batch.tryAddMessage({ body: i })).toBe(true);
    await sender.sendMessages(batch);
    const messages = await client.createReceiver('incidents').receiveMessages(20, { maxWaitTimeInMs: 3_000 });
    expect(messages.map(({ body }) => body)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  test('a batch is limited to 256 KB, and a larger message is rejected', async () => {
    const { client } = await startBroker();
    const sender = client.createSender('incidents');
    const batch = await sender.createMessageBatch();
    expect(batch.maxSizeInBytes).toBe(262_144);
    expect(batch.tryAddMessage({ body: 'x'.repeat(262_144) })).toBe(false);
    const error = await failure(sender.sendMessages({ body: 'x'.repeat(262_144) }));
    expect(error).toMatchObject({ code: 'MessageSizeExceeded' });
    await sender.sendMessages({ body: 'x'.repeat(260_000) });
    expect((await receiveOne(client.createReceiver('incidents'))).body).toHaveLength(260_000);
  });

  test('a rejected message does not change the outcome of its neighbours', async () => {
    const { client } = await startBroker();
    const sender = client.createSender('incidents');
    const answers = await Promise.allSettled(
      [10, 300_000, 10, 300_000, 10].map((length) => sender.sendMessages({ body: 'x'.repeat(length) })),
    );
    expect(answers.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
  });
});

describe('receiving', () => {
  test('receiveAndDelete removes a message when it is sent', async () => {
    const { client } = await startBroker();
    await client.createSender('incidents').sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }]);
    const receiver = client.createReceiver('incidents', { receiveMode: 'receiveAndDelete' });
    const messages = await receiver.receiveMessages(2, { maxWaitTimeInMs: 3_000 });
    expect(messages.map(({ body }) => body)).toEqual([1, 2]);
    expect((await receiver.peekMessages(5)).map(({ body }) => body)).toEqual([3]);
  });

  test('peek shows messages without locking them, and continues where it stopped', async () => {
    const { client } = await startBroker();
    await client.createSender('incidents').sendMessages([1, 2, 3, 4].map((body) => ({ body })));
    const receiver = client.createReceiver('incidents');
    expect((await receiver.peekMessages(3)).map(({ body }) => body)).toEqual([1, 2, 3]);
    expect((await receiver.peekMessages(3)).map(({ body }) => body)).toEqual([4]);
    expect(await receiver.receiveMessages(4, { maxWaitTimeInMs: 3_000 })).toHaveLength(4);
  });

  test('an empty queue answers a drain at once', async () => {
    const { client } = await startBroker();
    const receiver = client.createReceiver('incidents');
    await receiver.receiveMessages(1, { maxWaitTimeInMs: 1 });
    // The client library waits 200 ms for an answer that does not come: then none of the waits is shorter.
    let shortest = Infinity;
    for (let i = 0; i < 10; i += 1) {
      const started = performance.now();
      await receiver.receiveMessages(10, { maxWaitTimeInMs: 1 });
      shortest = Math.min(shortest, performance.now() - started);
    }
    expect(shortest).toBeLessThan(200);
  });

  test('a subscription handles more messages than the client library can buffer, concurrently', async () => {
    const { client } = await startBroker();
    const sender = client.createSender('incidents');
    const total = 3_000;
    const seen = new Set<number>();
    const receiver = client.createReceiver('incidents');
    let running = 0;
    let most = 0;
    const subscription = receiver.subscribe(
      {
        processMessage: async ({ body }) => {
          running += 1;
          most = Math.max(most, running);
          await new Promise((resolve) => setImmediate(resolve));
          seen.add(body as number);
          running -= 1;
        },
        processError: async () => undefined,
      },
      { maxConcurrentCalls: 4 },
    );
    for (let start = 0; start < total; start += 500) {
      await sender.sendMessages(Array.from({ length: 500 }, (_, i) => ({ body: start + i })));
    }
    await expect.poll(() => seen.size, { timeout: 20_000 }).toBe(total);
    await expect.poll(async () => (await receiver.peekMessages(1)).length, { timeout: 5_000 }).toBe(0);
    await subscription.close();
    expect(most).toBe(4);
  });

  test('a receiver that requests more than can be in flight gets the rest once it settles', async () => {
    const { client, problems } = await startBroker();
    const sender = client.createSender('incidents');
    const total = 2_500;
    await sender.sendMessages(Array.from({ length: total }, (_, body) => ({ body })));
    const receiver = client.createReceiver('incidents');
    const seen = new Set<unknown>();
    while (seen.size < total) {
      const messages = await receiver.receiveMessages(total, { maxWaitTimeInMs: 2_000 });
      if (messages.length === 0) break;
      for (const message of messages) seen.add(message.body);
      await Promise.all(messages.map((message) => receiver.completeMessage(message)));
    }
    expect(seen.size).toBe(total);
    expect(problems).toEqual([]);
  });

  test('two receivers share a queue and get each message once', async () => {
    const { client } = await startBroker();
    const bodies: unknown[] = [];
    const take = async (message: ServiceBusReceivedMessage): Promise<void> => void bodies.push(message.body);
    const handlers = { processMessage: take, processError: async () => undefined };
    const both = [client.createReceiver('incidents'), client.createReceiver('incidents')];
    for (const receiver of both) receiver.subscribe(handlers);
    await client.createSender('incidents').sendMessages([1, 2, 3, 4, 5, 6].map((body) => ({ body })));
    await expect.poll(() => bodies.length).toBe(6);
    expect(bodies.toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
  });
});
