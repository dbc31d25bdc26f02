/**
 * Executes instances: each has an inbox, runs one turn at a time, and commits each turn in one transaction. Committed
 * data is the only state; everything in memory can be rebuilt from it.
 */
import { withTimeout } from '../real-time.js';
import type { Store } from '../store/store.js';
import type { Clock, HostEvent, Introspection } from '../types.js';
import type { FunctionDefinition, InvocationRequest, InvocationResult } from '../worker/worker-types.js';
import { ActivityDispatcher } from './activity-dispatcher.js';
import { ActivityLeases } from './activity-leases.js';
import type { ActivityWorkItem, DurableStore, InstanceRow, RecoveryState } from './durable-store.js';
import { type MessageEvent, newEvent, timestamp } from './history-events.js';
import { InstanceCache } from './instance-cache.js';
import { InstanceInboxes } from './instance-inboxes.js';
import { OrchestrationDispatcher } from './orchestration-dispatcher.js';
import type { OutgoingMessage } from './process-actions.js';
import type { Redelivery } from './redelivery.js';
import { collectRewound, type RewoundInstance } from './rewind.js';
import { isTerminal } from './runtime-status.js';
import { StorageRequestMeter } from './storage-requests.js';
import { type KnownFunctions, knownFunctions } from './turn/out-of-proc-shim.js';
import { TurnScheduler } from './turn-scheduler.js';
import type { Versioning } from './versioning.js';

export interface EngineOptions {
  readonly store: Store;
  readonly durableStore: DurableStore;
  readonly clock: Clock;
  readonly functions: readonly FunctionDefinition[];
  readonly invoke: (request: InvocationRequest) => Promise<InvocationResult>;
  readonly onEvent: (event: HostEvent) => void;
  readonly introspection: Introspection | undefined;
  readonly maxOrchestrators: number;
  readonly maxActivities: number;
  readonly redelivery: Redelivery;
  readonly versioning: Versioning;
  /** Whether a setting disables the function: it is known then, but does not run. */
  readonly isDisabled: (definition: FunctionDefinition) => boolean;
}

export class Engine {
  readonly durableStore: DurableStore;
  readonly known: KnownFunctions;
  /** Where clients' requests are counted. */
  readonly storage: StorageRequestMeter;
  readonly #orchestrators: ReadonlyMap<string, FunctionDefinition>;
  readonly #entities: ReadonlyMap<string, FunctionDefinition>;
  readonly #inboxes: InstanceInboxes;
  readonly #scheduler: TurnScheduler;
  readonly #dispatcher: OrchestrationDispatcher;
  readonly #activities: ActivityDispatcher;
  readonly #leases: ActivityLeases;
  /** Timers of activities that are still leased by the previous process. */
  readonly #leased = new Set<() => void>();
  readonly #cache = new InstanceCache((instance) => this.#inboxes.evict(instance));

