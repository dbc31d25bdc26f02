/** One queue, subscription or dead-letter queue: its messages and their locks. */
import { randomUUID } from 'node:crypto';
import { badRequest, lockLost } from './broker-errors.js';
import { setApplicationProperties } from './message-codec.js';
import type { BrokerMessage, Change } from './message-store.js';
import type {
  Consumer,
  Disposition,
  Incoming,
  Lock,
  PreparedMessage,
  QueueContext,
  QueueSettings,
} from './queue-types.js';

interface HeldLock extends Lock {
  until: number;
  /** Undefined once the client's link is closed: then only the lock's expiry frees the message. */
  holder: Consumer | undefined;
  cancel: () => void;
}

export class Queue {
  readonly #messages = new Map<number, BrokerMessage>();
  /** Sequence numbers of the messages that may be delivered, in order. */
  readonly #ready: number[] = [];
  readonly #locks = new Map<string, HeldLock>();
  /** Ends the timer (schedule or expiry) of a message. */
  readonly #timers = new Map<number, () => void>();
  readonly #consumers: Consumer[] = [];
  #lastSequence: number;
  #watched = false;
  #release: (() => void) | undefined;

  constructor(
    readonly path: string,
    readonly settings: QueueSettings,
    private readonly context: QueueContext,
    /** Undefined for a dead-letter queue itself. */
    readonly deadLetters: Queue | undefined,
  ) {
    const stored = context.store.load(path);
    this.#lastSequence = stored.lastSequence;
    for (const message of stored.messages) {
      // The process ended while a consumer held it. That delivery counts, or a poison message would be redelivered forever.
      this.#messages.set(message.sequence, message);
      if (stored.locked.has(message.sequence)) this.#runInBackground(this.#abandon(message));
      else this.#makeVisible(message);
    }
  }

  /** While it is watched, the clock is held as long as a message waits for a consumer or is in its hands. */
  watch(): void {
    this.#watched = true;
    this.#updateHold();
  }

