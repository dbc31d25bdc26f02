/** All queues and topics of the broker, and how a message that is sent reaches them. */
import { randomUUID } from 'node:crypto';
import { BrokerError, badRequest, notFound, tooLarge } from './broker-errors.js';
import {
  type CorrelationFilter,
  durationMs,
  type QueueDeclaration,
  type SubscriptionDeclaration,
  type TopicDeclaration,
} from './entity-declarations.js';
import { type MessageFields, readFields, setMessageId, splitMessage } from './message-codec.js';
import { Queue } from './queue.js';
import type { PreparedMessage, QueueContext, QueueSettings } from './queue-types.js';

/** Standard tier, per message and per batch. https://learn.microsoft.com/azure/service-bus-messaging/service-bus-quotas */
export const MAX_MESSAGE_BYTES = 262_144;

interface Subscription {
  readonly queue: Queue;
  readonly filters: readonly CorrelationFilter[];
}

export interface Topic {
  readonly path: string;
  /** Assigns sequence numbers and detects duplicates; stores no messages. */
  readonly sequencer: Queue;
  readonly subscriptions: Subscription[];
  readonly timeToLive: string | undefined;
}

export class Namespace {
  readonly #queues = new Map<string, Queue>();
  readonly #topics = new Map<string, Topic>();

  constructor(private readonly context: QueueContext) {}

  addQueue(declaration: QueueDeclaration): void {
    const path = declaration.name.toLowerCase();
    if (this.#queues.has(path)) return;
    this.#openQueue(path, settingsOf(declaration, declaration.duplicateDetection));
  }

  addTopic(declaration: TopicDeclaration): void {
    const path = declaration.name.toLowerCase();
    let topic = this.#topics.get(path);
    if (topic === undefined) {
      const settings = settingsOf(TOPIC_DEFAULTS, declaration.duplicateDetection);
      const sequencer = new Queue(path, settings, this.context, undefined);
      topic = { path, sequencer, subscriptions: [], timeToLive: declaration.defaultMessageTimeToLive };
      this.#topics.set(path, topic);
    }
    for (const subscription of declaration.subscriptions) this.#addSubscription(topic, subscription);
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
          if (one !== undefined) prepared.push(one);
          numbers.push(one?.sequence ?? 0);
        } else {
          numbers.push(fanOut(target, { ...incoming, fields }, prepared));
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
    const all = target.subscriptions.map(({ queue }) =>
      queue.cancelScheduled((message) => message.enqueuedSequence === sequence),
    );
    return (await Promise.all(all)).includes(true);
  }

  stop(): void {
    for (const queue of this.#queues.values()) queue.stop();
  }

  #addSubscription(topic: Topic, declaration: SubscriptionDeclaration): void {
    const path = `${topic.path}/subscriptions/${declaration.name.toLowerCase()}`;
    if (this.#queues.has(path)) return;
    const defaultMessageTimeToLive = declaration.defaultMessageTimeToLive ?? topic.timeToLive;
    const queue = this.#openQueue(path, settingsOf({ ...declaration, defaultMessageTimeToLive }, undefined));
    topic.subscriptions.push({ queue, filters: declaration.filters });
  }

  #openQueue(path: string, settings: QueueSettings): Queue {
    const deadLetterSettings = {
      ...settings,
      timeToLiveMs: Number.POSITIVE_INFINITY,
      duplicateWindowMs: undefined,
    };
    const deadLetters = new Queue(path + DEAD_LETTER_SUFFIX, deadLetterSettings, this.context, undefined);
    const queue = new Queue(path, settings, this.context, deadLetters);
    this.#queues.set(path, queue);
    this.#queues.set(deadLetters.path, deadLetters);
    return queue;
  }
}

const DEAD_LETTER_SUFFIX = '/$deadletterqueue';
const TOPIC_DEFAULTS = {
  maxDeliveryCount: 1,
  lockDuration: 'PT30S',
  deadLetteringOnMessageExpiration: false,
};

const normal = (address: string): string => address.replace(/^\/|\/$/g, '').toLowerCase();

function settingsOf(
  declaration: {
    readonly maxDeliveryCount: number;
    readonly lockDuration: string;
    readonly deadLetteringOnMessageExpiration: boolean;
    readonly defaultMessageTimeToLive?: string | undefined;
  },
  duplicateDetection: string | undefined,
): QueueSettings {
  const timeToLive = declaration.defaultMessageTimeToLive;
  return {
    maxDeliveryCount: declaration.maxDeliveryCount,
    lockDurationMs: durationMs(declaration.lockDuration),
    timeToLiveMs: timeToLive === undefined ? Number.POSITIVE_INFINITY : durationMs(timeToLive),
    deadLetterOnExpiry: declaration.deadLetteringOnMessageExpiration,
    duplicateWindowMs: duplicateDetection === undefined ? undefined : durationMs(duplicateDetection),
  };
}

function readMessage(raw: Buffer): { fields: MessageFields; sections: ReturnType<typeof splitMessage> } {
  if (raw.length > MAX_MESSAGE_BYTES) throw tooLarge(raw.length, MAX_MESSAGE_BYTES);
  try {
    return { fields: readFields(raw), sections: splitMessage(raw) };
  } catch (error) {
    if (error instanceof BrokerError) throw error;
    throw badRequest(`The message cannot be read: ${(error as Error).message}`);
  }
}

/** Prepares a copy for each subscription whose filters match. Returns the topic's sequence number. */
function fanOut(
  topic: Topic,
  incoming: Parameters<Queue['prepare']>[0] & { readonly fields: MessageFields },
  prepared: PreparedMessage[],
): number {
  const first = topic.sequencer.prepare(incoming);
  if (first === undefined) return 0;
  // The topic keeps the number and what duplicate detection needs, not the message itself.
  const changes = first.changes.filter((change) => change.kind !== 'put');
  prepared.push({ ...first, changes, makeVisible: () => undefined });
  for (const { queue, filters } of topic.subscriptions) {
    if (filters.length > 0 && !filters.some((filter) => matches(filter, incoming.fields))) continue;
    const copy = queue.prepare(incoming, first.sequence);
    if (copy !== undefined) prepared.push(copy);
  }
  return first.sequence;
}

function matches(filter: CorrelationFilter, fields: MessageFields): boolean {
  const { applicationProperties = {}, ...system } = filter;
  return (
    Object.entries(system).every(
      ([name, value]) => value === undefined || fields[name as keyof MessageFields] === value,
    ) &&
    Object.entries(applicationProperties).every(
      ([name, value]) => fields.applicationProperties[name] === value,
    )
  );
}
