import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ServiceBusClient } from '@azure/service-bus';
import { describe, expect, onTestFinished, test } from 'vitest';
import { wallClock } from '../../src/clock.js';
import { Broker } from '../../src/servicebus/broker.js';
import { openBrokerPort } from '../../src/servicebus/broker-port.js';
import { DEFAULT_QUEUE_SETTINGS } from '../../src/servicebus/queue-types.js';
import { openStore } from '../../src/store/store.js';
import type { Clock } from '../../src/types.js';
import { ManualClock } from './manual-clock.js';
import { connect, receiveOne } from './namespace.js';

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'servicebus-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}

/** Runs `use` with a broker on the directory and stops both cleanly. */
async function session(
  dataDirectory: string,
  use: (client: ServiceBusClient) => Promise<void>,
  clock: Clock = wallClock(),
): Promise<void> {
  const store = openStore(dataDirectory, undefined, () => undefined);
  const broker = new Broker(await openBrokerPort(0), {
    clock,
    database: store,
    settings: DEFAULT_QUEUE_SETTINGS,
    onProblem: () => undefined,
  });
  broker.declare({ kind: 'queue', queue: 'incidents' });
  const client = new ServiceBusClient(broker.connectionString, { retryOptions: { maxRetries: 0 } });
  try {
    await use(client);
  } finally {
    await client.close();
    await broker.stop();
    await store.close();
  }
}

describe('after a restart', () => {
  test('messages are restored with their properties, counts, sequence numbers and annotations', async () => {
    const directory = temporaryDirectory();
    let enqueuedTimeUtc: Date | undefined;
    await session(directory, async (client) => {
      const messages = [{ body: 'a', partitionKey: 'p', applicationProperties: { x: 1.5 } }, { body: 'b' }];
      await client.createSender('incidents').sendMessages(messages);
      const receiver = client.createReceiver('incidents');
      const first = await receiveOne(receiver);
      enqueuedTimeUtc = first.enqueuedTimeUtc;
      await receiver.abandonMessage(first, { tried: true });
      const [, second] = await receiver.receiveMessages(2, { maxWaitTimeInMs: 1_000 });
      await receiver.deadLetterMessage(second as never, { deadLetterReason: 'r' } as never);
    });
    await session(directory, async (client) => {
      await client.createSender('incidents').sendMessages({ body: 'c' });
      const receiver = client.createReceiver('incidents');
      const [first, last] = await receiver.receiveMessages(2, { maxWaitTimeInMs: 1_000 });
      expect(first).toMatchObject({
        body: 'a',
        partitionKey: 'p',
        // Once abandoned, once locked by a receiver whose lock was lost.
        deliveryCount: 2,
        enqueuedTimeUtc,
        applicationProperties: { x: 1.5, tried: true },
      });
      expect(last?.body).toBe('c');
      expect(last?.sequenceNumber?.toNumber()).toBe(3);
      const dead = await receiveOne(client.createReceiver('incidents', { subQueueType: 'deadLetter' }));
      expect(dead).toMatchObject({ body: 'b', deadLetterReason: 'r' });
    });
  });

  test('an emptied queue continues its sequence numbers', async () => {
    const directory = temporaryDirectory();
    const one = async (client: ServiceBusClient): Promise<number | undefined> => {
      await client.createSender('incidents').sendMessages({ body: 1 });
      const receiver = client.createReceiver('incidents', { receiveMode: 'receiveAndDelete' });
      return (await receiveOne(receiver)).sequenceNumber?.toNumber();
    };
    await session(directory, async (client) => expect(await one(client)).toBe(1));
    await session(directory, async (client) => expect(await one(client)).toBe(2));
  });

  test('schedules and times to live still hold', async () => {
    const directory = temporaryDirectory();
    const start = Date.UTC(2026, 0, 1);
    await session(
      directory,
      async (client) => {
        const sender = client.createSender('incidents');
        await sender.sendMessages([
          { body: 'kept' },
          { body: 'short', timeToLive: 10_000 },
          { body: 'later', scheduledEnqueueTimeUtc: new Date(start + 20_000) },
        ]);
      },
      new ManualClock(start),
    );
    const clock = new ManualClock(start + 5_000);
    await session(
      directory,
      async (client) => {
        clock.advance(15_000);
        const receiver = client.createReceiver('incidents');
        const messages = await receiver.receiveMessages(3, { maxWaitTimeInMs: 1_000 });
        expect(messages.map(({ body }) => body)).toEqual(['kept', 'later']);
      },
      clock,
    );
  });
});