  /** Whether no message is ready or locked by a consumer. */
  get idle(): boolean {
    if (this.#ready.length > 0) return false;
    for (const lock of this.#locks.values()) if (lock.holder !== undefined) return false;
    return true;
  }

  prepare(incoming: Incoming, enqueuedSequence?: number): PreparedMessage {
    const now = this.context.clock.now();
    const sequence = this.#nextSequence();
    const scheduled = incoming.scheduledFor !== undefined && incoming.scheduledFor > now;
    const message: BrokerMessage = {
      sequence,
      enqueuedSequence: enqueuedSequence ?? sequence,
      state: scheduled ? 'scheduled' : 'active',
      enqueuedAt: now,
      scheduledFor: scheduled ? incoming.scheduledFor : undefined,
      expiresAt:
        incoming.timeToLive === undefined
          ? undefined
          : (scheduled ? (incoming.scheduledFor as number) : now) + incoming.timeToLive,
      deliveryCount: 0,
      sections: incoming.sections,
    };
    const changes: Change[] = [
      { kind: 'put', queue: this.path, message },
      { kind: 'last-sequence', entity: this.path, last: sequence },
    ];
    return { sequence, changes, makeVisible: () => this.#makeVisible(message) };
  }

  addConsumer(consumer: Consumer): void {
    this.#consumers.push(consumer);
    this.pump();
  }

  /** Its locks stay until they expire, as on the service. */
  removeConsumer(consumer: Consumer): void {
    const place = this.#consumers.indexOf(consumer);
    if (place >= 0) this.#consumers.splice(place, 1);
    for (const lock of this.#locks.values()) if (lock.holder === consumer) lock.holder = undefined;
    this.#updateHold();
  }

  /** Delivers ready messages to the consumers with credit, round robin. */
  pump(): void {
    while (this.#ready.length > 0) {
      const place = this.#consumers.findIndex((consumer) => consumer.hasCredit());
      if (place < 0) break;
      const [consumer] = this.#consumers.splice(place, 1) as [Consumer];
      this.#consumers.push(consumer);
      const message = this.#messages.get(this.#ready.shift() as number) as BrokerMessage;
      this.#cancelTimer(message.sequence);
      if (consumer.mode === 'peekLock') consumer.deliver(message, this.#lock(message, consumer));
      else this.#runInBackground(this.#deleteAndDeliver(message, consumer));
    }
    this.#updateHold();
  }

  /** @throws BrokerError when the lock is no longer held. */
  async settle(token: string, disposition: Disposition): Promise<void> {
    const lock = this.#takeLock(token);
    const release = this.context.clock.hold('service bus settlement');
    try {
      await this.#apply(lock.message, disposition);
    } finally {
      release();
      this.#updateHold();
    }
  }

  /** Returns until when the message is locked now. */
  renew(token: string): number {
    const lock = this.#locks.get(token);
    if (lock === undefined) throw lockLost();
    lock.cancel();
    lock.until = this.context.clock.now() + this.settings.lockDurationMs;
    lock.cancel = this.context.clock.at(lock.until, () => this.#runInBackground(this.#lockExpired(token)));
    return lock.until;
  }

  /** Messages in any state from a sequence number on, as they are now. */
  peek(from: number, count: number): BrokerMessage[] {
    const found = [...this.#messages.values()].filter((message) => message.sequence >= from);
    return found.sort((a, b) => a.sequence - b.sequence).slice(0, count);
  }

  /** Returns whether there was one. */
  async cancelScheduled(match: (message: BrokerMessage) => boolean): Promise<boolean> {
    const message = [...this.#messages.values()].find((one) => one.state === 'scheduled' && match(one));
    if (message === undefined) return false;
    this.#remove(message.sequence);
    await this.context.store.commit([{ kind: 'remove', queue: this.path, sequence: message.sequence }]);
    return true;
  }

  /** Ends all timers. */
  stop(): void {
    for (const cancel of this.#timers.values()) cancel();
    for (const lock of this.#locks.values()) lock.cancel();
    this.#watched = false;
    this.#updateHold();
    this.deadLetters?.stop();
  }

  #nextSequence(): number {
    this.#lastSequence += 1;
    return this.#lastSequence;
  }

  #makeVisible(message: BrokerMessage): void {
    this.#messages.set(message.sequence, message);
    const { clock } = this.context;
    if (message.state === 'scheduled') {
      const due = message.scheduledFor as number;
      this.#timers.set(
        message.sequence,
        clock.at(due, () => this.#runInBackground(this.#activate(message))),
      );
      return;
    }
    if (message.expiresAt !== undefined && this.deadLetters !== undefined) {
      this.#timers.set(
        message.sequence,
        clock.at(message.expiresAt, () => this.#runInBackground(this.#expire(message))),
      );
    }
    insertSorted(this.#ready, message.sequence);
    this.pump();
  }

  #remove(sequence: number): void {
    this.#cancelTimer(sequence);
    this.#messages.delete(sequence);
    const place = this.#ready.indexOf(sequence);
    if (place >= 0) this.#ready.splice(place, 1);
    this.#updateHold();
  }

  #cancelTimer(sequence: number): void {
    this.#timers.get(sequence)?.();
    this.#timers.delete(sequence);
  }

  #lock(message: BrokerMessage, holder: Consumer): Lock {
    const token = randomUUID();
    const until = this.context.clock.now() + this.settings.lockDurationMs;
    const cancel = this.context.clock.at(until, () => this.#runInBackground(this.#lockExpired(token)));
    const lock: HeldLock = { token, message, until, holder, cancel };
    this.#locks.set(token, lock);
    this.#runInBackground(
      this.context.store.commit([{ kind: 'locked', queue: this.path, sequence: message.sequence }]),
    );
    return lock;
  }

  #takeLock(token: string): HeldLock {
    const lock = this.#locks.get(token);
    if (lock === undefined) throw lockLost();
    lock.cancel();
    this.#locks.delete(token);
    return lock;
  }

  #lockExpired(token: string): Promise<void> {
    return this.#abandon(this.#takeLock(token).message);
  }

  /** The lock expired without a settlement: the delivery failed. */
  async #abandon(message: BrokerMessage): Promise<void> {
    const release = this.context.clock.hold('service bus lock expiry');
    try {
      await this.#apply(message, { kind: 'abandon', properties: {} });
    } finally {
      release();
    }
  }

  async #apply(message: BrokerMessage, disposition: Disposition): Promise<void> {
    if (disposition.kind === 'complete') {
      this.#messages.delete(message.sequence);
      await this.context.store.commit([{ kind: 'remove', queue: this.path, sequence: message.sequence }]);
      return;
    }
    if (disposition.kind === 'dead-letter') {
      await this.#deadLetter(message, disposition.reason, disposition.description, disposition.properties);
      return;
    }
    const sections = setApplicationProperties(message.sections, disposition.properties);
    const counted = { ...message, sections, deliveryCount: message.deliveryCount + 1 };
    const limit = this.settings.maxDeliveryCount;
    if (this.deadLetters !== undefined && counted.deliveryCount >= limit) {
      const description = `Message could not be consumed after ${limit} delivery attempts.`;
      await this.#deadLetter(counted, 'MaxDeliveryCountExceeded', description, {});
    } else if (this.#expired(counted)) {
      await this.#expire(counted);
    } else {
      await this.#replace(counted);
    }
  }

  async #replace(message: BrokerMessage): Promise<void> {
    await this.context.store.commit([{ kind: 'put', queue: this.path, message }]);
    this.#makeVisible(message);
  }

  async #deadLetter(
    message: BrokerMessage,
    reason: string | undefined,
    description: string | undefined,
    properties: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const target = this.deadLetters;
    if (target === undefined) {
      await this.#replace(message);
      throw badRequest('A message in a dead-letter queue cannot be dead-lettered again.');
    }
    const added = { ...properties, DeadLetterReason: reason, DeadLetterErrorDescription: description };
    const sections = setApplicationProperties(message.sections, added);
    const deadLettered: BrokerMessage = { ...message, state: 'active', expiresAt: undefined, sections };
    this.#remove(message.sequence);
    await this.context.store.commit([
      { kind: 'remove', queue: this.path, sequence: message.sequence },
      { kind: 'put', queue: target.path, message: deadLettered },
    ]);
    target.#makeVisible(deadLettered);
  }

