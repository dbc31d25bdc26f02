/**
 * Runs instances: an inbox for each, one turn at a time, all that a turn brings about in one transaction. What has
 * been committed is what there is; everything in memory can be made again from it.
 */
import { atMost } from '../clock.js';
import type { Store } from '../store/store.js';
import type { Clock, HostEvent, Introspection } from '../types.js';
import type { FunctionDefinition, InvocationRequest, InvocationResult } from '../worker/types.js';
import { Activities } from './activities.js';
import type { OutgoingMessage } from './dispatch.js';
import { type MessageEvent, make, timestamp } from './history.js';
import type { Instance, Message } from './instance.js';
import { Leases } from './leases.js';
import { Line } from './line.js';
import { Mailboxes } from './mailboxes.js';
import type { InstanceRow, Open, Records, Work } from './records.js';
import type { Redelivery } from './redelivery.js';
import { Resting } from './resting.js';
import { collectRewinds, type Rewound } from './rewind.js';
import { isTerminal } from './status.js';
import { StorageRequests } from './storage-requests.js';
import { type KnownFunctions, knownFunctions } from './turn/shim.js';
import { Turns } from './turns.js';
import type { Versioning } from './versioning.js';

export interface EngineOptions {
  readonly store: Store;
  readonly records: Records;
  readonly clock: Clock;
  readonly functions: readonly FunctionDefinition[];
  readonly invoke: (request: InvocationRequest) => Promise<InvocationResult>;
  readonly onEvent: (event: HostEvent) => void;
  readonly introspection: Introspection | undefined;
  readonly maxOrchestrators: number;
  readonly maxActivities: number;
  readonly redelivery: Redelivery;
  readonly versioning: Versioning;
  /** Whether a setting switches the function off: it is known then, but does not run. */
  readonly isDisabled: (definition: FunctionDefinition) => boolean;
}

/** How long to wait before a turn is tried again whose thread died. */
const RETRY_MS = 1000;

export class Engine {
  readonly records: Records;
  readonly known: KnownFunctions;
  /** Where clients' requests are counted. */
  readonly storage: StorageRequests;
  readonly #orchestrators: ReadonlyMap<string, FunctionDefinition>;
  readonly #entities: ReadonlyMap<string, FunctionDefinition>;
  readonly #mailboxes: Mailboxes;
  readonly #turns: Turns;
  readonly #activities: Activities;
  readonly #leases: Leases;
  /** Work that somebody before held, until it may begin. */
  readonly #heldBack = new Set<() => void>();
  readonly #resting = new Resting((instance) => this.#mailboxes.drop(instance));
  readonly #ready = new Line<Instance>();
  readonly #whenIdle: (() => void)[] = [];
  /** Turns that the app is at. */
  #playing = 0;
  /** Turns that have begun and are not yet on disk. */
  #open = 0;
  #scheduled = false;
  #stopped = false;

