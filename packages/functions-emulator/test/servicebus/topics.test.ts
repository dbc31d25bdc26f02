import type { ServiceBusClient } from '@azure/service-bus';
import { expect, test } from 'vitest';
import { ManualClock } from './manual-clock.js';
import { failure, receiveOne, startBroker } from './namespace.js';

async function startTopic(options: Parameters<typeof startBroker>[0] = {}): Promise<ServiceBusClient> {
  const { broker, client } = await startBroker(options);
  for (const subscription of ['all', 'phishing'])
    broker.declare({ kind: 'topic', topic: 'alerts', subscription });
  return client;
}

test('each subscription gets a copy of each message', async () => {
  const client = await startTopic();
  await client.createSender('alerts').sendMessages([{ body: 1 }, { body: 2 }]);
  const bodies = async (subscription: string): Promise<unknown[]> => {
    const receiver = client.createReceiver('alerts', subscription, { receiveMode: 'receiveAndDelete' });
    return (await receiver.receiveMessages(3, { maxWaitTimeInMs: 300 })).map(({ body }) => body);
  };
  expect(await bodies('all')).toEqual([1, 2]);
  expect(await bodies('phishing')).toEqual([1, 2]);
});

test('a subscription has its own dead-letter queue, independent of the others', async () => {
  const client = await startTopic({ settings: { maxDeliveryCount: 1 } });
  await client.createSender('alerts').sendMessages({ body: 1 });
  const receiver = client.createReceiver('alerts', 'phishing');
  await receiver.abandonMessage(await receiveOne(receiver));
  const dead = client.createReceiver('alerts', 'phishing', { subQueueType: 'deadLetter' });
  expect((await receiveOne(dead)).deadLetterReason).toBe('MaxDeliveryCountExceeded');
  expect(await client.createReceiver('alerts', 'all').peekMessages(5)).toHaveLength(1);
});

test('a topic schedules for all its subscriptions', async () => {
  const clock = new ManualClock();
  const client = await startTopic({ clock });
  const sender = client.createSender('alerts');
  await sender.sendMessages({ body: 1 });
  const [number] = await sender.scheduleMessages([{ body: 3 }], new Date(clock.now() + 1_000));
  await sender.scheduleMessages([{ body: 4 }], new Date(clock.now() + 1_000));
  await sender.cancelScheduledMessages(number as never);
  clock.advance(1_000);
  const receiver = client.createReceiver('alerts', 'all');
  const messages = await receiver.receiveMessages(3, { maxWaitTimeInMs: 1_000 });
  expect(messages.map(({ body }) => body)).toEqual([1, 4]);
});

test('a topic cannot be received from, nor a subscription sent to', async () => {
  const client = await startTopic();
  expect(await failure(client.createReceiver('alerts').receiveMessages(1))).toMatchObject({
    code: 'MessagingEntityNotFound',
  });
  expect(
    await failure(client.createSender('alerts/Subscriptions/all').sendMessages({ body: 1 })),
  ).toMatchObject({
    code: 'MessagingEntityNotFound',
  });
});
