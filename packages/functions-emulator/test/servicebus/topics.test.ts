import { expect, test } from 'vitest';
import { ManualClock } from './manual-clock.js';
import { failure, receiveOne, startBroker } from './namespace.js';

const entities = {
  topics: [
    {
      name: 'alerts',
      duplicateDetection: 'PT10M',
      subscriptions: [
        { name: 'all' },
        { name: 'high', filters: [{ applicationProperties: { severity: 'High' } }] },
        { name: 'phishing', maxDeliveryCount: 1, filters: [{ subject: 'phishing' }, { correlationId: 'p' }] },
      ],
    },
  ],
};

test('each subscription gets a copy of the messages that match its filter', async () => {
  const { client } = await startBroker(entities);
  await client.createSender('alerts').sendMessages([
    { body: 1, applicationProperties: { severity: 'High' } },
    { body: 2, subject: 'phishing', applicationProperties: { severity: 'Low' } },
    { body: 3, correlationId: 'p' },
  ]);
  const bodies = async (subscription: string): Promise<unknown[]> => {
    const receiver = client.createReceiver('alerts', subscription, { receiveMode: 'receiveAndDelete' });
    return (await receiver.receiveMessages(3, { maxWaitTimeInMs: 300 })).map(({ body }) => body);
  };
  expect(await bodies('all')).toEqual([1, 2, 3]);
  expect(await bodies('high')).toEqual([1]);
  expect(await bodies('phishing')).toEqual([2, 3]);
});

test('a subscription has its own dead-letter queue, independent of the others', async () => {
  const { client } = await startBroker(entities);
  await client.createSender('alerts').sendMessages({ body: 1, subject: 'phishing' });
  const receiver = client.createReceiver('alerts', 'phishing');
  await receiver.abandonMessage(await receiveOne(receiver));
  const dead = client.createReceiver('alerts', 'phishing', { subQueueType: 'deadLetter' });
  expect((await receiveOne(dead)).deadLetterReason).toBe('MaxDeliveryCountExceeded');
  expect(await client.createReceiver('alerts', 'all').peekMessages(5)).toHaveLength(1);
});

test('the topic detects duplicates and schedules for all its subscriptions', async () => {
  const clock = new ManualClock();
  const { client } = await startBroker(entities, { clock });
  const sender = client.createSender('alerts');
  await sender.sendMessages([
    { body: 1, messageId: 'a' },
    { body: 2, messageId: 'a' },
  ]);
  const [number] = await sender.scheduleMessages([{ body: 3 }], new Date(clock.now() + 1_000));
  await sender.scheduleMessages([{ body: 4 }], new Date(clock.now() + 1_000));
  await sender.cancelScheduledMessages(number as never);
  clock.advance(1_000);
  const receiver = client.createReceiver('alerts', 'all');
  const messages = await receiver.receiveMessages(3, { maxWaitTimeInMs: 1_000 });
  expect(messages.map(({ body }) => body)).toEqual([1, 4]);
});

test('a topic cannot be received from, nor a subscription sent to', async () => {
  const { client } = await startBroker(entities);
  expect(await failure(client.createReceiver('alerts').receiveMessages(1))).toMatchObject({
    code: 'MessagingEntityNotFound',
  });
  expect(
    await failure(client.createSender('alerts/Subscriptions/all').sendMessages({ body: 1 })),
  ).toMatchObject({
    code: 'MessagingEntityNotFound',
  });
});