  constructor(private readonly options: EngineOptions) {
    const { store, records, clock, functions, invoke, onEvent, redelivery, versioning } = options;
    const active = functions.filter((one) => !options.isDisabled(one));
    const ofKind = (kind: FunctionDefinition['triggerKind']): Map<string, FunctionDefinition> =>
      new Map(active.filter((one) => one.triggerKind === kind).map((one) => [one.name.toLowerCase(), one]));
    const activities = ofKind('activityTrigger');
    this.#orchestrators = ofKind('orchestrationTrigger');
    this.#entities = ofKind('entityTrigger');
    this.known = knownFunctions(functions);
    this.records = records;
    this.storage = new StorageRequests(options.introspection?.onStorage);
    this.#mailboxes = new Mailboxes({
      store,
      clock,
      records,
      hideMs: redelivery.messagesMs,
      onReady: (instance) => this.#enqueue(instance),
    });
    this.#leases = new Leases({ store, records, clock, timeoutMs: redelivery.activitiesMs });
    this.#activities = new Activities(
      options,
      { active: activities, known: this.known.activities },
      this.#leases,
      (work, event) => {
        if (this.storage.counted) this.storage.activityEnded(work.instanceId, JSON.stringify(event));
        this.#mailboxes.complete(work, event);
      },
    );
    this.#turns = new Turns({
      store,
      clock,
      invoke,
      onEvent,
      records,
      mailboxes: this.#mailboxes,
      known: this.known,
      storage: this.storage,
      versioning,
      orchestrator: (name) =>
        this.#orchestrators.get(name.toLowerCase()) ?? { missing: this.missing(name, 'orchestrator') },
      entity: (name) => this.#entities.get(name.toLowerCase()),
      onWork: (work) => this.#start(work),
    });
  }

  get defaultVersion(): string | null {
    return this.options.versioning.defaultVersion;
  }

  get now(): number {
    return this.options.clock.now();
  }

  /** The real host's words for a function that is not there. */
  missing(name: string, kind: 'orchestrator' | 'entity'): string {
    const definitions = kind === 'entity' ? this.#entities : this.#orchestrators;
    const known = [...definitions.values()].map((definition) => `'${definition.name}'`);
    const list =
      known.length === 0
        ? `No ${kind} functions are currently registered!`
        : `The following are the known ${kind} functions: ${known.join(', ')}.`;
    const article = kind === 'entity' ? 'an entity' : 'an orchestrator';
    return `The function '${name}' doesn't exist, is disabled, or is not ${article} function. Additional info: ${list}`;
  }

  /** Takes up what was open when the process ended, each as soon as it may be. */
  recover({ messages, work }: Open): void {
    for (const row of messages) {
      this.#mailboxes.deliver({ ...row, event: JSON.parse(row.text) as MessageEvent });
    }
    for (const one of work) this.#startWhenFree(one);
  }

  #startWhenFree(work: Work): void {
    const freeAt = this.#leases.freeAt(work);
    if (freeAt <= this.now) {
      this.#start(work);
      return;
    }
    const cancel = this.options.clock.at(freeAt, () => {
      this.#heldBack.delete(cancel);
      this.#start(work);
    });
    this.#heldBack.add(cancel);
  }

  /**
   * Starts no more activities, lets those that run end and their results be written (or aborts them, as the real host
   * does unless host.json says otherwise), then stops.
   * @param longestMs how long that may take; what is left is taken up by the next start.
   */
  async stop(longestMs: number): Promise<void> {
    this.#mailboxes.cancelAllTimers();
    for (const cancel of this.#heldBack) cancel();
    const { stopAborts } = this.options.redelivery;
    await atMost(
      longestMs,
      this.#activities.stop(stopAborts).then(() => this.#idle()),
    );
    this.#stopped = true;
    await atMost(longestMs, this.#idle());
    // The turns that ended meanwhile may have set more: each would keep the process alive until it is due.
    await this.#mailboxes.stop();
  }

  /** What is known of an instance now; includes what is being written. */
  find(id: string): InstanceRow | undefined {
    return this.#mailboxes.known(id)?.row ?? this.records.instance(id);
  }

  /**
   * Writes messages and, with them, whatever else belongs to the same step; resolves once they are on disk.
   * @param alsoWrite runs inside of the same transaction.
   */
  async post(messages: readonly OutgoingMessage[], alsoWrite?: () => void): Promise<void> {
    const release = this.options.clock.hold('posting messages');
    try {
      const letters = messages.map((message) => this.#mailboxes.letter(message));
      await this.options.store.commit(() => {
        alsoWrite?.();
        for (const letter of letters) this.records.addMessage(letter);
      });
      for (const { instanceId, text } of letters) this.storage.sent(instanceId, text);
      for (const letter of letters) this.#mailboxes.deliver(letter);
    } finally {
      release();
    }
  }

  /** Sets what is known of an instance aside, before it is removed. */
  forget(id: string): void {
    const instance = this.#mailboxes.known(id);
    if (instance === undefined) return;
    instance.cancelTimers();
    instance.reset();
    this.#mailboxes.drop(instance);
  }

  /** Notes an instance that is about to be written, so that no second one can be started under its id. */
  reserve(row: InstanceRow): void {
    const instance = this.#mailboxes.instance(row.id);
    instance.cancelTimers();
    instance.reset();
    instance.row = row;
  }

  announce(row: InstanceRow): void {
    this.#turns.announce(row);
  }

  /** Makes a failed instance, and the children that failed it, go on from where they failed. */
  async rewind(id: string, reason: string | null): Promise<void> {
    const rewound: Rewound[] = [];
    collectRewinds(id, (instanceId) => this.find(instanceId), this.records, rewound);
    const { now } = this;
    const running = rewound.map(
      ({ row }): InstanceRow => ({ ...row, status: 'Running', output: null, updatedAt: now }),
    );
    const messages = rewound
      .filter((one) => one.resumes)
      .map((one) => ({
        instanceId: one.row.id,
        executionId: null,
        visibleAt: now,
        event: make.generic(reason, -1, timestamp(now)),
      }));
    for (const row of running) {
      const instance = this.#mailboxes.instance(row.id);
      instance.forgetHistory();
      instance.row = row;
    }
    await this.post(messages, () => {
      for (const { row, turns } of rewound) {
        this.records.dropHistory(row.id);
        for (const turn of turns) this.records.addHistory(row.id, turn);
      }
      for (const row of running) this.records.saveInstance(row);
    });
    for (const row of running) this.announce(row);
  }

  #start(work: Work): void {
    this.#mailboxes.instance(work.instanceId).pending += 1;
    this.#activities.start(work);
  }

  #enqueue(instance: Instance): void {
    if (this.#stopped) return;
    instance.queued = true;
    // One that has left memory is like one that begins: those that are in memory end first. Entities have no history.
    const left = instance.row?.entityState === null && instance.historySize === 0;
    this.#ready.add(instance, left || instance.row?.status === 'Pending');
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    // Later in this turn of the event loop more completions may arrive: they belong into the same turn.
    setImmediate(() => {
      this.#scheduled = false;
      while (this.#playing < this.options.maxOrchestrators && !this.#stopped) {
        const instance = this.#ready.next();
        if (instance === undefined) return;
        instance.queued = false;
        instance.busy = true;
        this.#resting.wake(instance);
        void this.#work(instance);
      }
    });
  }

  async #work(instance: Instance): Promise<void> {
    this.#open += 1;
    this.#playing += 1;
    let plays = true;
    const onPlayed = (): void => {
      if (!plays) return;
      plays = false;
      this.#playing -= 1;
      this.#schedule();
    };
    try {
      const batch = instance.inbox.splice(0);
      const done = await this.#turns.take(instance, batch, onPlayed);
      if (!done) this.#again(instance, batch);
    } catch (error) {
      // The store has failed, and has said so; nothing more can be done here.
      if (!this.#stopped)
        this.#log('error', `The turn of ${instance.id} could not be finished: ${String(error)}`);
    }
    onPlayed();
    this.#open -= 1;
    instance.busy = false;
    if (instance.inbox.length > 0 && !instance.waitsToRetry) this.#enqueue(instance);
    else {
      instance.release?.();
      instance.release = undefined;
      if (instance.row === undefined || isTerminal(instance.row.status)) this.#mailboxes.drop(instance);
      else this.#resting.rest(instance);
    }
    if (this.#isIdle) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  get #isIdle(): boolean {
    return this.#stopped
      ? this.#open === 0
      : this.#open === 0 && this.#ready.isEmpty && !this.#mailboxes.isGathering;
  }

  #idle(): Promise<void> {
    return this.#isIdle ? Promise.resolve() : new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /** The wait must not keep a virtual clock from reaching its end, so nothing is held meanwhile. */
  #again(instance: Instance, batch: readonly Message[]): void {
    this.#log('warning', `The app's thread ended during a turn of ${instance.id}; the turn is repeated.`);
    instance.waitsToRetry = true;
    instance.inbox.unshift(...batch);
    this.options.clock.at(this.now + RETRY_MS, () => {
      instance.waitsToRetry = false;
      this.#mailboxes.retry(instance);
    });
  }

  warn(message: string): void {
    this.#log('warning', message);
  }

  #log(level: 'warning' | 'error', message: string): void {
    this.options.onEvent({ kind: 'log', level, category: 'Host.Durable', message, at: this.now });
  }
}
