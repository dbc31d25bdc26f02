/** What waits for each instance: messages that are due, and timers until they are. */
import { soon, stopwatch } from '../clock.js';
import type { Store } from '../store/store.js';
import type { Clock } from '../types.js';
import type { OutgoingMessage } from './dispatch.js';
import { type MessageEvent, type Written, write } from './history.js';
import { Instance, type Message } from './instance.js';
import type { MessageRow, Records, Work } from './records.js';

/** A message on its way: its row, and the event that it holds. */
export type Letter = MessageRow & Written<MessageEvent>;

/** How long a result may wait for its turn to be written before it is written by itself. */
const UNWRITTEN_MS = 30;

/** How long the first of several results waits for the others: most turns would do nothing but note that it came. */
const GATHER_MS = 2;

export interface MailboxOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly records: Records;
  /** For how long the next start of the host does not see a message that this one has taken up; 0 = it sees it at once. */
  readonly hideMs: number;
  /** Called when an instance has something to do and is not at work. */
  readonly onReady: (instance: Instance) => void;
}

export class Mailboxes {
  readonly #instances = new Map<string, Instance>();
  /** Results in the order in which they came; the turns of some have been written since. */
  readonly #unwritten: { readonly instance: Instance; readonly message: Message; readonly since: number }[] =
    [];

  #gathering = 0;

  constructor(private readonly options: MailboxOptions) {}

  /** Whether a result has come that waits for others. */
  get isGathering(): boolean {
    return this.#gathering > 0;
  }

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

  /** Nothing happens by itself after this. What was taken up and not handled is seen by the next start at once. */
  async stop(): Promise<void> {
    this.cancelAllTimers();
    this.#unwritten.length = 0;
    const { clock, hideMs } = this.options;
    const left = [...this.#instances.values()].flatMap(({ inbox }) => inbox);
    if (hideMs > 0 && left.length > 0) await this.#show(left, clock.now()).catch(() => undefined);
  }

  /** A message as it is written, with an id that no other has. One that is due is taken up as soon as it is on disk. */
  letter({ event, ...rest }: OutgoingMessage): Letter {
    const { store, clock, hideMs } = this.options;
    const now = clock.now();
    const hidden = hideMs > 0 && rest.visibleAt <= now ? { hiddenUntil: now + hideMs } : {};
    return { id: store.nextId(), ...rest, ...hidden, ...write(event) };
  }

  /** Hands over a message that is on disk: now, or when it is due. */
  deliver(letter: Letter): void {
    const { id } = letter;
    const instance = this.instance(letter.instanceId);
    const { clock } = this.options;
    if (letter.visibleAt <= clock.now()) {
      this.#takeUp(instance, letter);
      return;
    }
    instance.setTimer(
      id,
      clock.at(letter.visibleAt, () => {
        instance.timers.delete(id);
        this.#takeUp(instance, letter);
      }),
    );
  }

  #takeUp(instance: Instance, letter: Letter): void {
    const { clock, hideMs } = this.options;
    // Nothing waits for it: a process that dies before it is on disk has not done anything with the message either.
    if (hideMs > 0 && letter.hiddenUntil === undefined)
      void this.#show([letter], clock.now() + hideMs).catch(() => undefined);
    this.put(instance, letter);
  }

  /** Sets when the next start sees the messages. */
  #show(messages: readonly Message[], at: number): Promise<void> {
    const { store, records } = this.options;
    return store.commit(() => {
      for (const { id, settled } of messages)
        if (id !== undefined && settled !== true) records.hideMessage(id, at);
    });
  }

  /**
   * A result, which exists in memory only until the turn that takes it is written. If the process dies before, the work
   * is done again: so one whose turn takes long to come or to be played is written by itself meanwhile.
   */
  complete({ instanceId, executionId }: Work, event: MessageEvent): void {
    const message: Message = { id: undefined, executionId, ...write(event) };
    const instance = this.instance(instanceId);
    instance.pending -= 1;
    this.#take(instance, message);
    if (instance.pending > 0) this.#gather(instance);
    else this.#ready(instance);
    this.#unwritten.push({ instance, message, since: stopwatch() });
    if (this.#unwritten.length === 1) this.#watch();
  }

  #watch(): void {
    soon(UNWRITTEN_MS / 2, () => {
      this.#writeOld();
      if (this.#unwritten.length > 0) this.#watch();
    });
  }

  #writeOld(): void {
    const { clock, records, store } = this.options;
    const old = stopwatch() - UNWRITTEN_MS;
    for (let [first] = this.#unwritten; first !== undefined; [first] = this.#unwritten) {
      const { instance, message, since } = first;
      if (!message.settled && since > old) return;
      this.#unwritten.shift();
      if (message.settled) continue;
      const { executionId, event } = message;
      const letter = this.letter({ instanceId: instance.id, executionId, visibleAt: clock.now(), event });
      const add = (): void => {
        // Its turn may have been written in the same transaction, just before.
        if (message.settled) return;
        records.addMessage(letter);
        message.id = letter.id;
      };
      store.commit(add).catch(() => undefined);
    }
  }

  put(instance: Instance, message: Message): void {
    this.#take(instance, message);
    this.#ready(instance);
  }

  /** Lets an instance try again what it could not do. */
  retry(instance: Instance): void {
    instance.release ??= this.options.clock.hold(`messages for ${instance.id}`);
    this.#ready(instance);
  }

  #take(instance: Instance, message: Message): void {
    instance.inbox.push(message);
    instance.release ??= this.options.clock.hold(`messages for ${instance.id}`);
  }

  #gather(instance: Instance): void {
    if (instance.gathers || !instance.isFree) return;
    instance.gathers = true;
    this.#gathering += 1;
    soon(GATHER_MS, () => {
      if (instance.gathers) this.#ready(instance);
    });
  }

  #ready(instance: Instance): void {
    if (instance.gathers) this.#gathering -= 1;
    instance.gathers = false;
    if (instance.isFree) this.options.onReady(instance);
  }
}
