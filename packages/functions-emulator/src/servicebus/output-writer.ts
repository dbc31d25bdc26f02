/** Sends what functions put into their Service Bus output bindings. */
import type { ServiceBusMessage, ServiceBusSender } from '@azure/service-bus';
import type { FunctionDefinition, InvocationResult, TypedData } from '../worker/worker-types.js';
import { readOutputs } from './bindings.js';
import type { ServiceBusClients } from './service-bus-clients.js';

type Succeeded = Extract<InvocationResult, { kind: 'ok' }>;

export class OutputWriter {
  readonly #senders = new Map<string, Promise<ServiceBusSender>>();

  constructor(
    private readonly connections: ServiceBusClients,
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  /**
   * Sends the messages of an invocation; resolves when all were accepted. A list is one message for each item.
   * @throws the client's error.
   */
  async write(definition: FunctionDefinition, result: Succeeded): Promise<void> {
    const sends: Promise<void>[] = [];
    for (const output of readOutputs(definition, this.settings)) {
      const data =
        output.name === '$return'
          ? result.returnValue
          : result.outputs.find((one) => one.name === output.name)?.data;
      const messages = messagesOf(data);
      if (messages.length === 0) continue;
      const path = output.entity.kind === 'queue' ? output.entity.queue : output.entity.topic;
      const sender = this.#sender(output.connection, path);
      sends.push(sender.then((one) => one.sendMessages(messages)));
    }
    await Promise.all(sends);
  }

  #sender(connection: string, path: string): Promise<ServiceBusSender> {
    const key = `${connection}\n${path}`;
    let sender = this.#senders.get(key);
    if (sender === undefined) {
      sender = this.connections.client(connection).then((client) => client.createSender(path));
      this.#senders.set(key, sender);
    }
    return sender;
  }
}

function messagesOf(data: TypedData | undefined): ServiceBusMessage[] {
  if (data === undefined) return [];
  if ('bytes' in data) return [{ body: Buffer.from(data.bytes), contentType: 'application/octet-stream' }];
  if ('string' in data) return [text(data.string)];
  if ('collectionString' in data) return data.collectionString.string.map(text);
  if ('int' in data) return [text(String(data.int))];
  if ('double' in data) return [text(String(data.double))];
  if (!('json' in data)) return [];
  const value: unknown = JSON.parse(data.json);
  if (Array.isArray(value))
    return value.map((item) => (typeof item === 'string' ? text(item) : json(JSON.stringify(item))));
  return value === null ? [] : [json(data.json)];
}

/** Bytes, so that the client library does not put the text into quotes. */
const text = (body: string): ServiceBusMessage => ({ body: Buffer.from(body), contentType: 'text/plain' });
const json = (body: string): ServiceBusMessage => ({
  body: Buffer.from(body),
  contentType: 'application/json',
});
