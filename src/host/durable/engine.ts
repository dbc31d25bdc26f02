/**
 * Runs instances: an inbox for each, one turn at a time, all that a turn brings about in one transaction. What has
 * been committed is what there is; everything in memory can be made again from it.
 */
import { randomUUID } from 'node:crypto';
import type { Store } from '../store/store.js';
import type { Clock, HostEvent, Introspection } from '../types.js';
import type { FunctionDefinition, InvocationRequest, InvocationResult } from '../worker/types.js';
import { Activities } from './activities.js';
import { diagnose } from './diagnostics.js';
import type { OutgoingMessage } from './dispatch.js';
import { type BatchOutcome, type EntityState, emptyEntity, runBatch } from './entities.js';
import { type EventRaised, type ExecutionStarted, type MessageEvent, make, timestamp } from './history.js';
import { Instance, type Message } from './instance.js';
import { playTurn, type TurnOutcome } from './orchestrations.js';
import { type InstanceRow, type MessageRow, Records, type TaskRow } from './records.js';
import { collectRewinds, type Rewound } from './rewind.js';
import { parseEntityId } from './turn/entity-messages.js';
import { HTTP_ACTIVITY, type KnownFunctions } from './turn/shim.js';

export interface EngineOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly functions: readonly FunctionDefinition[];
  readonly invoke: (request: InvocationRequest) => Promise<InvocationResult>;
  readonly onEvent: (event: HostEvent) => void;
  readonly introspection: Introspection | undefined;
  readonly maxOrchestrators: number;
  readonly maxActivities: number;
}

/** How long to wait before a turn is tried again whose thread died. */
const RETRY_MS = 1000;

const TERMINAL = new Set(['Completed', 'Failed', 'Terminated', 'Canceled']);
export const isTerminal = (status: string): boolean => TERMINAL.has(status);

export class Engine {
  readonly records: Records;
  readonly known: KnownFunctions;
  readonly #orchestrators = new Map<string, FunctionDefinition>();
  readonly #entities = new Map<string, FunctionDefinition>();
  readonly #instances = new Map<string, Instance>();
  readonly #ready: Instance[] = [];
  readonly #activities: Activities;
  #running = 0;
  #scheduled = false;
  #stopped = false;

