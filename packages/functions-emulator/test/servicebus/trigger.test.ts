import { createServer, connect as openSocket, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { trackInFlight, virtualClock } from '../../src/clock.js';
import { createServiceBus, type ServiceBus } from '../../src/servicebus/service-bus.js';
import { openStore } from '../../src/store/store.js';
import type { InvocationRequest, InvocationResult } from '../../src/worker/worker-types.js';
import { connect, receiveOne, startBroker } from './namespace.js';
import { defaults, FAILED, OK, queueFunction, start } from './trigger-host.js';

const connectionOf = (bus: ServiceBus): string => bus.connectionString as string;

describe('the Service Bus trigger', () => {
  test('runs the function with the text of the message and completes it', async () => {
    const requests: InvocationRequest[] = [];
    const { bus } = await start(queueFunction({}), async (request) => {
      requests.push(request);
      return OK;
    });
    const client = connect(connectionOf(bus));
    await client.createSender('incidents').sendMessages({
      body: { id: 7 },
      messageId: 'm-1',
      subject: 'incident',
      applicationProperties: { Severity: 'High' },
    });
    await expect.poll(() => requests.length).toBe(1);
    await expect.poll(() => bus.idle()).toBe(true);
    expect(requests[0]?.inputs).toEqual([{ name: 'message', data: { string: '{"id":7}' } }]);
    expect(requests[0]?.triggerMetadata).toMatchObject({
      MessageId: { string: 'm-1' },
      Subject: { string: 'incident' },
      DeliveryCount: { json: '1' },
      SequenceNumber: { json: '1' },
      ApplicationProperties: { json: '{"Severity":"High"}' },
    });
    expect(await client.createReceiver('incidents').peekMessages(1)).toEqual([]);
  });

  test('abandons a message on failure, at once, until it is dead-lettered', async () => {
    const counts: unknown[] = [];
    const { bus } = await start(queueFunction({}), async ({ triggerMetadata }) => {
      counts.push(triggerMetadata.DeliveryCount);
      if (counts.length % 2 === 0) return { kind: 'fault', message: 'exit' };
      return { kind: 'error', name: 'Error', message: 'no', stack: '', thrown: 'error' };
    });
    const client = connect(connectionOf(bus));
    await client.createSender('incidents').sendMessages({ body: 'poison' });
    const dead = await receiveOne(client.createReceiver('incidents', { subQueueType: 'deadLetter' }), 5_000);
    expect(counts).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((count) => ({ json: String(count) })));
    expect(dead.deadLetterReason).toBe('MaxDeliveryCountExceeded');
    expect(dead.deadLetterErrorDescription).toBe('Message could not be consumed after 10 delivery attempts.');
  });

  test('writes the outputs before it completes the message', async () => {
    const definition = queueFunction(
      {},
      { rejected: { type: 'serviceBus', direction: 'out', queueName: '%REJECTED%', connection: 'Bus' } },
    );
    const outputs = [{ name: 'rejected', data: { json: '{"reason":"no incident id"}' } }];
    const { bus } = await start(definition, async () => ({ kind: 'ok', returnValue: undefined, outputs }), {
      settings: { REJECTED: 'incidents-rejected' },
    });
    const client = connect(connectionOf(bus));
    await client.createSender('incidents').sendMessages({ body: 'x' });
    const copy = await receiveOne(client.createReceiver('incidents-rejected'), 5_000);
    expect(copy.body).toEqual({ reason: 'no incident id' });
    expect(copy.contentType).toBe('application/json');
  });

  test('holds a virtual clock while a message is in flight', async () => {
    const { clock, idle } = trackInFlight(virtualClock(Date.UTC(2026, 0, 1)));
    const seen: number[] = [];
    const { bus } = await start(
      queueFunction({}),
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        seen.push(clock.now());
        return OK;
      },
      { clock },
    );
    const client = connect(connectionOf(bus));
    await client.createSender('incidents').sendMessages([{ body: 1 }, { body: 2 }]);
    await expect.poll(() => seen.length).toBe(2);
    await idle();
    expect(seen).toEqual([Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 1)]);
    expect(clock.now()).toBe(Date.UTC(2026, 0, 1));
  });

  test('cardinality many gets the messages as one list and settles them together', async () => {
    const requests: InvocationRequest[] = [];
    const { bus } = await start(
      queueFunction({ cardinality: 'many' }),
      async (request) => {
        requests.push(request);
        return requests.length === 1 ? FAILED : OK;
      },
      { hostJson: { extensions: { serviceBus: { maxMessageBatchSize: 2 } } } },
    );
    const client = connect(connectionOf(bus));
    await client.createSender('incidents').sendMessages([
      { body: 'a', messageId: '1' },
      { body: 'b', messageId: '2', subject: 's' },
    ]);
    await expect.poll(() => requests.length, { timeout: 5_000 }).toBe(2);
    await expect.poll(() => bus.idle()).toBe(true);
    expect(requests[0]?.inputs).toEqual([
      { name: 'message', data: { collectionString: { string: ['"a"', '"b"'] } } },
    ]);
    expect(requests[1]?.triggerMetadata).toMatchObject({
      MessageIdArray: { json: '["1","2"]' },
      DeliveryCountArray: { json: '[2,2]' },
      SubjectArray: { json: '[null,"s"]' },
    });
    expect(await client.createReceiver('incidents').peekMessages(1)).toEqual([]);
  });

  test('passes text unchanged, text of an AMQP value, and bytes where the binding requests them', async () => {
    const inputs: unknown[] = [];
    const take = async (request: InvocationRequest): Promise<InvocationResult> => {
      inputs.push(request.inputs[0]?.data);
      return OK;
    };
    const { bus } = await start(queueFunction({}), take);
    const sender = connect(connectionOf(bus)).createSender('incidents');
    await sender.sendMessages({ body: Buffer.from('{"incidentNumber":6371691901200433359}') });
    await sender.sendMessages({ body: 'a value', bodyType: 'value' } as never);
    await expect.poll(() => inputs.length).toBe(2);
    expect(inputs).toEqual([{ string: '{"incidentNumber":6371691901200433359}' }, { string: 'a value' }]);

    const binary = await start(queueFunction({ dataType: 'binary' }), take);
    const bytes = Buffer.from([0, 255, 128]);
    await connect(connectionOf(binary.bus)).createSender('incidents').sendMessages({ body: bytes });
    await expect.poll(() => inputs.length).toBe(3);
    expect(inputs[2]).toEqual({ bytes });
  });

  test('a body that cannot be bound is dead-lettered, and the next message is handled', async () => {
    const { bus, logs } = await start(queueFunction({}), async () => OK);
    const client = connect(connectionOf(bus));
    const sender = client.createSender('incidents');
    await sender.sendMessages({
      body: [[1, 2]],
      bodyType: 'sequence',
      properties: { messageId: 'odd' },
    } as never);
    const dead = await receiveOne(client.createReceiver('incidents', { subQueueType: 'deadLetter' }), 5_000);
    expect(dead.messageId).toBe('odd');
    expect(logs[0]).toContain("The message with id 'odd' has a body that is neither bytes nor text");
  });

  test('an output that cannot be sent fails the invocation', async () => {
    const definition = queueFunction(
      {},
      { out: { type: 'serviceBus', direction: 'out', queueName: 'x', connection: 'Bus' } },
    );
    const outputs = [{ name: 'out', data: { string: 'x'.repeat(300_000) } }];
    const { bus } = await start(definition, async () => ({ kind: 'ok', returnValue: undefined, outputs }));
    const client = connect(connectionOf(bus));
    await client.createSender('incidents').sendMessages({ body: 1 });
    const dead = await receiveOne(client.createReceiver('incidents', { subQueueType: 'deadLetter' }), 10_000);
    expect(dead.deadLetterReason).toBe('MaxDeliveryCountExceeded');
  });

  test('stop lets a running function end and completes its message', async () => {
    let ended = false;
    let begin: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const store = openStore(undefined, undefined, () => undefined);
    onTestFinished(() => store.close());
    const { bus } = await start(
      queueFunction({}),
      async () => {
        begin();
        await new Promise((resolve) => setTimeout(resolve, 300));
        ended = true;
        return OK;
      },
      { database: store },
    );
    const client = connect(connectionOf(bus));
    await client.createSender('incidents').sendMessages({ body: 1 });
    await begun;
    await client.close();
    await bus.drain();
    expect(ended).toBe(true);
    const left = store.prepare('SELECT count(*) AS n FROM servicebus_messages').get();
    expect(left).toMatchObject({ n: 0 });
  });

  test('messages that waited before the start are handled after it', async () => {
    const store = openStore(undefined, undefined, () => undefined);
    const first = await createServiceBus(defaults(store));
    const out = { type: 'serviceBus', direction: 'out', queueName: 'incidents', connection: 'Bus' };
    const sends = { ...queueFunction({}, { out }), triggerKind: 'httpTrigger' } as const;
    await first.listen([sends], async () => OK);
    const client = connect(connectionOf(first));
    await client.createSender('incidents').sendMessages({ body: 'waiting' });
    await client.close();
    await first.stop();
    const inputs: unknown[] = [];
    await start(
      queueFunction({}),
      async (request) => {
        inputs.push(request.inputs[0]?.data);
        return OK;
      },
      { database: store },
    );
    await expect.poll(() => inputs).toEqual([{ string: '"waiting"' }]);
  });
});