describe('a killed broker', () => {
  const script = fileURLToPath(new URL('broker-process.mjs', import.meta.url));
  const key = Buffer.from('a key for tests').toString('base64');

  async function spawnBroker(directory: string): Promise<{ child: ChildProcess; connectionString: string }> {
    const child = spawn(process.execPath, [script, directory, '0', key], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const lines = createInterface({ input: child.stdout as never });
    const died = once(child, 'exit').then(() => Promise.reject(new Error('The broker did not start.')));
    const [line] = (await Promise.race([once(lines, 'line'), died])) as [string];
    died.catch(() => undefined);
    return { child, connectionString: line };
  }

  test('keeps every acknowledged message, and none that was completed', async () => {
    const directory = temporaryDirectory();
    const accepted = new Set<string>();
    const completed = new Set<string>();
    // In flight when the process ended: such a message may be stored or not.
    const unclear = new Set<string>();
    let next = 0;
    for (const lifetime of [150, 400, 900]) {
      const { child, connectionString } = await spawnBroker(directory);
      const client = new ServiceBusClient(connectionString, {
        retryOptions: { maxRetries: 0, timeoutInMs: 2_000 },
      });
      const sender = client.createSender('incidents');
      const receiver = client.createReceiver('incidents');
      receiver.subscribe(
        {
          processMessage: async (message) => {
            const id = String(message.messageId);
            unclear.add(id);
            await receiver.completeMessage(message);
            completed.add(id);
            unclear.delete(id);
          },
          processError: async () => undefined,
        },
        { autoCompleteMessages: false, maxConcurrentCalls: 2 },
      );
      await sender.sendMessages({ body: 'warm up', messageId: `warm-${lifetime}` });
      accepted.add(`warm-${lifetime}`);
      let alive = true;
      const senders = Array.from({ length: 20 }, async () => {
        while (alive) {
          const messageId = `m-${next++}`;
          try {
            await sender.sendMessages({ body: messageId, messageId });
            accepted.add(messageId);
          } catch {
            return;
          }
        }
      });
      await new Promise((resolve) => setTimeout(resolve, lifetime));
      child.kill('SIGKILL');
      await once(child, 'exit');
      alive = false;
      // The client library cannot close after its broker has stopped; its own timeouts end it.
      await Promise.race([Promise.all(senders), new Promise((resolve) => setTimeout(resolve, 300))]);
      client.close().catch(() => undefined);
    }

    const { connectionString } = await spawnBroker(directory);
    const client = connect(connectionString);
    const receiver = client.createReceiver('incidents', { receiveMode: 'receiveAndDelete' });
    const found: string[] = [];
    for (;;) {
      const messages = await receiver.receiveMessages(500, { maxWaitTimeInMs: 500 });
      if (messages.length === 0) break;
      found.push(...messages.map(({ messageId }) => String(messageId)));
    }
    const there = new Set(found);
    expect(found).toHaveLength(there.size);
    const lost = [...accepted].filter((id) => !there.has(id) && !completed.has(id) && !unclear.has(id));
    expect(lost).toEqual([]);
    expect(found.filter((id) => completed.has(id))).toEqual([]);
    expect(accepted.size).toBeGreaterThan(100);
    expect(completed.size).toBeGreaterThan(10);
    expect(found.length).toBeGreaterThan(0);
  });
});