  constructor(private readonly options: EngineOptions) {
    const { store, durableStore, clock, functions, invoke, onEvent, redelivery, versioning } = options;
    const active = functions.filter((one) => !options.isDisabled(one));
    const ofKind = (kind: FunctionDefinition['triggerKind']): Map<string, FunctionDefinition> =>
      new Map(active.filter((one) => one.triggerKind === kind).map((one) => [one.name.toLowerCase(), one]));
    const activities = ofKind('activityTrigger');
    this.#orchestrators = ofKind('orchestrationTrigger');
    this.#entities = ofKind('entityTrigger');
    this.known = knownFunctions(functions);
    this.durableStore = durableStore;
    this.storage = new StorageRequestMeter(options.introspection?.onStorage);
    this.#inboxes = new InstanceInboxes({
      store,
      clock,
      durableStore,
      visibilityTimeoutMs: redelivery.messageTimeoutMs,
      onReady: (instance) => this.#scheduler.add(instance),
    });
    this.#leases = new ActivityLeases({
      store,
      durableStore,
      clock,
      timeoutMs: redelivery.activityTimeoutMs,
    });
    this.#activities = new ActivityDispatcher(
      options,
      { active: activities, known: this.known.activities },
      this.#leases,
      (workItem, event) => {
        if (this.storage.counted) this.storage.activityEnded(workItem.instanceId, JSON.stringify(event));
        this.#inboxes.complete(workItem, event);
      },
    );
    this.#scheduler = new TurnScheduler({
      maxConcurrentTurns: options.maxOrchestrators,
      execute: (instance, batch, onExecuted) => this.#dispatcher.execute(instance, batch, onExecuted),
      onTurnBegun: (instance) => this.#cache.acquire(instance),
      onTurnEnded: (instance) => {
        if (instance.state === 'ready') return;
        if (instance.row === undefined || isTerminal(instance.row.status)) this.#inboxes.evict(instance);
        else this.#cache.release(instance);
      },
      onAborted: ({ id }) =>
        this.warn(`The app's thread ended during a turn of ${id}; the turn is repeated.`),
      onFailed: ({ id }, error) => this.#log('error', `The turn of ${id} could not be completed: ${error}`),
      isBatching: () => this.#inboxes.isBatching,
    });
    this.#dispatcher = new OrchestrationDispatcher({
      store,
      clock,
      invoke,
      onEvent,
      durableStore,
      inboxes: this.#inboxes,
      known: this.known,
      storage: this.storage,
      versioning,
      orchestrator: (name) =>
        this.#orchestrators.get(name.toLowerCase()) ?? {
          notFoundMessage: this.notFoundMessage(name, 'orchestrator'),
        },
      entity: (name) => this.#entities.get(name.toLowerCase()),
      onWorkItem: (workItem) => this.#startActivity(workItem),
    });
  }

  get defaultVersion(): string | null {
    return this.options.versioning.defaultVersion;
  }

  get now(): number {
    return this.options.clock.now();
  }

  /** The real host's message for an unknown function. */
  notFoundMessage(name: string, kind: 'orchestrator' | 'entity'): string {
    const definitions = kind === 'entity' ? this.#entities : this.#orchestrators;
    const known = [...definitions.values()].map((definition) => `'${definition.name}'`);
    const list =
      known.length === 0
        ? `No ${kind} functions are currently registered!`
        : `The following are the known ${kind} functions: ${known.join(', ')}.`;
    const article = kind === 'entity' ? 'an entity' : 'an orchestrator';
    return `The function '${name}' doesn't exist, is disabled, or is not ${article} function. Additional info: ${list}`;
  }

  /** Resumes the work that was pending when the process ended, each item as soon as it is available. */
  recover({ messages, workItems }: RecoveryState): void {
    for (const row of messages) {
      this.#inboxes.deliver({ ...row, event: JSON.parse(row.text) as MessageEvent });
    }
    for (const one of workItems) this.#startWhenAvailable(one);
  }

  #startWhenAvailable(workItem: ActivityWorkItem): void {
    const availableAt = this.#leases.availableAt(workItem);
    if (availableAt <= this.now) {
      this.#startActivity(workItem);
      return;
    }
    const cancel = this.options.clock.at(availableAt, () => {
      this.#leased.delete(cancel);
      this.#startActivity(workItem);
    });
    this.#leased.add(cancel);
  }

  /**
   * Starts no more activities, waits until the running ones have ended and their results are committed (or aborts them,
   * as the real host does by default), then stops.
   * @param longestMs the time limit; the next start resumes the rest.
   */
  async stop(longestMs: number): Promise<void> {
    this.#inboxes.cancelAllTimers();
    for (const cancel of this.#leased) cancel();
    const { abortOnStop } = this.options.redelivery;
    await withTimeout(
      longestMs,
      this.#activities.stop(abortOnStop).then(() => this.#scheduler.whenIdle()),
    );
    this.#scheduler.stop();
    await withTimeout(longestMs, this.#scheduler.whenIdle());
    // Turns that ended meanwhile may have set timers, which would keep the process running until they are due.
    await this.#inboxes.stop();
  }

  /** The current row of an instance, including uncommitted changes. */
  find(id: string): InstanceRow | undefined {
    return this.#inboxes.loaded(id)?.row ?? this.durableStore.instance(id);
  }

  /**
   * Stores messages together with the other writes of the same step; resolves once they are on disk.
   * @param alsoWrite runs inside the same transaction.
   */
  async post(messages: readonly OutgoingMessage[], alsoWrite?: () => void): Promise<void> {
    const release = this.options.clock.hold('posting messages');
    try {
      const stored = messages.map((message) => this.#inboxes.toStored(message));
      await this.options.store.commit(() => {
        alsoWrite?.();
        for (const message of stored) this.durableStore.addMessage(message);
      });
      for (const { instanceId, text } of stored) this.storage.sent(instanceId, text);
      for (const message of stored) this.#inboxes.deliver(message);
    } finally {
      release();
    }
  }

  /** Discards the in-memory state of an instance before it is removed. */
  discard(id: string): void {
    const instance = this.#inboxes.loaded(id);
    if (instance === undefined) return;
    instance.discard();
    this.#inboxes.evict(instance);
  }

  /** Notes an instance that is about to be written, so that no second one can be started under its id. */
  reserve(row: InstanceRow): void {
    this.#inboxes.instance(row.id).startExecution(row);
  }

  publishStatus(row: InstanceRow): void {
    this.#dispatcher.publishStatus(row);
  }

  /** Rewinds a failed instance, and the children that failed it: they continue from where they failed. */
  async rewind(id: string, reason: string | null): Promise<void> {
    const rewound: RewoundInstance[] = [];
    collectRewound(id, (instanceId) => this.find(instanceId), this.durableStore, rewound);
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
        event: newEvent.generic(reason, -1, timestamp(now)),
      }));
    for (const row of running) {
      const instance = this.#inboxes.instance(row.id);
      instance.evictHistory();
      instance.setRow(row);
    }
    await this.post(messages, () => {
      for (const { row, history } of rewound) {
        this.durableStore.dropHistory(row.id);
        for (const turn of history) this.durableStore.addHistory(row.id, turn);
      }
      for (const row of running) this.durableStore.saveInstance(row);
    });
    for (const row of running) this.publishStatus(row);
  }

  #startActivity(workItem: ActivityWorkItem): void {
    this.#inboxes.instance(workItem.instanceId).activityStarted();
    this.#activities.start(workItem);
  }

  warn(message: string): void {
    this.#log('warning', message);
  }

  #log(level: 'warning' | 'error', message: string): void {
    this.options.onEvent({ kind: 'log', level, category: 'Host.Durable', message, at: this.now });
  }
}