describe('a topic subscription', () => {
  test('is created from the binding and triggers the function', async () => {
    const inputs: unknown[] = [];
    const { bus } = await start(
      queueFunction({ queueName: undefined, topicName: 'alerts', subscriptionName: '%SUB%' }),
      async (request) => {
        inputs.push(request.inputs[0]?.data);
        return OK;
      },
      { settings: { SUB: 'responder' } },
    );
    await connect(connectionOf(bus)).createSender('alerts').sendMessages({ body: 7 });
    await expect.poll(() => inputs).toEqual([{ string: '7' }]);
  });
});

describe('connections', () => {
  test('with a namespace configured the broker does not start and the trigger listens there', async () => {
    const { broker } = await startBroker();
    const seen: unknown[] = [];
    const { bus } = await start(
      queueFunction({}),
      async (request) => {
        seen.push(request.inputs[0]?.data);
        return OK;
      },
      { settings: { Bus: broker.connectionString } },
    );
    expect(bus.connectionString).toBeUndefined();
    await connect(broker.connectionString).createSender('incidents').sendMessages({ body: 1 });
    await expect.poll(() => seen).toEqual([{ string: '1' }]);
  });

  test('an identity-based connection also keeps the broker from starting', async () => {
    const store = openStore(undefined, undefined, () => undefined);
    const settings = { Bus__fullyQualifiedNamespace: 'contoso.servicebus.windows.net' };
    const bus = await createServiceBus({ ...defaults(store), settings });
    expect(bus.connectionString).toBeUndefined();
    await bus.stop();
  });

  test('a connection that breaks while a function runs loses no message', async () => {
    const { broker } = await startBroker({ settings: { lockDurationMs: 2_000 } });
    const proxy = await startProxy(Number(/127\.0\.0\.1:(\d+)/.exec(broker.connectionString)?.[1]));
    let calls = 0;
    await start(
      queueFunction({}),
      async () => {
        calls += 1;
        if (calls === 1) {
          proxy.breakConnections();
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
        return OK;
      },
      { settings: { Bus: broker.connectionString.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${proxy.port}`) } },
    );
    const client = connect(broker.connectionString);
    await client.createSender('incidents').sendMessages({ body: 1 });
    const receiver = client.createReceiver('incidents');
    await expect.poll(() => calls, { timeout: 10_000 }).toBeGreaterThan(0);
    await expect.poll(async () => receiver.peekMessages(1), { timeout: 20_000 }).toEqual([]);
    expect(calls).toBeLessThanOrEqual(2);
  });
});

describe('unsupported bindings', () => {
  test.each([
    [{ isSessionsEnabled: true }, /isSessionsEnabled: sessions are not supported/],
    [{ autoCompleteMessages: false }, /autoCompleteMessages: false is not supported/],
    [{ queueName: '%NOT_SET%' }, /'%NOT_SET%' does not resolve to a value\. Add the setting/],
    [{ connection: '%NOT_SET%' }, /'%NOT_SET%' does not resolve to a value\. Add the setting/],
    [{ queueName: '%OPEN' }, /The '%' at position 0 does not have a closing '%'/],
    [{ queueName: 'a b' }, /'a b' is not a valid name/],
    [{ queueName: undefined }, /needs either queueName or topicName/],
    [{ queueName: undefined, topicName: 'alerts' }, /its trigger has no subscriptionName/],
  ])('%j is refused with its name', async (trigger, message) => {
    const store = openStore(undefined, undefined, () => undefined);
    const bus = await createServiceBus(defaults(store));
    const listening = bus.listen([queueFunction(trigger)], async () => OK);
    await expect(listening).rejects.toThrow(message);
    await expect(listening).rejects.toMatchObject({ code: 'app-refused' });
    await bus.stop();
  });

  test('an unsupported host.json is refused, too', async () => {
    const store = openStore(undefined, undefined, () => undefined);
    const hostJson = {
      extensions: { serviceBus: { autoCompleteMessages: false, maxAutoLockRenewalDuration: 5 } },
    };
    const bus = await createServiceBus({ ...defaults(store), hostJson });
    await expect(bus.listen([queueFunction({})], async () => OK)).rejects.toThrow(
      /autoCompleteMessages: false is not supported.*maxAutoLockRenewalDuration/,
    );
    await bus.stop();
  });
});

/** A proxy to the broker that the test can cut. */
async function startProxy(target: number): Promise<{ port: number; breakConnections: () => void }> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = openSocket(target, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => undefined);
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const breakConnections = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(() => {
    server.close();
    breakConnections();
  });
  return { port: (server.address() as { port: number }).port, breakConnections };
}
