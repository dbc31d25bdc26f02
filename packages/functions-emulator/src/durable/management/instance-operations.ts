/** The operations of the management API and the durable client. */
import { randomUUID } from 'node:crypto';
import type { InstanceQuery, InstanceRow } from '../durable-store.js';
import type { Engine } from '../engine.js';
import type { EntityState } from '../entity-batch.js';
import {
  EventType,
  type ExecutionStarted,
  type HistoryEvent,
  type MessageEvent,
  newEvent,
  timestamp,
} from '../history-events.js';
import { isTerminal } from '../runtime-status.js';
import { entityInstanceId, requestText } from '../turn/entity-messages.js';
import { ManagementError } from './management-error.js';

export interface StartOptions {
  readonly name: string;
  readonly instanceId: string | undefined;
  /** JSON text, or null. */
  readonly input: string | null;
  readonly version?: string | undefined;
}

export class InstanceOperations {
  constructor(private readonly engine: Engine) {}

  /**
   * Starts an instance; the id of an ended instance may be reused.
   * @returns the instance's id, once it is on disk.
   * An unknown orchestrator fails in its first turn.
   * @throws ManagementError 409 if an instance with this id has not ended.
   */
  async start(options: StartOptions): Promise<string> {
    const id = options.instanceId || randomUUID().replaceAll('-', '');
    const before = this.engine.find(id);
    if (before !== undefined && !isTerminal(before.status)) {
      throw new ManagementError(
        409,
        `An Orchestration instance with the status ${before.status} already exists.`,
      );
    }
    const now = this.engine.now;
    const generation = before === undefined ? 0 : before.generation + 1;
    const version = options.version ?? this.engine.defaultVersion;
    const event = newEvent.executionStarted(
      {
        OrchestrationInstance: { InstanceId: id, ExecutionId: randomUUID() },
        ParentInstance: null,
        Name: options.name,
        Version: version,
        Input: options.input,
        Generation: generation,
      },
      timestamp(now),
    );
    const row: InstanceRow = {
      id,
      executionId: event.OrchestrationInstance.ExecutionId,
      name: options.name,
      version,
      status: 'Pending',
      output: null,
      customStatus: null,
      createdAt: now,
      updatedAt: now,
      generation,
      parent: null,
      entityState: null,
      earlierInput: null,
    };
    this.engine.reserve(row);
    const { durableStore } = this.engine;
    try {
      await this.#post(id, event, () => {
        if (before !== undefined) durableStore.purge(id);
        durableStore.saveInstance(row);
      });
    } catch (error) {
      // A start that is not on disk must not be visible either.
      this.engine.discard(id);
      throw error;
    }
    this.engine.storage.inserted(id, options.input);
    this.engine.publishStatus(row);
    return id;
  }

  /** @throws ManagementError 404, 410 */
  async raise(id: string, name: string, input: string | null): Promise<void> {
    this.requireActive(id);
    await this.#post(id, newEvent.eventRaised(name, input, timestamp(this.engine.now)));
  }

  /** @throws ManagementError 404, 410 */
  async terminate(id: string, reason: string | null): Promise<void> {
    this.requireActive(id);
    await this.#post(id, newEvent.executionTerminated(reason, timestamp(this.engine.now)));
  }

  /** @throws ManagementError 404, 410, 500 if it is already suspended */
  async suspend(id: string, reason: string | null): Promise<void> {
    const row = this.requireActive(id);
    if (row.status === 'Suspended') throw this.#wrongState('suspend', row);
    await this.#post(id, newEvent.executionSuspended(reason, timestamp(this.engine.now)));
  }

  /** @throws ManagementError 404, 410, 500 if it is not suspended */
  async resume(id: string, reason: string | null): Promise<void> {
    const row = this.requireActive(id);
    if (row.status !== 'Suspended') throw this.#wrongState('resume', row);
    await this.#post(id, newEvent.executionResumed(reason, timestamp(this.engine.now)));
  }

  /** @throws ManagementError 404, 412 unless it has failed */
  async rewind(id: string, reason: string | null): Promise<void> {
    const row = this.engine.find(id);
    if (row === undefined)
      throw new ManagementError(404, `No orchestration with instance ID "$${id}" found.`);
    if (row.status !== 'Failed') {
      throw new ManagementError(
        412,
        `This orchestration has status ${row.status}, but only orchestrations in the "Failed" state can be rewound.`,
      );
    }
    await this.engine.rewind(id, reason);
  }

  /**
   * Starts an instance again, with the same input.
   * @throws ManagementError 400 if it does not exist, 409 if its id is reused and it has not ended
   */
  async restart(id: string, withNewId: boolean): Promise<string> {
    const row = this.engine.find(id);
    if (row === undefined) {
      throw new ManagementError(400, 'InstanceId does not match a valid orchestration instance.', {
        type: 'System.ArgumentException',
        message: `No instance with ID '${id}' was found. (Parameter 'instanceId')`,
      });
    }
    if (!withNewId && !isTerminal(row.status)) {
      throw new ManagementError(409, 'A non-terminal instance with this instance ID already exists.', {
        type: 'DurableTask.Core.Exceptions.OrchestrationAlreadyExistsException',
        message: `An Orchestration instance with the status ${row.status} already exists.`,
      });
    }
    return this.start({ name: row.name, instanceId: withNewId ? undefined : id, input: this.inputOf(id) });
  }

  /** @returns how many were removed. @throws ManagementError 404, 412 unless it has ended */
  async purge(id: string): Promise<number> {
    const row = this.engine.find(id);
    if (row === undefined) throw new ManagementError(404, '');
    if (!isTerminal(row.status) && row.entityState === null) {
      throw new ManagementError(
        412,
        `Only orchestrations in a terminal state can be purged, but the orchestration with instance ID ${id} has status ${row.status}`,
      );
    }
    await this.#remove([id]);
    return 1;
  }

  /** Removes the matching instances that have ended. @returns how many */
  async purgeWhere(query: InstanceQuery): Promise<number> {
    const ids = this.engine.durableStore
      .find(query)
      .filter(({ status }) => isTerminal(status))
      .map(({ id }) => id);
    await this.#remove(ids);
    return ids.length;
  }

  find(query: InstanceQuery): InstanceRow[] {
    this.engine.storage.read('');
    return this.engine.durableStore.find(query);
  }

  get(id: string): InstanceRow | undefined {
    this.engine.storage.read(id);
    return this.engine.find(id);
  }

  history(id: string): HistoryEvent[] {
    const texts = this.engine.durableStore.history(id).map((turn) => turn.events);
    return JSON.parse(`[${texts.join(',')}]`) as HistoryEvent[];
  }

  /** The instance's original input, as JSON text. */
  inputOf(id: string): string | null {
    const first = this.engine.durableStore.firstTurn(id)?.events ?? '';
    const events = JSON.parse(`[${first}]`) as HistoryEvent[];
    const start = events.find(
      (event): event is ExecutionStarted => event.EventType === EventType.ExecutionStarted,
    );
    if (start !== undefined) return start.Input ?? this.engine.find(id)?.earlierInput ?? null;
    for (const { text } of this.engine.durableStore.messagesOf(id)) {
      const message = JSON.parse(text) as MessageEvent;
      if (message.EventType === EventType.ExecutionStarted) return message.Input;
    }
    return null;
  }

  /** @throws ManagementError 400 if there is no such entity function */
  async signal(name: string, key: string, operation: string, input: string | null): Promise<void> {
    if (!this.engine.known.entities.has(name.toLowerCase())) {
      throw new ManagementError(400, this.engine.notFoundMessage(name.toLowerCase(), 'entity'));
    }
    const text = requestText({
      op: operation,
      signal: true,
      ...(input === null ? {} : { input }),
      id: randomUUID(),
      requestTime: timestamp(this.engine.now),
    });
    await this.#post(
      entityInstanceId(name, key),
      newEvent.eventRaised('op', text, timestamp(this.engine.now)),
    );
  }

  entity(name: string, key: string): EntityState | undefined {
    const id = entityInstanceId(name, key);
    this.engine.storage.read(id);
    const state = this.engine.find(id)?.entityState;
    return state == null ? undefined : (JSON.parse(state) as EntityState);
  }

  /** @throws ManagementError 404 if it does not exist, 410 if it has ended */
  requireActive(id: string): InstanceRow {
    this.engine.storage.read(id);
    const row = this.engine.find(id);
    if (row === undefined) throw new ManagementError(404, '');
    if (isTerminal(row.status)) throw new ManagementError(410, '');
    return row;
  }

  #wrongState(verb: string, { id, name, status }: InstanceRow): ManagementError {
    this.engine.warn(
      `Cannot ${verb} orchestration instance in the ${status} state. InstanceId: ${id}. Function: ${name}.`,
    );
    return new ManagementError(500, 'Something went wrong while processing your request', {
      type: 'System.InvalidOperationException',
      message: `Cannot ${verb} the orchestration instance ${id} because instance is in the ${status} state.`,
    });
  }

  async #remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.engine.discard(id);
    const { durableStore } = this.engine;
    await this.engine.post([], () => {
      for (const id of ids) durableStore.purge(id);
    });
  }

  #post(instanceId: string, event: MessageEvent, alsoWrite?: () => void): Promise<void> {
    return this.engine.post(
      [{ instanceId, executionId: null, visibleAt: this.engine.now, event }],
      alsoWrite,
    );
  }
}
