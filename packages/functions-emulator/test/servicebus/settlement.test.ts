import { describe, expect, test } from 'vitest';
import { ManualClock } from './manual-clock.js';
import { connect, failure, receiveOne, startBroker } from './namespace.js';

describe('settlement', () => {
  test('abandon returns a message with changed properties and a higher delivery count', async () => {
    const { client } = await startBroker();
    await client
      .createSender('incidents')
      .sendMessages([
        { body: 'first', applicationProperties: { kept: 1, changed: 'old' } },
        { body: 'second' },
      ]);
    const receiver = client.createReceiver('incidents');
    await receiver.abandonMessage(await receiveOne(receiver), { changed: 'new', added: true });
    const again = await receiveOne(receiver);
    expect(again.body).toBe('first');
    expect(again.deliveryCount).toBe(1);
    expect(again.applicationProperties).toEqual({ kept: 1, changed: 'new', added: true });
  });

  test('a dead-lettered message is in the dead-letter queue with reason, description and properties', async () => {
    const { client } = await startBroker();
    await client.createSender('incidents').sendMessages({ body: 'bad', messageId: 'm-1' });
    const receiver = client.createReceiver('incidents');
    await receiver.deadLetterMessage(await receiveOne(receiver), {
      deadLetterReason: 'invalid',
      deadLetterErrorDescription: 'no incident id',
      seenBy: 'test',
    });
    expect(await receiver.peekMessages(1)).toEqual([]);
    const deadLetters = client.createReceiver('incidents', { subQueueType: 'deadLetter' });
    const dead = await receiveOne(deadLetters);
    expect(dead).toMatchObject({
      body: 'bad',
      messageId: 'm-1',
      deadLetterReason: 'invalid',
      deadLetterErrorDescription: 'no incident id',
      applicationProperties: { seenBy: 'test' },
    });
    await deadLetters.completeMessage(dead);
    const anotherWay = client.createReceiver('INCIDENTS/$DeadLetterQueue');
    expect(await anotherWay.peekMessages(1)).toEqual([]);
  });

  test('a message cannot be deferred: it returns when its lock expires', async () => {
    const clock = new ManualClock();
    const { client } = await startBroker({ clock });
    await client.createSender('incidents').sendMessages({ body: 'later' });
    const receiver = client.createReceiver('incidents', { maxAutoLockRenewalDurationInMs: 0 });
    const refused = await failure(receiver.deferMessage(await receiveOne(receiver)));
    expect(refused.message).toContain('not supported');
    clock.advance(30_000);
    expect((await receiveOne(receiver)).body).toBe('later');
  });

  test('after the maximum number of deliveries a message is dead-lettered', async () => {
    const { client } = await startBroker({ settings: { maxDeliveryCount: 3 } });
    await client.createSender('incidents').sendMessages({ body: 'poison' });
    const receiver = client.createReceiver('incidents');
    for (const count of [0, 1, 2]) {
      const message = await receiveOne(receiver);
      expect(message.deliveryCount).toBe(count);
      await receiver.abandonMessage(message);
    }
    const dead = await receiveOne(client.createReceiver('incidents', { subQueueType: 'deadLetter' }));
    expect(dead.deadLetterReason).toBe('MaxDeliveryCountExceeded');
    expect(dead.deliveryCount).toBe(3);
  });
});

describe('locks', () => {
  test('an expired lock returns the message, and its old holder can no longer settle it', async () => {
    const clock = new ManualClock();
    const { client } = await startBroker({ clock });
    await client.createSender('incidents').sendMessages({ body: 1 });
    const receiver = client.createReceiver('incidents', { maxAutoLockRenewalDurationInMs: 0 });
    const message = await receiveOne(receiver);
    expect(message.lockedUntilUtc?.getTime()).toBe(clock.now() + 30_000);
    clock.advance(29_999);
    expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: 50 })).toEqual([]);
    clock.advance(1);
    const again = await receiveOne(receiver);
    expect(again.deliveryCount).toBe(1);
    expect(await failure(receiver.completeMessage(message))).toMatchObject({ code: 'MessageLockLost' });
    await receiver.completeMessage(again);
    expect(clock.waits).toEqual([]);
  });

  test('a renewed lock lasts its full time again', async () => {
    const clock = new ManualClock();
    const { client } = await startBroker({ clock, settings: { lockDurationMs: 60_000 } });
    await client.createSender('incidents').sendMessages({ body: 1 });
    const receiver = client.createReceiver('incidents', { maxAutoLockRenewalDurationInMs: 0 });
    const message = await receiveOne(receiver);
    clock.advance(50_000);
    expect((await receiver.renewMessageLock(message)).getTime()).toBe(clock.now() + 60_000);
    clock.advance(59_999);
    await receiver.completeMessage(message);
    expect(await receiver.peekMessages(1)).toEqual([]);
  });

  test('a message is renewed by the client library for as long as its handler runs', async () => {
    const { client } = await startBroker({ settings: { lockDurationMs: 1_000 } });
    const receiver = client.createReceiver('incidents');
    let calls = 0;
    let done = false;
    receiver.subscribe({
      processMessage: async () => {
        calls += 1;
        await new Promise((resolve) => setTimeout(resolve, 2_500));
        done = true;
      },
      processError: async () => undefined,
    });
    await client.createSender('incidents').sendMessages({ body: 1 });
    await expect.poll(() => done, { timeout: 5_000 }).toBe(true);
    await expect.poll(async () => (await receiver.peekMessages(1)).length).toBe(0);
    expect(calls).toBe(1);
  });

  test('a closed receiver does not keep its messages: they return when the lock expires', async () => {
    const clock = new ManualClock();
    const { client, broker } = await startBroker({ clock });
    await client.createSender('incidents').sendMessages({ body: 1 });
    const other = connect(broker.connectionString);
    const receiver = other.createReceiver('incidents', { maxAutoLockRenewalDurationInMs: 0 });
    const message = await receiveOne(receiver);
    await receiver.close();
    // The client library settles over the management link when its receiver is closed.
    expect(await failure(receiver.completeMessage(message))).toBeInstanceOf(Error);
    clock.advance(30_000);
    expect((await receiveOne(client.createReceiver('incidents'))).deliveryCount).toBe(1);
  });
});
