import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AzureKeyCredential, EventGridPublisherClient } from '@azure/eventgrid';
import { virtualClock } from 'functions-emulator';
import { expect, onTestFinished, test } from 'vitest';
import { start, writeApp } from '../functions/app.js';
import { connect, receiveOne } from './namespace.js';

const APP = `
  import { app, output } from '@azure/functions';
  const rejected = output.serviceBusQueue({ queueName: 'incidents-rejected', connection: 'Bus' });
  app.serviceBusQueue('onMessage', {
    queueName: 'incidents', connection: 'Bus', extraOutputs: [rejected],
    async handler(message, context) {
      const { deliveryCount, messageId, applicationProperties } = context.triggerMetadata;
      if (message?.fail > deliveryCount - 1) throw new Error('try again');
      if (message?.crash === true && deliveryCount === 1) setTimeout(() => { throw new Error('gone'); });
      if (message?.crash === true && deliveryCount === 1) await new Promise(() => undefined);
      context.extraOutputs.set(rejected, { message, deliveryCount, messageId, applicationProperties });
    },
  });
  app.eventGrid('onEvent', {
    return: rejected,
    handler: (event) => ({ id: event.id, topic: event.topic, data: event.data }),
  });
  app.http('ask', {
    methods: ['POST'], authLevel: 'anonymous', extraOutputs: [rejected],
    async handler(request, context) {
      context.extraOutputs.set(rejected, ['one', { two: 2 }]);
      return { body: String(process.env.Bus === undefined) };
    },
  });
`;
const app = (): string => writeApp({ 'index.js': APP });

test('a message runs the function, and its output is in the other queue', async () => {
  const host = await start({ appDirectory: app() });
  const client = connect(host.serviceBusConnectionString as string);
  await client.createSender('incidents').sendMessages({
    body: { id: 1 },
    messageId: 'm-1',
    applicationProperties: { Severity: 'High' },
  });
  const copy = await receiveOne(client.createReceiver('incidents-rejected'), 5_000);
  expect(copy.body).toEqual({
    message: { id: 1 },
    deliveryCount: 1,
    messageId: 'm-1',
    applicationProperties: { severity: 'High' },
  });
});

test('a function that throws, or ends its thread, gets the message again', async () => {
  const host = await start({ appDirectory: app() });
  const client = connect(host.serviceBusConnectionString as string);
  await client.createSender('incidents').sendMessages([{ body: { fail: 2 } }]);
  const receiver = client.createReceiver('incidents-rejected', { receiveMode: 'receiveAndDelete' });
  expect((await receiveOne(receiver, 5_000)).body).toMatchObject({ deliveryCount: 3 });
  await client.createSender('incidents').sendMessages([{ body: { crash: true } }]);
  expect((await receiveOne(receiver, 10_000)).body).toMatchObject({ deliveryCount: 2 });
});

test('functions with other triggers write to queues as well', async () => {
  const host = await start({ appDirectory: app() });
  await host.get('/api/ask', { method: 'POST' });
  const client = connect(host.serviceBusConnectionString as string);
  const receiver = client.createReceiver('incidents-rejected', { receiveMode: 'receiveAndDelete' });
  const messages = await receiver.receiveMessages(2, { maxWaitTimeInMs: 5_000 });
  // Text is sent unchanged, so the client library cannot read it as JSON.
  expect(messages.map(({ body }) => body)).toEqual([Buffer.from('one'), { two: 2 }]);
});

test('an event of the unmodified publisher runs the function behind the topic', async () => {
  const host = await start({ appDirectory: app(), clock: virtualClock(Date.UTC(2026, 0, 1)) });
  const [topic] = host.eventGridTopics;
  const publisher = new EventGridPublisherClient(
    topic?.url ?? '',
    'EventGrid',
    new AzureKeyCredential(topic?.key ?? ''),
    { allowInsecureConnection: true },
  );
  const event = { id: 'e-1', subject: 's', eventType: 't', dataVersion: '1', data: { number: 7 } };
  await publisher.send([event]);
  await host.idle();
  const client = connect(host.serviceBusConnectionString as string);
  const copy = await receiveOne(client.createReceiver('incidents-rejected'), 5_000);
  expect(copy.body).toEqual({
    id: 'e-1',
    topic: expect.stringContaining('topics/onEvent'),
    data: { number: 7 },
  });
});

test('in virtual time a message is handled without the clock moving, and messages survive a restart', async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'host-'));
  onTestFinished(() => rmSync(dataDirectory, { recursive: true, force: true, maxRetries: 5 }));
  const appDirectory = app();
  const begin = Date.UTC(2026, 0, 1);
  const first = await start({ appDirectory, dataDirectory, clock: virtualClock(begin) });
  const client = connect(first.serviceBusConnectionString as string);
  await client.createSender('incidents').sendMessages([{ body: { fail: 1 } }, { body: 'b' }]);
  await first.idle();
  expect(first.clock.now()).toBe(begin);
  await client.close();
  await first.stop();

  const second = await start({ appDirectory, dataDirectory, clock: virtualClock(begin) });
  const receiver = connect(second.serviceBusConnectionString as string).createReceiver('incidents-rejected', {
    receiveMode: 'receiveAndDelete',
  });
  const messages = await receiver.receiveMessages(2, { maxWaitTimeInMs: 5_000 });
  expect(messages.map(({ body }) => body.deliveryCount).toSorted()).toEqual([1, 2]);
});
