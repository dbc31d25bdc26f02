import { describe, expect, test } from 'vitest';
import { receiveOne, startBroker } from './namespace.js';

describe('send and receive', () => {
  test('a message arrives with its body and properties and is gone when it is completed', async () => {
    const { client } = await startBroker();
    await client.createSender('incidents').sendMessages({
      body: { title: 'Ransomware', number: 7 },
      messageId: 'm-1',
      correlationId: 'c-1',
      subject: 'incident',
      contentType: 'application/json',
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
      applicationProperties: { severity: 'High', rank: 3, score: 0.5, urgent: true },
      deliveryCount: 0,
    });
    expect(message.sequenceNumber?.toNumber()).toBe(1);
    await receiver.completeMessage(message);
    expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: 100 })).toEqual([]);
    expect(await receiver.peekMessages(10)).toEqual([]);
  });
});
