/** Executes one turn of an instance, from its messages to the commit: nothing of it takes effect before that. */
import { randomUUID } from 'node:crypto';
import type { Store } from '../store/store.js';
import type { Clock, HostEvent } from '../types.js';
import type { FunctionDefinition, InvocationRequest, InvocationResult } from '../worker/worker-types.js';
import { diagnose } from './diagnostics.js';
import type { ActivityWorkItem, DurableStore, InstanceRow } from './durable-store.js';
import {
  type EntityBatchOutcome,
  type EntityState,
  emptyEntity,
  executeEntityBatch,
} from './entity-batch.js';
import { executeTurn, type TurnOutcome } from './execute-turn.js';
import {
  type EventRaised,
  EventType,
  type ExecutionStarted,
  type MessageEvent,
  type SerialisedEvent,
  type TaskCompleted,
  type TaskFailed,
} from './history-events.js';
import type { Instance, Message } from './instance.js';
import type { InstanceInboxes, StoredMessage } from './instance-inboxes.js';
import { isTerminal, parseJsonOrText } from './runtime-status.js';
import type { StorageRequestMeter } from './storage-requests.js';
import { parseEntityId } from './turn/entity-messages.js';
import type { KnownFunctions } from './turn/out-of-proc-shim.js';
import { acceptsVersion, VERSION_MISMATCH, type Versioning } from './versioning.js';

export interface DispatcherOptions {
  readonly store: Store;
  readonly durableStore: DurableStore;
  readonly clock: Clock;
  readonly inboxes: InstanceInboxes;
  readonly known: KnownFunctions;
  readonly storage: StorageRequestMeter;
  readonly versioning: Versioning;
  readonly orchestrator: (name: string) => FunctionDefinition | { readonly notFoundMessage: string };
  readonly entity: (name: string) => FunctionDefinition | undefined;
  readonly invoke: (request: InvocationRequest) => Promise<InvocationResult>;
  readonly onEvent: (event: HostEvent) => void;
  readonly onWorkItem: (workItems: ActivityWorkItem) => void;
}

export class OrchestrationDispatcher {
  /** Diagnostic codes already reported for instances that have not ended. */
  readonly #reportedCodes = new Map<string, Set<string>>();

  constructor(private readonly options: DispatcherOptions) {}

  /**
   * Executes the messages' turn; resolves once its effects are committed and dispatched.
   * @param onExecuted called when the app has responded.
   * @returns false if the app's thread ended: nothing has happened then.
   */
  execute(instance: Instance, batch: readonly Message[], onExecuted: () => void): Promise<boolean> {
    return parseEntityId(instance.id) === undefined
      ? this.#executeOrchestration(instance, batch, onExecuted)
      : this.#executeEntity(instance, batch, onExecuted);
  }

  publishStatus(row: InstanceRow): void {
    this.options.onEvent({
      kind: 'instance-changed',
      instanceId: row.id,
      name: row.name,
      runtimeStatus: row.status,
      customStatus: parseJsonOrText(row.customStatus),
      output: parseJsonOrText(row.output),
      at: this.options.clock.now(),
    });
  }

