/** One turn of an instance, from its messages to what is on disk: nothing of it counts before that. */
import { randomUUID } from 'node:crypto';
import type { Store } from '../store/store.js';
import type { Clock, HostEvent } from '../types.js';
import type { FunctionDefinition, InvocationRequest, InvocationResult } from '../worker/types.js';
import { diagnose } from './diagnostics.js';
import { type BatchOutcome, type EntityState, emptyEntity, runBatch } from './entities.js';
import {
  type EventRaised,
  EventType,
  type ExecutionStarted,
  type MessageEvent,
  type TaskCompleted,
  type TaskFailed,
  type Written,
} from './history.js';
import type { Instance, Message } from './instance.js';
import type { Letter, Mailboxes } from './mailboxes.js';
import { playTurn, type TurnOutcome } from './orchestrations.js';
import type { InstanceRow, Records, Work } from './records.js';
import { isTerminal, parseLoosely } from './status.js';
import type { StorageRequests } from './storage-requests.js';
import { parseEntityId } from './turn/entity-messages.js';
import type { KnownFunctions } from './turn/shim.js';
import { takesUp, VERSION_MISMATCH, type Versioning } from './versioning.js';

export interface TurnsOptions {
  readonly store: Store;
  readonly records: Records;
  readonly clock: Clock;
  readonly mailboxes: Mailboxes;
  readonly known: KnownFunctions;
  readonly storage: StorageRequests;
  readonly versioning: Versioning;
  readonly orchestrator: (name: string) => FunctionDefinition | { readonly missing: string };
  readonly entity: (name: string) => FunctionDefinition | undefined;
  readonly invoke: (request: InvocationRequest) => Promise<InvocationResult>;
  readonly onEvent: (event: HostEvent) => void;
  readonly onWork: (work: Work) => void;
}

export class Turns {
  /** Codes of what has been said of instances that have not ended. */
  readonly #diagnosed = new Map<string, Set<string>>();

  constructor(private readonly options: TurnsOptions) {}

  /**
   * Handles the messages; resolves once all that comes of them is on disk and handed on.
   * @param onPlayed called when the app has done its part.
   * @returns false if the app's thread died: nothing has happened then.
   */
  take(instance: Instance, batch: readonly Message[], onPlayed: () => void): Promise<boolean> {
    return parseEntityId(instance.id) === undefined
      ? this.#orchestrate(instance, batch, onPlayed)
      : this.#operate(instance, batch, onPlayed);
  }

  announce(row: InstanceRow): void {
    this.options.onEvent({
      kind: 'instance-changed',
      instanceId: row.id,
      name: row.name,
      runtimeStatus: row.status,
      customStatus: parseLoosely(row.customStatus),
      output: parseLoosely(row.output),
      at: this.options.clock.now(),
    });
  }

  async #orchestrate(instance: Instance, batch: readonly Message[], onPlayed: () => void): Promise<boolean> {
    const { store, known, invoke, orchestrator, clock, versioning } = this.options;
    const version = versionOf(instance, batch);
    const matches = version === undefined || takesUp(versioning, version);
    if (!matches && versioning.failure === 'Reject') {
      this.#sayRefused(instance.id, version);
      return true;
    }
    const { fresh, begins } = this.#reconcile(instance, batch);
    const { row } = instance;
    if (row === undefined || fresh.length === 0) {
      await store.commit(() => this.#dropMessages(instance, batch));
      this.options.storage.dropped(instance.id, batch.length);
      return true;
    }
    const runner = {
      definition: orchestrator(row.name),
      known,
      defaultVersion: versioning.defaultVersion,
      refusal: matches ? undefined : VERSION_MISMATCH,
      invoke,
      now: () => clock.now(),
      newId: randomUUID,
    };
    const outcome = await playTurn(runner, row, instance.history(), fresh);
    onPlayed();
    if (outcome === undefined) return false;
    await this.#commitTurn(instance, batch, row, outcome, begins);
    return true;
  }

