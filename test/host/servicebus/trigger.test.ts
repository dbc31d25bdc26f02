import { describe, expect, onTestFinished, test } from 'vitest';
import { trackInFlight, virtualClock, wallClock } from '../../../src/host/clock.js';
import { Dispatcher } from '../../../src/host/doors/dispatcher.js';
import {
  prepareServiceBus,
  type ServiceBus,
  type ServiceBusOptions,
} from '../../../src/host/servicebus/index.js';
import { openStore } from '../../../src/host/store/store.js';
import type {
  FunctionDefinition,
  InvocationRequest,
  InvocationResult,
} from '../../../src/host/worker/types.js';
import { connect, receiveOne } from './namespace.js';

const OK: InvocationResult = { kind: 'ok', returnValue: undefined, outputs: [] };

function queueFunction(trigger: object, bindings: FunctionDefinition['bindings'] = {}): FunctionDefinition {
  return {
    name: 'onIncident',
    triggerKind: 'serviceBusTrigger',
    triggerName: 'message',
    trigger: { type: 'serviceBusTrigger', queueName: 'incidents', connection: 'Bus', ...trigger },
    bindings,
    scriptFile: 'index.js',
  };
}

async function start(
  definition: FunctionDefinition,
  invoke: (request: InvocationRequest) => Promise<InvocationResult>,
  options: Partial<ServiceBusOptions> = {},
): Promise<{ bus: ServiceBus; logs: string[] }> {
  const logs: string[] = [];
  const store = openStore(undefined, undefined, (error) => logs.push(error.message));
  const clock = options.clock ?? wallClock();
  const bus = await prepareServiceBus({
    clock,
    database: store,
    settings: {},
    hostJson: {},
    port: 0,
    onEvent: (event) => event.kind === 'log' && logs.push(event.message),
    ...options,
  });
  onTestFinished(async () => {
    await bus.stop();
    await store.close();
  });
  const dispatcher = new Dispatcher({
    invoke: bus.withOutputs(invoke),
    clock,
    inputBinding: undefined,
    onEvent: () => undefined,
    log: () => undefined,
  });
  await bus.listen([definition], (trigger) => dispatcher.run(trigger));
  return { bus, logs };
}

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

  test('gives a message back on failure, at once, until it is dead-lettered', async () => {
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
});