  async #executeOrchestration(
    instance: Instance,
    batch: readonly Message[],
    onExecuted: () => void,
  ): Promise<boolean> {
    const { store, known, invoke, orchestrator, clock, versioning } = this.options;
    const version = versionOf(instance, batch);
    const matches = version === undefined || acceptsVersion(versioning, version);
    if (!matches && versioning.failure === 'Reject') {
      this.#reportVersionRejected(instance.id, version);
      return true;
    }
    const { newMessages, isStart } = this.#reconcile(instance, batch);
    const { row } = instance;
    if (row === undefined || newMessages.length === 0) {
      await store.commit(() => this.#dropMessages(instance, batch));
      this.options.storage.dropped(instance.id, batch.length);
      return true;
    }
    const context = {
      definition: orchestrator(row.name),
      known,
      defaultVersion: versioning.defaultVersion,
      versionFailure: matches ? undefined : VERSION_MISMATCH,
      invoke,
      now: () => clock.now(),
      newId: randomUUID,
    };
    const outcome = await executeTurn(context, row, instance.history(), newMessages);
    onExecuted();
    if (outcome === undefined) return false;
    await this.#commitTurn(instance, batch, row, outcome, isStart);
    return true;
  }

  /** The messages stay on disk for the next start, which may be that of another version of the host. */
  #reportVersionRejected(id: string, version: string | null): void {
    const { defaultVersion, match } = this.options.versioning;
    this.#diagnose(
      id,
      'version-refused',
      `${id} has ${versionName(version)}, which a host of ${versionName(defaultVersion)} does not execute (versionMatchStrategy ${match}): it waits, together with its messages.`,
    );
  }

  /** Each turn has the same diagnoses: each is reported once. */
  #diagnose(id: string, code: string, message: string): void {
    const reported = this.#reportedCodes.get(id) ?? new Set();
    this.#reportedCodes.set(id, reported);
    if (reported.has(code)) return;
    reported.add(code);
    const { onEvent, clock } = this.options;
    onEvent({ kind: 'diagnostic', code, instanceId: id, message, at: clock.now() });
  }

  /**
   * Filters the messages: those for earlier executions, for ended and for unknown instances are dropped, and a start comes
   * first, even if an event has overtaken it.
   */
  #reconcile(
    instance: Instance,
    batch: readonly Message[],
  ): { readonly newMessages: SerialisedEvent<MessageEvent>[]; readonly isStart: boolean } {
    const start = batch.find(isStartMessage);
    const row = instance.row;
    const executionOfStart = start?.event.OrchestrationInstance.ExecutionId;
    const isStart = start !== undefined && (row?.executionId !== executionOfStart || instance.isNew);
    if (isStart && row?.executionId !== executionOfStart) this.#startExecution(instance, start.event, row);
    if (!isStart && (row === undefined || isTerminal(row.status))) return { newMessages: [], isStart };
    const executionId = instance.row?.executionId;
    const newMessages: SerialisedEvent<MessageEvent>[] = batch
      .filter(({ event }) => event.EventType !== EventType.ExecutionStarted)
      .filter((message) => message.executionId === null || message.executionId === executionId);
    if (isStart) newMessages.unshift(start);
    return { newMessages, isStart };
  }

  #startExecution(instance: Instance, start: ExecutionStarted, before: InstanceRow | undefined): void {
    const now = this.options.clock.now();
    instance.startExecution({
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
    });
  }

  async #commitTurn(
    instance: Instance,
    batch: readonly Message[],
    before: InstanceRow,
    outcome: TurnOutcome,
    isStart: boolean,
  ): Promise<void> {
    const { store, durableStore, inboxes } = this.options;
    const { row } = outcome;
    const ended = isTerminal(row.status);
    const executionEnded = ended || outcome.replacesHistory;
    const isCurrent = (executionId: string | null): boolean => !ended && executionId === row.executionId;
    // Actions of the turn in which an instance fails or is terminated are still performed.
    const { workItems } = outcome;
    const messages = outcome.messages
      .filter(({ event, executionId }) => event.EventType !== EventType.TimerFired || isCurrent(executionId))
      .map((message) => inboxes.toStored(message));
    // Timers of an execution that is over would only be delivered to be dropped.
    const obsoleteTimers = executionEnded ? instance.timerIds : [];
    const replacesHistory = isStart || outcome.replacesHistory;
    const turn = replacesHistory ? 0 : instance.turns;
    const workItemsText =
      workItems.length === 0
        ? null
        : JSON.stringify(workItems.map(({ taskId, name, input }) => [taskId, name, input]));
    await store.commit(() => {
      this.#dropMessages(instance, batch);
      for (const id of obsoleteTimers) durableStore.dropMessage(id);
      if (replacesHistory) durableStore.dropHistory(instance.id);
      durableStore.addHistory(instance.id, { turn, events: outcome.text, workItems: workItemsText });
      for (const message of messages) durableStore.addMessage(message);
      durableStore.saveInstance(row);
    });
    this.#meter(batch, outcome, messages, workItems, obsoleteTimers.length);
    if (executionEnded) instance.cancelTimers();
    instance.turnCommitted(row, { ...outcome, replacesHistory });
    this.#publishTurn(instance, before, outcome, isStart);
    for (const message of messages) inboxes.deliver(message);
    for (const one of workItems) this.options.onWorkItem(one);
    if (ended) instance.evictHistory();
  }

  #meter(
    batch: readonly Message[],
    { row, events }: TurnOutcome,
    messages: readonly StoredMessage[],
    workItems: readonly ActivityWorkItem[],
    deadTimers: number,
  ): void {
    const { storage } = this.options;
    if (!storage.counted) return;
    storage.turn(
      row.id,
      batch.map(({ text }) => text),
      events.map((event) => JSON.stringify(event)),
      `${row.customStatus}${row.output}`,
    );
    storage.dropped(row.id, deadTimers);
    for (const { instanceId, text } of messages) storage.sent(instanceId, text);
    for (const { input } of workItems) storage.scheduled(row.id, input);
  }

  #publishTurn(instance: Instance, before: InstanceRow, outcome: TurnOutcome, isStart: boolean): void {
    const { row } = outcome;
    const { onEvent, clock } = this.options;
    const same =
      before.status === row.status &&
      before.customStatus === row.customStatus &&
      before.output === row.output;
    if (isStart || !same) this.publishStatus(row);
    const at = clock.now();
    for (const { event } of outcome.messages) {
      if (event.EventType !== EventType.TimerFired) continue;
      onEvent({ kind: 'timer-set', instanceId: row.id, fireAt: Date.parse(event.FireAt), at });
    }
    for (const { code, message } of diagnose(row, outcome, instance.history().events))
      this.#diagnose(row.id, code, message);
    if (isTerminal(row.status)) this.#reportedCodes.delete(row.id);
  }

  async #executeEntity(
    instance: Instance,
    batch: readonly Message[],
    onExecuted: () => void,
  ): Promise<boolean> {
    const { entity, invoke, clock, onEvent } = this.options;
    const events = batch
      .map(({ event }) => event)
      .filter((event): event is EventRaised => event.EventType === EventType.EventRaised);
    const { name } = parseEntityId(instance.id) ?? { name: '' };
    const state = instance.row?.entityState;
    const before = state == null ? emptyEntity : (JSON.parse(state) as EntityState);
    const context = { definition: entity(name), invoke, now: () => clock.now(), newId: randomUUID };
    const outcome = await executeEntityBatch(context, instance.id, before, events);
    onExecuted();
    if (outcome === undefined) return false;
    const logError = (message: string): void =>
      onEvent({ kind: 'log', level: 'error', category: 'Host.Durable', message, at: clock.now() });
    if (outcome.failure !== undefined) logError(`A batch of ${instance.id} failed: ${outcome.failure}`);
    // The library gives no reason, and a signal has no caller that could fail.
    for (const operation of outcome.failed)
      logError(`Function '${name} (Entity)' failed '${operation}' operation. InstanceId: ${instance.id}.`);
    await this.#commitEntityBatch(instance, batch, outcome, name);
    return true;
  }

  async #commitEntityBatch(
    instance: Instance,
    batch: readonly Message[],
    outcome: EntityBatchOutcome,
    name: string,
  ): Promise<void> {
    const { store, durableStore, inboxes, clock } = this.options;
    const now = clock.now();
    const before = instance.row;
    const row: InstanceRow = {
      id: instance.id,
      executionId: before?.executionId ?? randomUUID().replaceAll('-', ''),
      name,
      version: null,
      status: 'Running',
      output: null,
      customStatus: null,
      createdAt: before?.createdAt ?? now,
      updatedAt: now,
      generation: 0,
      parent: null,
      entityState: JSON.stringify(outcome.state),
      earlierInput: null,
    };
    const messages = outcome.messages.map((message) => inboxes.toStored(message));
    await store.commit(() => {
      this.#dropMessages(instance, batch);
      for (const message of messages) durableStore.addMessage(message);
      durableStore.saveInstance(row);
    });
    const { storage } = this.options;
    storage.batch(
      row.id,
      batch.map(({ text }) => text),
      row.entityState ?? '',
    );
    for (const { instanceId, text } of messages) storage.sent(instanceId, text);
    instance.setRow(row);
    for (const message of messages) inboxes.deliver(message);
  }

  #dropMessages(instance: Instance, batch: readonly Message[]): void {
    for (const message of batch) {
      message.settled = true;
      if (message.id !== undefined) this.options.durableStore.dropMessage(message.id);
      if (isResult(message.event))
        this.options.durableStore.dropLease(instance.id, message.executionId, message.event.TaskScheduledId);
    }
  }
}

const isResult = (event: MessageEvent): event is TaskCompleted | TaskFailed =>
  event.EventType === EventType.TaskCompleted || event.EventType === EventType.TaskFailed;

const versionName = (version: string | null): string => (version ? `version ${version}` : 'no version');

/** undefined: there is no instance to execute. */
function versionOf({ row }: Instance, batch: readonly Message[]): string | null | undefined {
  const start = batch.find(isStartMessage);
  if (start !== undefined) return start.event.Version;
  return row === undefined || isTerminal(row.status) ? undefined : row.version;
}

const isStartMessage = (message: Message): message is Message & SerialisedEvent<ExecutionStarted> =>
  message.event.EventType === EventType.ExecutionStarted;