  /** The messages stay on disk, for the next start: it may be that of a host of another version. */
  #sayRefused(id: string, version: string | null): void {
    const { defaultVersion, match } = this.options.versioning;
    this.#diagnose(
      id,
      'version-refused',
      `${id} has ${versionName(version)}, which a host of ${versionName(defaultVersion)} does not take up (versionMatchStrategy ${match}): it waits, with all that is sent to it.`,
    );
  }

  /** Each turn finds the same again: once is enough. */
  #diagnose(id: string, code: string, message: string): void {
    const said = this.#diagnosed.get(id) ?? new Set();
    this.#diagnosed.set(id, said);
    if (said.has(code)) return;
    said.add(code);
    const { onEvent, clock } = this.options;
    onEvent({ kind: 'diagnostic', code, instanceId: id, message, at: clock.now() });
  }

  /**
   * Sorts out which messages count: those of earlier executions and for instances that have ended or never were are
   * dropped, and a start comes first, even if an event has overtaken it.
   */
  #reconcile(
    instance: Instance,
    batch: readonly Message[],
  ): { readonly fresh: Written<MessageEvent>[]; readonly begins: boolean } {
    const start = batch.find(isStart);
    const row = instance.row;
    const executionOfStart = start?.event.OrchestrationInstance.ExecutionId;
    const begins = start !== undefined && (row?.executionId !== executionOfStart || instance.isNew);
    if (begins && row?.executionId !== executionOfStart) this.#begin(instance, start.event, row);
    if (!begins && (row === undefined || isTerminal(row.status))) return { fresh: [], begins };
    const executionId = instance.row?.executionId;
    const fresh: Written<MessageEvent>[] = batch
      .filter(({ event }) => event.EventType !== EventType.ExecutionStarted)
      .filter((message) => message.executionId === null || message.executionId === executionId);
    if (begins) fresh.unshift(start);
    return { fresh, begins };
  }

  #begin(instance: Instance, start: ExecutionStarted, before: InstanceRow | undefined): void {
    instance.cancelTimers();
    instance.reset();
    const now = this.options.clock.now();
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
    begins: boolean,
  ): Promise<void> {
    const { store, records, mailboxes } = this.options;
    const { row } = outcome;
    const ended = isTerminal(row.status);
    const over = ended || outcome.startsOver;
    const lives = (executionId: string | null): boolean => !ended && executionId === row.executionId;
    // What an instance decides in the turn in which it fails or is terminated is done all the same.
    const { work } = outcome;
    const messages = outcome.messages
      .filter(({ event, executionId }) => event.EventType !== EventType.TimerFired || lives(executionId))
      .map((message) => mailboxes.letter(message));
    // Timers of what is over would only wake it up to be dropped.
    const dead = over ? [...instance.timers.keys()] : [];
    const startsOver = begins || outcome.startsOver;
    const turn = startsOver ? 0 : instance.turns;
    const workText =
      work.length === 0 ? null : JSON.stringify(work.map(({ taskId, name, input }) => [taskId, name, input]));
    await store.commit(() => {
      this.#dropMessages(instance, batch);
      for (const id of dead) records.dropMessage(id);
      if (startsOver) records.dropHistory(instance.id);
      records.addHistory(instance.id, { turn, events: outcome.text, work: workText });
      for (const message of messages) records.addMessage(message);
      records.saveInstance(row);
    });
    this.#count(batch, outcome, messages, work, dead.length);
    if (over) instance.cancelTimers();
    instance.row = row;
    instance.append(outcome.events, outcome.text, startsOver);
    this.#report(instance, before, outcome, begins);
    for (const message of messages) mailboxes.deliver(message);
    for (const one of work) this.options.onWork(one);
    if (ended) instance.reset(row);
  }

  #count(
    batch: readonly Message[],
    { row, events }: TurnOutcome,
    messages: readonly Letter[],
    work: readonly Work[],
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
    for (const { input } of work) storage.scheduled(row.id, input);
  }

  #report(instance: Instance, before: InstanceRow, outcome: TurnOutcome, begins: boolean): void {
    const { row } = outcome;
    const { onEvent, clock } = this.options;
    const same =
      before.status === row.status &&
      before.customStatus === row.customStatus &&
      before.output === row.output;
    if (begins || !same) this.announce(row);
    const at = clock.now();
    for (const { event } of outcome.messages) {
      if (event.EventType !== EventType.TimerFired) continue;
      onEvent({ kind: 'timer-set', instanceId: row.id, fireAt: Date.parse(event.FireAt), at });
    }
    for (const { code, message } of diagnose(row, outcome, instance.history().events))
      this.#diagnose(row.id, code, message);
    if (isTerminal(row.status)) this.#diagnosed.delete(row.id);
  }

  async #operate(instance: Instance, batch: readonly Message[], onPlayed: () => void): Promise<boolean> {
    const { entity, invoke, clock, onEvent } = this.options;
    const events = batch
      .map(({ event }) => event)
      .filter((event): event is EventRaised => event.EventType === EventType.EventRaised);
    const { name } = parseEntityId(instance.id) ?? { name: '' };
    const state = instance.row?.entityState;
    const before = state == null ? emptyEntity : (JSON.parse(state) as EntityState);
    const runner = { definition: entity(name), invoke, now: () => clock.now(), newId: randomUUID };
    const outcome = await runBatch(runner, instance.id, before, events);
    onPlayed();
    if (outcome === undefined) return false;
    const logError = (message: string): void =>
      onEvent({ kind: 'log', level: 'error', category: 'Host.Durable', message, at: clock.now() });
    if (outcome.trouble !== undefined) logError(`A batch of ${instance.id} failed: ${outcome.trouble}`);
    // The library does not say why, and a signal has no caller to fail.
    for (const operation of outcome.failed)
      logError(`Function '${name} (Entity)' failed '${operation}' operation. InstanceId: ${instance.id}.`);
    await this.#commitBatch(instance, batch, outcome, name);
    return true;
  }

  async #commitBatch(
    instance: Instance,
    batch: readonly Message[],
    outcome: BatchOutcome,
    name: string,
  ): Promise<void> {
    const { store, records, mailboxes, clock } = this.options;
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
    const messages = outcome.messages.map((message) => mailboxes.letter(message));
    await store.commit(() => {
      this.#dropMessages(instance, batch);
      for (const message of messages) records.addMessage(message);
      records.saveInstance(row);
    });
    const { storage } = this.options;
    storage.batch(
      row.id,
      batch.map(({ text }) => text),
      row.entityState ?? '',
    );
    for (const { instanceId, text } of messages) storage.sent(instanceId, text);
    instance.row = row;
    for (const message of messages) mailboxes.deliver(message);
  }

  #dropMessages(instance: Instance, batch: readonly Message[]): void {
    for (const message of batch) {
      message.settled = true;
      if (message.id !== undefined) this.options.records.dropMessage(message.id);
      if (isResult(message.event))
        this.options.records.dropLease(instance.id, message.executionId, message.event.TaskScheduledId);
    }
  }
}

const isResult = (event: MessageEvent): event is TaskCompleted | TaskFailed =>
  event.EventType === EventType.TaskCompleted || event.EventType === EventType.TaskFailed;

const versionName = (version: string | null): string => (version ? `version ${version}` : 'no version');

/** undefined: there is no instance that could be taken up. */
function versionOf({ row }: Instance, batch: readonly Message[]): string | null | undefined {
  const start = batch.find(isStart);
  if (start !== undefined) return start.event.Version;
  return row === undefined || isTerminal(row.status) ? undefined : row.version;
}

const isStart = (message: Message): message is Message & Written<ExecutionStarted> =>
  message.event.EventType === EventType.ExecutionStarted;
