/** A broker with its database, and the unmodified client: the basis of every test here. */
import { ServiceBusClient, type ServiceBusReceivedMessage } from '@azure/service-bus';
import { onTestFinished } from 'vitest';
import { wallClock } from '../../src/clock.js';
import { Broker } from '../../src/servicebus/broker.js';
import { type BrokerPort, openBrokerPort } from '../../src/servicebus/broker-port.js';
import { DEFAULT_QUEUE_SETTINGS, type QueueSettings } from '../../src/servicebus/queue-types.js';
import { openStore } from '../../src/store/store.js';
import type { Clock } from '../../src/types.js';

export interface Started {
  readonly broker: Broker;
  readonly client: ServiceBusClient;
  readonly clock: Clock;
  /** Problems that the broker reported. */
  readonly problems: string[];
}

/** Starts a broker with the queue `incidents`, and a client; both end with the test. */
export async function startBroker(
  options: {
    clock?: Clock;
    dataDirectory?: string;
    port?: BrokerPort;
    settings?: Partial<QueueSettings>;
  } = {},
): Promise<Started> {
  const clock = options.clock ?? wallClock();
  const problems: string[] = [];
  const store = openStore(options.dataDirectory, undefined, (error) => problems.push(error.message));
  const broker = new Broker(options.port ?? (await openBrokerPort(0)), {
    clock,
    database: store,
    settings: { ...DEFAULT_QUEUE_SETTINGS, ...options.settings },
    onProblem: (message) => problems.push(message),
  });
  broker.declare({ kind: 'queue', queue: 'incidents' });
  // Registered first, so that it runs last: a client cannot close after its broker has stopped.
  onTestFinished(async () => {
    await broker.stop();
    await store.close();
  });
  const client = connect(broker.connectionString);
  return { broker, client, clock, problems };
}

/** A client that fails quickly instead of retrying for minutes. */
export function connect(connectionString: string): ServiceBusClient {
  const client = new ServiceBusClient(connectionString, {
    retryOptions: { maxRetries: 0, timeoutInMs: 5_000 },
  });
  onTestFinished(async () => client.close());
  return client;
}

/** One message from the queue, or a failed test. */
export async function receiveOne(
  receiver: { receiveMessages(count: number, options: object): Promise<ServiceBusReceivedMessage[]> },
  maxWaitTimeInMs = 3_000,
): Promise<ServiceBusReceivedMessage> {
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs });
  if (message === undefined) throw new Error('No message came.');
  return message;
}

/** The error that a promise rejects with. */
export async function failure(work: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await work;
  } catch (error) {
    return error as Error & { code?: string };
  }
  throw new Error('It did not fail.');
}
