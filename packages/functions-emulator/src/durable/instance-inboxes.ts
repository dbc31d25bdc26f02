/** Delivers messages to instances: as soon as they are due and on disk. Stores results whose turn is late. */
import { defer, monotonicNow } from '../real-time.js';
import type { Store } from '../store/store.js';
import type { Clock } from '../types.js';
import type { ActivityWorkItem, DurableStore, MessageRow } from './durable-store.js';
import { type MessageEvent, type SerialisedEvent, serialise } from './history-events.js';
import { Instance, type Message } from './instance.js';
import type { OutgoingMessage } from './process-actions.js';

/** A message on its way: its row, and the event that it holds. */
export type StoredMessage = MessageRow & SerialisedEvent<MessageEvent>;

/** A result whose turn is not committed after this time is stored as a message. */
const PERSIST_AFTER_MS = 30;

export interface InboxOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly durableStore: DurableStore;
  /** How long the next start of the host does not see a message that this one has received; 0 = it sees it at once. */
  readonly visibilityTimeoutMs: number;
  /** Called when an instance becomes ready for a turn. */
  readonly onReady: (instance: Instance) => void;
}

export class InstanceInboxes {
  readonly #instances = new Map<string, Instance>();
  /** Results in the order of their arrival; the turns of some may be committed already. */
  readonly #unpersisted: {
    readonly instance: Instance;
    readonly message: Message;
    readonly since: number;
  }[] = [];

  constructor(private readonly options: InboxOptions) {}

  /** Whether a result waits for others. */
  get isBatching(): boolean {
    for (const { state } of this.#instances.values()) if (state === 'batching') return true;
    return false;
  }

  /** The instance, loaded from the store if necessary. */
  instance(id: string): Instance {
    let instance = this.#instances.get(id);
    if (instance === undefined) {
      instance = new Instance(id, this.options);
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

  /** Cancels timers and stored-result checks. Messages that were received but not processed become visible at once. */
  async stop(): Promise<void> {
    this.cancelAllTimers();
    this.#unpersisted.length = 0;
    const { clock, visibilityTimeoutMs } = this.options;
    const left = [...this.#instances.values()].flatMap(({ inbox }) => inbox);
    if (visibilityTimeoutMs > 0 && left.length > 0)
      await this.#setVisibleAt(left, clock.now()).catch(() => undefined);
  }

  /** A message with a new id, ready to be stored. If it is due, it will be received as soon as it is on disk. */
  toStored({ event, ...rest }: OutgoingMessage): StoredMessage {
    const { store, clock, visibilityTimeoutMs } = this.options;
    const now = clock.now();
    const hidden =
      visibilityTimeoutMs > 0 && rest.visibleAt <= now ? { hiddenUntil: now + visibilityTimeoutMs } : {};
    return { id: store.nextId(), ...rest, ...hidden, ...serialise(event) };
  }

  /** Delivers a stored message: now, or when it is due. */
  deliver(stored: StoredMessage): void {
    const instance = this.instance(stored.instanceId);
    if (stored.visibleAt <= this.options.clock.now()) {
      this.#receive(instance, stored);
      return;
    }
    instance.receiveAt(stored.visibleAt, stored.id, () => this.#receive(instance, stored));
  }

  #receive(instance: Instance, stored: StoredMessage): void {
    const { clock, visibilityTimeoutMs } = this.options;
    // Not awaited: if the process ends before this is on disk, it has not acted on the message either.
    if (visibilityTimeoutMs > 0 && stored.hiddenUntil === undefined)
      void this.#setVisibleAt([stored], clock.now() + visibilityTimeoutMs).catch(() => undefined);
    instance.receive(stored);
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
   * Accepts a result. It is in memory only until the turn that consumes it is committed; if the process ends before that,
   * the activity runs again. So a result whose turn is late is stored on its own in the meantime.
   */
  complete({ instanceId, executionId }: ActivityWorkItem, event: MessageEvent): void {
    const message: Message = { id: undefined, executionId, ...serialise(event) };
    const instance = this.instance(instanceId);
    instance.receiveResult(message);
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
}
