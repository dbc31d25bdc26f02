/** What waits for each instance: messages that are due, and timers until they are. */
import type { Store } from '../store/store.js';
import type { Clock } from '../types.js';
import type { OutgoingMessage } from './dispatch.js';
import type { MessageEvent } from './history.js';
import { Instance, type Message } from './instance.js';
import type { MessageRow, Records, Work } from './records.js';

export interface MailboxOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly records: Records;
  /** Called when an instance has something to do and is not at work. */
  readonly onReady: (instance: Instance) => void;
}

export class Mailboxes {
  readonly #instances = new Map<string, Instance>();

  constructor(private readonly options: MailboxOptions) {}

  /** The instance in memory, taken up from the store if need be. */
  instance(id: string): Instance {
    let instance = this.#instances.get(id);
    if (instance === undefined) {
      instance = new Instance(id, this.options.records);
      this.#instances.set(id, instance);
    }
    return instance;
  }

  /** The instance if it is in memory. */
  known(id: string): Instance | undefined {
    return this.#instances.get(id);
  }

  drop(instance: Instance): void {
    if (instance.idle) this.#instances.delete(instance.id);
  }

  cancelAllTimers(): void {
    for (const instance of this.#instances.values()) instance.cancelTimers();
  }

  /** A message as it is written, with an id that no other has. */
  row(message: OutgoingMessage): MessageRow {
    return {
      id: this.options.store.nextId(),
      instanceId: message.instanceId,
      executionId: message.executionId,
      visibleAt: message.visibleAt,
      event: JSON.stringify(message.event),
    };
  }

  /** Hands over a message that is on disk: now, or when it is due. */
  deliver(row: MessageRow): void {
    const instance = this.instance(row.instanceId);
    const event = JSON.parse(row.event) as MessageEvent;
    // A host without a default version never takes up an instance that was started with one.
    if (event.EventType === 0 && event.Version !== null) return;
    const message: Message = { id: row.id, executionId: row.executionId, event };
    const { clock } = this.options;
    if (row.visibleAt <= clock.now()) {
      this.put(instance, message);
      return;
    }
    instance.setTimer(
      row.id,
      clock.at(row.visibleAt, () => {
        instance.timers.delete(row.id);
        this.put(instance, message);
      }),
    );
  }

  /**
   * A result that exists in memory only until the turn that takes it is written. If the process dies before, the work
   * is done again.
   * @param soon whether that turn will come at once; if not, the result is written by itself meanwhile
   */
  complete(work: Work, event: MessageEvent, soon: boolean): void {
    const message: Message = { id: undefined, executionId: work.executionId, event };
    if (!soon) {
      const { instanceId, executionId } = work;
      const row = this.row({ instanceId, executionId, visibleAt: this.options.clock.now(), event });
      message.id = row.id;
      // Whoever takes the message deletes its row in a later transaction than this one.
      this.options.store.commit(() => this.options.records.addMessage(row)).catch(() => undefined);
    }
    const instance = this.instance(work.instanceId);
    instance.pending -= 1;
    this.put(instance, message);
  }

  put(instance: Instance, message: Message): void {
    instance.inbox.push(message);
    instance.release ??= this.options.clock.hold(`messages for ${instance.id}`);
    if (!instance.busy && !instance.queued && !instance.waitsToRetry) this.options.onReady(instance);
  }
}
