import { describe, expect, test } from 'vitest';
import { ManualClock } from './manual-clock.js';
import { failure, receiveOne, startBroker } from './namespace.js';

describe('time to live', () => {
  test('an expired message is dropped', async () => {
    const clock = new ManualClock();
    const { client } = await startBroker({ clock });
    await client
      .createSender('incidents')
      .sendMessages([{ body: 'short', timeToLive: 10_000 }, { body: 'long' }]);
    const receiver = client.createReceiver('incidents');
    clock.advance(10_000);
    const messages = await receiver.receiveMessages(2, { maxWaitTimeInMs: 1_000 });
    expect(messages.map(({ body }) => body)).toEqual(['long']);
    expect(clock.waits).toEqual([30_000]);
  });

  test('a locked message does not expire before it is abandoned', async () => {
    const clock = new ManualClock();
    const { client } = await startBroker({ clock });
    await client.createSender('incidents').sendMessages({ body: 1, timeToLive: 10_000 });
    const receiver = client.createReceiver('incidents', { maxAutoLockRenewalDurationInMs: 0 });
    const message = await receiveOne(receiver);
    clock.advance(20_000);
    await receiver.abandonMessage(message);
    expect(await receiver.peekMessages(1)).toEqual([]);
  });
});

describe('schedule', () => {
  test('a scheduled message appears at its time, at the end of the queue, with a new sequence number', async () => {
    const clock = new ManualClock();
    const { client } = await startBroker({ clock });
    const sender = client.createSender('incidents');
    const due = new Date(clock.now() + 60_000);
    const [number] = await sender.scheduleMessages([{ body: 'later' }], due);
    expect(number?.toNumber()).toBe(1);
    await sender.sendMessages({ body: 'now' });
    const receiver = client.createReceiver('incidents');
    expect((await receiver.peekMessages(1)).map(({ state }) => state)).toEqual(['scheduled']);
    clock.advance(59_999);
    expect((await receiveOne(receiver)).body).toBe('now');
    clock.advance(1);
    const message = await receiveOne(receiver);
    expect(message.body).toBe('later');
    expect(message.sequenceNumber?.toNumber()).toBe(3);
    expect(message.enqueuedTimeUtc).toEqual(due);
  });

  test('scheduledEnqueueTimeUtc of a sent message works the same', async () => {
    const clock = new ManualClock();
    const { client } = await startBroker({ clock });
    const scheduledEnqueueTimeUtc = new Date(clock.now() + 5_000);
    await client.createSender('incidents').sendMessages({ body: 1, scheduledEnqueueTimeUtc });
    const receiver = client.createReceiver('incidents');
    expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: 50 })).toEqual([]);
    clock.advance(5_000);
    expect((await receiveOne(receiver)).scheduledEnqueueTimeUtc).toEqual(scheduledEnqueueTimeUtc);
  });

  test('a cancelled message never appears', async () => {
    const clock = new ManualClock();
    const { client } = await startBroker({ clock });
    const sender = client.createSender('incidents');
    const [number] = await sender.scheduleMessages([{ body: 1 }], new Date(clock.now() + 60_000));
    await sender.cancelScheduledMessages(number as never);
    expect(clock.waits).toEqual([]);
    expect(await client.createReceiver('incidents').peekMessages(1)).toEqual([]);
    expect(await failure(sender.cancelScheduledMessages(number as never))).toMatchObject({
      code: 'MessageNotFound',
    });
  });
});