  #expired(message: BrokerMessage): boolean {
    return message.expiresAt !== undefined && message.expiresAt <= this.context.clock.now();
  }

  async #expire(message: BrokerMessage): Promise<void> {
    this.#remove(message.sequence);
    await this.context.store.commit([{ kind: 'remove', queue: this.path, sequence: message.sequence }]);
  }

  /** A scheduled message joins the end of the queue, with a number of its own. */
  async #activate(message: BrokerMessage): Promise<void> {
    const release = this.context.clock.hold('service bus schedule');
    try {
      this.#remove(message.sequence);
      const sequence = this.#nextSequence();
      const now = this.context.clock.now();
      const active: BrokerMessage = { ...message, sequence, state: 'active', enqueuedAt: now };
      await this.context.store.commit([
        { kind: 'remove', queue: this.path, sequence: message.sequence },
        { kind: 'put', queue: this.path, message: active },
        { kind: 'last-sequence', entity: this.path, last: sequence },
      ]);
      this.#makeVisible(active);
    } finally {
      release();
    }
  }

  async #deleteAndDeliver(message: BrokerMessage, consumer: Consumer): Promise<void> {
    consumer.reserve();
    this.#messages.delete(message.sequence);
    await this.context.store.commit([{ kind: 'remove', queue: this.path, sequence: message.sequence }]);
    consumer.deliver(message, undefined);
  }

  #runInBackground(work: Promise<void>): void {
    work.catch(this.context.onFailure);
  }

  #updateHold(): void {
    const busy = this.#watched && !this.idle;
    if (busy && this.#release === undefined)
      this.#release = this.context.clock.hold(`message in ${this.path}`);
    if (!busy && this.#release !== undefined) {
      this.#release();
      this.#release = undefined;
    }
  }
}

function insertSorted(sequences: number[], sequence: number): void {
  let place = sequences.length;
  while (place > 0 && (sequences[place - 1] as number) > sequence) place -= 1;
  sequences.splice(place, 0, sequence);
}
