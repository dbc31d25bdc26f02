/** What waits for each instance: messages that are due, and timers until they are. */
import { defer, monotonicNow } from '../real-time.js';
import type { Store } from '../store/store.js';
import type { Clock } from '../types.js';
import type { ActivityWorkItem, DurableStore, MessageRow } from './durable-store.js';
import { type MessageEvent, type SerialisedEvent, serialise } from './history-events.js';
import { Instance, type Message } from './instance.js';
import type { OutgoingMessage } from './process-actions.js';

/** A message on its way: its row, and the event that it holds. */
export type StoredMessage = MessageRow & SerialisedEvent<MessageEvent>;

/** How long a result may wait for its turn to be written before it is written by itself. */
const PERSIST_AFTER_MS = 30;

/** How long the first of several results waits for the others: most turns would do nothing but note that it came. */
const BATCH_WINDOW_MS = 2;

export interface InboxOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly durableStore: DurableStore;
  /** For how long the next start of the host does not see a message that this one has taken up; 0 = it sees it at once. */
  readonly visibilityTimeoutMs: number;
  /** Called when an instance has something to do and is not at work. */
  readonly onReady: (instance: Instance) => void;
}

export class InstanceInboxes {
  readonly #instances = new Map<string, Instance>();
  /** Results in the order in which they came; the turns of some have been written since. */
  readonly #unpersisted: {
    readonly instance: Instance;
    readonly message: Message;
    readonly since: number;
  }[] = [];

  #batchingCount = 0;

  constructor(private readonly options: InboxOptions) {}

  /** Whether a result has come that waits for others. */
  get isBatching(): boolean {
    return this.#batchingCount > 0;
  }

  /** The instance in memory, taken up from the store if need be. */
  instance(id: string): Instance {
    let instance = this.#instances.get(id);
    if (instance === undefined) {
      instance = new Instance(id, this.options.durableStore);
      this.#instances.set(id, instance);
    }
    return instance;
  }

  /** The instance if it is in memory. */
  loaded(id: string): Instance | undefined {
    return this.#instances.get(id);
  }

  evict(instance: Instance): void {
    if (instance.isEvictable) this.#instances.delete(instance.id);
  }

  cancelAllTimers(): void {
    for (const instance of this.#instances.values()) instance.cancelTimers();
  }

  /** Nothing happens by itself after this. What was taken up and not handled is seen by the next start at once. */
  async stop(): Promise<void> {
    this.cancelAllTimers();
    this.#unpersisted.length = 0;
    const { clock, visibilityTimeoutMs } = this.options;
    const left = [...this.#instances.values()].flatMap(({ inbox }) => inbox);
    if (visibilityTimeoutMs > 0 && left.length > 0)
      await this.#setVisibleAt(left, clock.now()).catch(() => undefined);
  }

  /** A message as it is written, with an id that no other has. One that is due is taken up as soon as it is on disk. */
  toStored({ event, ...rest }: OutgoingMessage): StoredMessage {
    const { store, clock, visibilityTimeoutMs } = this.options;
    const now = clock.now();
    const hidden =
      visibilityTimeoutMs > 0 && rest.visibleAt <= now ? { hiddenUntil: now + visibilityTimeoutMs } : {};
    return { id: store.nextId(), ...rest, ...hidden, ...serialise(event) };
  }

  /** Hands over a message that is on disk: now, or when it is due. */
  deliver(stored: StoredMessage): void {
    const { id } = stored;
    const instance = this.instance(stored.instanceId);
    const { clock } = this.options;
    if (stored.visibleAt <= clock.now()) {
      this.#receive(instance, stored);
      return;
    }
    instance.setTimer(
      id,
      clock.at(stored.visibleAt, () => {
        instance.timers.delete(id);
        this.#receive(instance, stored);
      }),
    );
  }

  #receive(instance: Instance, stored: StoredMessage): void {
    const { clock, visibilityTimeoutMs } = this.options;
    // Nothing waits for it: a process that dies before it is on disk has not done anything with the message either.
    if (visibilityTimeoutMs > 0 && stored.hiddenUntil === undefined)
      void this.#setVisibleAt([stored], clock.now() + visibilityTimeoutMs).catch(() => undefined);
    this.enqueue(instance, stored);
  }

  /** Sets when the next start sees the messages. */
  #setVisibleAt(messages: readonly Message[], at: number): Promise<void> {
    const { store, durableStore } = this.options;
    return store.commit(() => {
      for (const { id, settled } of messages)
        if (id !== undefined && settled !== true) durableStore.setVisibleAt(id, at);
    });
  }

  /**
   * A result, which exists in memory only until the turn that takes it is written. If the process dies before, the work
   * is done again: so one whose turn takes long to come or to be played is written by itself meanwhile.
   */
  complete({ instanceId, executionId }: ActivityWorkItem, event: MessageEvent): void {
    const message: Message = { id: undefined, executionId, ...serialise(event) };
    const instance = this.instance(instanceId);
    instance.pendingActivities -= 1;
    this.#append(instance, message);
    if (instance.pendingActivities > 0) this.#batch(instance);
    else this.#markReady(instance);
    this.#unpersisted.push({ instance, message, since: monotonicNow() });
    if (this.#unpersisted.length === 1) this.#schedulePersist();
  }

  #schedulePersist(): void {
    defer(PERSIST_AFTER_MS / 2, () => {
      this.#persistOverdue();
      if (this.#unpersisted.length > 0) this.#schedulePersist();
    });
  }

  #persistOverdue(): void {
    const { clock, durableStore, store } = this.options;
    const old = monotonicNow() - PERSIST_AFTER_MS;
    for (let [first] = this.#unpersisted; first !== undefined; [first] = this.#unpersisted) {
      const { instance, message, since } = first;
      if (!message.settled && since > old) return;
      this.#unpersisted.shift();
      if (message.settled) continue;
      const { executionId, event } = message;
      const stored = this.toStored({ instanceId: instance.id, executionId, visibleAt: clock.now(), event });
      const add = (): void => {
        // Its turn may have been written in the same transaction, just before.
        if (message.settled) return;
        durableStore.addMessage(stored);
        message.id = stored.id;
      };
      store.commit(add).catch(() => undefined);
    }
  }

  enqueue(instance: Instance, message: Message): void {
    this.#append(instance, message);
    this.#markReady(instance);
  }

  /** Lets an instance try again what it could not do. */
  retry(instance: Instance): void {
    instance.releaseClock ??= this.options.clock.hold(`messages for ${instance.id}`);
    this.#markReady(instance);
  }

  #append(instance: Instance, message: Message): void {
    instance.inbox.push(message);
    instance.releaseClock ??= this.options.clock.hold(`messages for ${instance.id}`);
  }

  #batch(instance: Instance): void {
    if (instance.batching || !instance.isIdle) return;
    instance.batching = true;
    this.#batchingCount += 1;
    defer(BATCH_WINDOW_MS, () => {
      if (instance.batching) this.#markReady(instance);
    });
  }

  #markReady(instance: Instance): void {
    if (instance.batching) this.#batchingCount -= 1;
    instance.batching = false;
    if (instance.isIdle) this.options.onReady(instance);
  }
}