  constructor(readonly options: EngineOptions) {
    this.records = new Records(options.store);
    const activities = new Map<string, FunctionDefinition>();
    for (const definition of options.functions) {
      const name = definition.name.toLowerCase();
      if (definition.triggerKind === 'orchestrationTrigger') this.#orchestrators.set(name, definition);
      if (definition.triggerKind === 'activityTrigger') activities.set(name, definition);
      if (definition.triggerKind === 'entityTrigger') this.#entities.set(name, definition);
    }
    this.known = {
      orchestrators: new Set(this.#orchestrators.keys()),
      activities: new Set([...activities.keys(), HTTP_ACTIVITY.toLowerCase()]),
      entities: new Set(this.#entities.keys()),
    };
    this.#activities = new Activities(options, activities, (task, event) => this.#completed(task, event));
  }

  get now(): number {
    return this.options.clock.now();
  }

  orchestrator(name: string): FunctionDefinition | undefined {
    return this.#orchestrators.get(name.toLowerCase());
  }

  /** The real host's words for a function that is not there. */
  missing(name: string, kind: 'orchestrator' | 'entity'): string {
    const known = [...(kind === 'entity' ? this.#entities : this.#orchestrators).values()].map(
      ({ name }) => `'${name}'`,
    );
    const list =
      known.length === 0
        ? `No ${kind} functions are currently registered!`
        : `The following are the known ${kind} functions: ${known.join(', ')}.`;
    const article = kind === 'entity' ? 'an entity' : 'an orchestrator';
    return `The function '${name}' doesn't exist, is disabled, or is not ${article} function. Additional info: ${list}`;
  }

  /** Takes up what was open when the process ended: messages are delivered, activities run again at once. */
  recover(): void {
    for (const row of this.records.messages()) this.#deliver(row);
    for (const task of this.records.tasks()) this.#activities.start(task);
  }

  /** Stops taking work and waits for what is running. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const instance of this.#instances.values()) instance.cancelTimers();
    await this.#activities.stop();
    await this.#idle();
  }

  /** What is known of an instance now; includes what is being written. */
  find(id: string): InstanceRow | undefined {
    return this.#instances.get(id)?.row ?? this.records.instance(id);
  }

  /**
   * Writes messages and, with them, whatever else belongs to the same step; resolves once they are on disk.
   * @param alsoWrite runs inside of the same transaction.
   */
  async post(messages: readonly OutgoingMessage[], alsoWrite?: () => void): Promise<void> {
    const release = this.options.clock.hold('posting messages');
    try {
      const rows = messages.map((message) => this.#row(message));
      await this.options.store.commit(() => {
        alsoWrite?.();
        for (const row of rows) this.records.addMessage(row);
      });
      for (const row of rows) this.#deliver(row);
    } finally {
      release();
    }
  }

  /** Sets what is known of an instance aside, before it is replaced or removed. */
  forget(id: string): void {
    const instance = this.#instances.get(id);
    if (instance === undefined) return;
    instance.cancelTimers();
    instance.reset();
    if (instance.idle) this.#instances.delete(id);
  }

  /** Notes an instance that is about to be written, so that no second one can be started under its id. */
  reserve(row: InstanceRow): void {
    const instance = this.#instance(row.id);
    instance.cancelTimers();
    instance.reset();
    instance.row = row;
  }

  /** Makes a failed instance, and the children that failed it, go on from where they failed. */
  async rewind(id: string, reason: string | null): Promise<void> {
    const rewound: Rewound[] = [];
    collectRewinds(id, (instanceId) => this.find(instanceId), this.records, rewound);
    const at = timestamp(this.now);
    const messages = rewound
      .filter((one) => one.resumes)
      .map((one) => ({
        instanceId: one.row.id,
        executionId: null,
        visibleAt: this.now,
        event: make.generic(reason, -1, at),
      }));
    for (const { row } of rewound) {
      const instance = this.#instance(row.id);
      instance.reset();
      instance.forgetHistory();
      instance.row = { ...row, status: 'Running', output: null, updatedAt: this.now };
    }
    await this.post(messages, () => {
      for (const { row, turns } of rewound) {
        this.records.dropHistory(row.id);
        for (const { turn, events } of turns) this.records.addHistory(row.id, turn, events);
        this.records.saveInstance({ ...row, status: 'Running', output: null, updatedAt: this.now });
      }
    });
    for (const { row } of rewound) this.announce(this.find(row.id) ?? row);
  }

  announce(row: InstanceRow): void {
    this.options.onEvent({
      kind: 'instance-changed',
      instanceId: row.id,
      name: row.name,
      runtimeStatus: row.status,
      customStatus: parseLoosely(row.customStatus),
      output: parseLoosely(row.output),
      at: this.now,
    });
  }

  #row(message: OutgoingMessage): MessageRow {
    return {
      id: this.options.store.nextId(),
      instanceId: message.instanceId,
      executionId: message.executionId,
      visibleAt: message.visibleAt,
      event: JSON.stringify(message.event),
    };
  }

  #instance(id: string): Instance {
    let instance = this.#instances.get(id);
    if (instance === undefined) {
      instance = new Instance(id, this.records);
      this.#instances.set(id, instance);
    }
    return instance;
  }

  #deliver(row: MessageRow): void {
    const instance = this.#instance(row.instanceId);
    const event = JSON.parse(row.event) as MessageEvent;
    const message: Message = { id: row.id, taskRow: undefined, executionId: row.executionId, event };
    // A host without a default version never takes up an instance that was started with one.
    if (event.EventType === 0 && event.Version !== null) return;
    if (row.visibleAt <= this.now) {
      this.#enqueue(instance, message);
      return;
    }
    instance.setTimer(
      row.id,
      this.options.clock.at(row.visibleAt, () => {
        instance.timers.delete(row.id);
        this.#enqueue(instance, message);
      }),
    );
  }

  /** A result stays in memory until the turn that takes it is written; if that does not happen, the activity runs again. */
  #completed(task: TaskRow, event: MessageEvent): void {
    this.#enqueue(this.#instance(task.instanceId), {
      id: undefined,
      taskRow: task.id,
      executionId: task.executionId,
      event,
    });
  }

  #enqueue(instance: Instance, message: Message): void {
    instance.inbox.push(message);
    instance.release ??= this.options.clock.hold(`messages for ${instance.id}`);
    if (instance.busy || instance.queued || this.#stopped) return;
    instance.queued = true;
    this.#ready.push(instance);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    // Later in this turn of the event loop more completions may arrive: they belong into the same turn.
    setImmediate(() => {
      this.#scheduled = false;
      while (this.#running < this.options.maxOrchestrators && !this.#stopped) {
        const instance = this.#ready.shift();
        if (instance === undefined) return;
        instance.queued = false;
        instance.busy = true;
        this.#running += 1;
        void this.#work(instance);
      }
    });
  }

  async #work(instance: Instance): Promise<void> {
    try {
      const batch = instance.inbox.splice(0);
      const done = await (parseEntityId(instance.id) === undefined
        ? this.#orchestrate(instance, batch)
        : this.#operate(instance, batch));
      if (!done) this.#again(instance, batch);
    } catch (error) {
      // The store has failed, and has said so; nothing more can be done here.
      if (!this.#stopped)
        this.#log('error', `The turn of ${instance.id} could not be finished: ${String(error)}`);
    } finally {
      this.#running -= 1;
      instance.busy = false;
      if (instance.inbox.length > 0 && !this.#stopped) {
        instance.queued = true;
        this.#ready.push(instance);
      } else if (!instance.waitsToRetry) {
        instance.release?.();
        instance.release = undefined;
        if (instance.idle) this.#instances.delete(instance.id);
      }
      this.#schedule();
      if (this.#running === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
    }
  }

  readonly #whenIdle: (() => void)[] = [];

  #idle(): Promise<void> {
    return this.#running === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  #again(instance: Instance, batch: readonly Message[]): void {
    this.#log('warning', `The app's thread ended during a turn of ${instance.id}; the turn is repeated.`);
    instance.waitsToRetry = true;
    this.options.clock.at(this.now + RETRY_MS, () => {
      instance.waitsToRetry = false;
      const later = instance.inbox.splice(0);
      for (const message of [...batch, ...later]) this.#enqueue(instance, message);
    });
    // The wait itself must not keep a virtual clock from reaching it.
    instance.release?.();
    instance.release = undefined;
  }

  async #orchestrate(instance: Instance, batch: readonly Message[]): Promise<boolean> {
    const { fresh, start } = this.#reconcile(instance, batch);
    const row = instance.row;
    if (row === undefined || fresh.length === 0) {
      await this.options.store.commit(() => this.#dropMessages(batch));
      return true;
    }
    const history = instance.history();
    const runner = {
      definition: this.orchestrator(row.name) ?? { missing: this.missing(row.name, 'orchestrator') },
      known: this.known,
      invoke: this.options.invoke,
      now: () => this.now,
      newId: randomUUID,
    };
    const outcome = await playTurn(runner, row, history, fresh);
    if (outcome === undefined) return false;
    await this.#commitTurn(instance, batch, row, outcome, start !== undefined && history.texts.length === 0);
    return true;
  }

  /** Sorts out which messages count: C2 and C3 of the protocol. Sets the row when an instance starts. */
  #reconcile(
    instance: Instance,
    batch: readonly Message[],
  ): { readonly fresh: MessageEvent[]; readonly start: ExecutionStarted | undefined } {
    const start = batch.map(({ event }) => event).find((event) => event.EventType === 0);
    const row = instance.row;
    const begins =
      start !== undefined && (row?.executionId !== start.OrchestrationInstance.ExecutionId || instance.isNew);
    if (begins) {
      if (row?.executionId !== start.OrchestrationInstance.ExecutionId) this.#begin(instance, start, row);
    } else if (row === undefined || isTerminal(row.status)) return { fresh: [], start: undefined };
    const executionId = instance.row?.executionId;
    const fresh = batch
      .filter(({ event }) => event.EventType !== 0)
      .filter((message) => message.executionId === null || message.executionId === executionId)
      .map(({ event }) => event);
    // An event may have overtaken the start; history wants the start first.
    if (begins) fresh.unshift(start);
    return { fresh, start: begins ? start : undefined };
  }

  #begin(instance: Instance, start: ExecutionStarted, before: InstanceRow | undefined): void {
    instance.cancelTimers();
    instance.reset();
    const now = this.now;
    instance.row = {
      id: instance.id,
      executionId: start.OrchestrationInstance.ExecutionId,
      name: start.Name,
      version: start.Version,
      status: 'Pending',
      output: null,
      customStatus: null,
      createdAt: now,
      updatedAt: now,
      generation: before === undefined ? 0 : before.generation + 1,
      parent: start.ParentInstance,
      entityState: null,
      earlierInput: null,
    };
  }

  async #commitTurn(
    instance: Instance,
    batch: readonly Message[],
    before: InstanceRow,
    outcome: TurnOutcome,
    isFirst: boolean,
  ): Promise<void> {
    const ended = isTerminal(outcome.row.status);
    const over = ended || outcome.startsOver;
    const current = outcome.row.executionId;
    const tasks: TaskRow[] = outcome.tasks
      .filter((task) => !ended && task.executionId === current)
      .map((task) => ({ id: this.options.store.nextId(), instanceId: instance.id, ...task }));
    const messages = outcome.messages
      .filter((message) => !(message.event.EventType === 11 && (ended || message.executionId !== current)))
      .map((message) => this.#row(message));
    const dead = over ? [...instance.timers.keys()] : [];
    const startsOver = isFirst || outcome.startsOver;
    const { row } = outcome;
    const turn = startsOver ? 0 : instance.turns;
    await this.options.store.commit(() => {
      this.#dropMessages(batch);
      for (const id of dead) this.records.dropMessage(id);
      if (over) this.records.dropTasksOf(instance.id);
      if (startsOver) this.records.dropHistory(instance.id);
      this.records.addHistory(instance.id, turn, outcome.text);
      for (const task of tasks) this.records.addTask(task);
      for (const message of messages) this.records.addMessage(message);
      this.records.saveInstance(row);
    });
    if (over) instance.cancelTimers();
    instance.row = row;
    instance.append(outcome.events, outcome.text, startsOver);
    this.#report(before, outcome, tasks, isFirst);
    for (const message of messages) this.#deliver(message);
    for (const task of tasks) this.#activities.start(task);
    if (ended) instance.reset(row);
  }

  #report(before: InstanceRow, outcome: TurnOutcome, tasks: readonly TaskRow[], isFirst: boolean): void {
    const { row } = outcome;
    if (
      isFirst ||
      before.status !== row.status ||
      before.customStatus !== row.customStatus ||
      before.output !== row.output
    ) {
      this.announce(row);
    }
    for (const { event } of outcome.messages) {
      if (event.EventType === 11) {
        this.options.onEvent({
          kind: 'timer-set',
          instanceId: row.id,
          fireAt: Date.parse(event.FireAt),
          at: this.now,
        });
      }
    }
    for (const { code, message } of diagnose(row, outcome, tasks)) {
      this.options.onEvent({ kind: 'diagnostic', code, instanceId: row.id, message, at: this.now });
    }
  }

  async #operate(instance: Instance, batch: readonly Message[]): Promise<boolean> {
    const events = batch
      .map(({ event }) => event)
      .filter((event): event is EventRaised => event.EventType === 15);
    const { name } = parseEntityId(instance.id) ?? { name: '' };
    const row = instance.row;
    const before = row?.entityState == null ? emptyEntity : (JSON.parse(row.entityState) as EntityState);
    const runner = {
      definition: this.#entities.get(name.toLowerCase()),
      invoke: this.options.invoke,
      now: () => this.now,
      newId: randomUUID,
    };
    const outcome = await runBatch(runner, instance.id, before, events);
    if (outcome === undefined) return false;
    if (outcome.trouble !== undefined)
      this.#log('error', `A batch of ${instance.id} failed: ${outcome.trouble}`);
    await this.#commitBatch(instance, batch, outcome, name);
    return true;
  }

  async #commitBatch(
    instance: Instance,
    batch: readonly Message[],
    outcome: BatchOutcome,
    name: string,
  ): Promise<void> {
    const now = this.now;
    const next: InstanceRow = {
      id: instance.id,
      executionId: instance.row?.executionId ?? randomUUID().replaceAll('-', ''),
      name,
      version: null,
      status: 'Running',
      output: null,
      customStatus: JSON.stringify({
        entityExists: outcome.state.exists,
        queueSize: outcome.state.queue.length,
        lockedBy: outcome.state.lockedBy,
      }),
      createdAt: instance.row?.createdAt ?? now,
      updatedAt: now,
      generation: 0,
      parent: null,
      entityState: JSON.stringify(outcome.state),
      earlierInput: null,
    };
    const messages = outcome.messages.map((message) => this.#row(message));
    await this.options.store.commit(() => {
      this.#dropMessages(batch);
      for (const message of messages) this.records.addMessage(message);
      this.records.saveInstance(next);
    });
    instance.row = next;
    for (const message of messages) this.#deliver(message);
  }

  #dropMessages(batch: readonly Message[]): void {
    for (const message of batch) {
      if (message.id !== undefined) this.records.dropMessage(message.id);
      if (message.taskRow !== undefined) this.records.dropTask(message.taskRow);
    }
  }

  #log(level: 'warning' | 'error', message: string): void {
    this.options.onEvent({ kind: 'log', level, category: 'Host.Durable', message, at: this.now });
  }
}

/** JSON where it is JSON, else the text itself: how the real host shows outputs. */
export function parseLoosely(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
