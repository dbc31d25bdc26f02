/** All queues and topics of the broker, and how a message that is sent reaches them. */
import { randomUUID } from 'node:crypto';
import type { EntityName } from './bindings.js';
import { BrokerError, badRequest, notFound, tooLarge } from './broker-errors.js';
import { type MessageFields, readFields, setMessageId, splitMessage } from './message-codec.js';
import { Queue } from './queue.js';
import type { Incoming, PreparedMessage, QueueContext, QueueSettings } from './queue-types.js';

/** Standard tier, per message and per batch. https://learn.microsoft.com/azure/service-bus-messaging/service-bus-quotas */
export const MAX_MESSAGE_BYTES = 262_144;

export interface Topic {
  readonly path: string;
  /** Assigns sequence numbers; stores no messages. */
  readonly sequencer: Queue;
  readonly subscriptions: Queue[];
}

export class Namespace {
  readonly #queues = new Map<string, Queue>();
  readonly #topics = new Map<string, Topic>();

  constructor(
    private readonly context: QueueContext,
    private readonly settings: QueueSettings,
  ) {}

  /** Adds a queue, or a topic and its subscription, unless it exists. */
  declare(entity: EntityName): void {
    if (entity.kind === 'queue') this.#openQueue(entity.queue.toLowerCase());
    else this.#declareTopic(entity.topic.toLowerCase(), entity.subscription?.toLowerCase());
  }

  /** The queue, subscription or dead-letter queue at an address. @throws BrokerError if it does not exist. */
  queue(address: string): Queue {
    const queue = this.#queues.get(normal(address));
    if (queue === undefined) throw notFound(address);
    return queue;
  }

  /** The queue or topic that a client sends to. @throws BrokerError if it does not exist. */
  sendTarget(address: string): Queue | Topic {
    const path = normal(address);
    const found = this.#topics.get(path) ?? this.#queues.get(path);
    if (found === undefined || path.includes('/subscriptions/') || path.endsWith(DEAD_LETTER_SUFFIX)) {
      throw notFound(address);
    }
    return found;
  }

  /**
   * Accepts encoded messages, all or none, and resolves with their sequence numbers once they are durable.
   * @throws BrokerError when one is no AMQP message or too large.
   */
  async publish(
    target: Queue | Topic,
    messages: readonly Buffer[],
    scheduledFor?: number,
  ): Promise<number[]> {
    const read = messages.map(readMessage);
    const release = this.context.clock.hold('service bus send');
    try {
      const prepared: PreparedMessage[] = [];
      const numbers: number[] = [];
      for (const { fields, sections } of read) {
        const messageId = fields.messageId ?? randomUUID();
        const incoming = {
          sections: fields.messageId === undefined ? setMessageId(sections, messageId) : sections,
          messageId,
          timeToLive: fields.timeToLive,
          scheduledFor: scheduledFor ?? fields.scheduledFor,
        };
        if (target instanceof Queue) {
          const one = target.prepare(incoming);
          prepared.push(one);
          numbers.push(one.sequence);
        } else {
          numbers.push(fanOut(target, incoming, prepared));
        }
      }
      await this.context.store.commit(prepared.flatMap((one) => one.changes));
      for (const one of prepared) one.makeVisible();
      return numbers;
    } finally {
      release();
    }
  }

  async cancelScheduled(target: Queue | Topic, sequence: number): Promise<boolean> {
    if (target instanceof Queue) return target.cancelScheduled((message) => message.sequence === sequence);
    const all = target.subscriptions.map((queue) =>
      queue.cancelScheduled((message) => message.enqueuedSequence === sequence),
    );
    return (await Promise.all(all)).includes(true);
  }

  stop(): void {
    for (const queue of this.#queues.values()) queue.stop();
  }

  #declareTopic(path: string, subscription: string | undefined): void {
    let topic = this.#topics.get(path);
    if (topic === undefined) {
      const sequencer = new Queue(path, this.settings, this.context, undefined);
      topic = { path, sequencer, subscriptions: [] };
      this.#topics.set(path, topic);
    }
    const opened =
      subscription === undefined ? undefined : this.#openQueue(`${path}/subscriptions/${subscription}`);
    if (opened !== undefined) topic.subscriptions.push(opened);
  }

  /** Undefined if it exists. */
  #openQueue(path: string): Queue | undefined {
    if (this.#queues.has(path)) return undefined;
    const deadLetters = new Queue(path + DEAD_LETTER_SUFFIX, this.settings, this.context, undefined);
    const queue = new Queue(path, this.settings, this.context, deadLetters);
    this.#queues.set(path, queue);
    this.#queues.set(deadLetters.path, deadLetters);
    return queue;
  }
}

const DEAD_LETTER_SUFFIX = '/$deadletterqueue';
const normal = (address: string): string => address.replace(/^\/|\/$/g, '').toLowerCase();

function readMessage(raw: Buffer): { fields: MessageFields; sections: ReturnType<typeof splitMessage> } {
  if (raw.length > MAX_MESSAGE_BYTES) throw tooLarge(raw.length, MAX_MESSAGE_BYTES);
  try {
    return { fields: readFields(raw), sections: splitMessage(raw) };
  } catch (error) {
    if (error instanceof BrokerError) throw error;
    throw badRequest(`The message cannot be read: ${(error as Error).message}`);
  }
}

/** Prepares a copy for each subscription. Returns the topic's sequence number. */
function fanOut(topic: Topic, incoming: Incoming, prepared: PreparedMessage[]): number {
  const first = topic.sequencer.prepare(incoming);
  // The topic keeps the number, not the message itself.
  const changes = first.changes.filter((change) => change.kind !== 'put');
  prepared.push({ ...first, changes, makeVisible: () => undefined });
  for (const queue of topic.subscriptions) prepared.push(queue.prepare(incoming, first.sequence));
  return first.sequence;
}
