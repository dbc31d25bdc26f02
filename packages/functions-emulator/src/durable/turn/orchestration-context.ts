/**
 * The context of one execution during replay: assigns sequence numbers in the order of the calls, matches new actions
 * against the history, and completes tasks. Follows DurableTask.Core, event by event.
 */
import { type EventRaised, EventType, type HistoryEvent } from '../history-events.js';
import { Deferred } from './deferred.js';
import { matchAction } from './non-determinism.js';
import {
  type CompleteAction,
  OrchestrationFailure,
  type OrchestratorAction,
} from './orchestrator-actions.js';

interface OpenTask {
  readonly task: Deferred;
  readonly description: string;
}

/** The error of a cancelled timer: a loop that awaits it must not continue as if it had fired. */
export class TimerCancelled extends Error {
  override readonly name = 'TimerCancelled';
}
/** Shared: each replay cancels again, and the stack is never read. */
const CANCELLED = new TimerCancelled();

export class OrchestrationContext {
  /** The time of the last OrchestratorStarted, in milliseconds since the epoch. */
  now = 0;
  suspended = false;
  #nextId = 0;
  #ended = false;
  #continueAsNew: { readonly input: string | null } | undefined;
  readonly #carryOver: EventRaised[] = [];
  readonly #actions = new Map<number, OrchestratorAction>();
  readonly #suspendedActions = new Map<number, OrchestratorAction>();
  readonly #open = new Map<number, OpenTask>();
  readonly #suspendedEvents: HistoryEvent[] = [];

  constructor(
    private readonly executionId: string,
    private readonly start: () => void,
    private readonly raise: (name: string, input: string | null) => void,
  ) {}

  get hasOpenTasks(): boolean {
    return this.#open.size > 0;
  }

  get openTasks(): readonly string[] {
    return [...this.#open.values()].map((task) => task.description);
  }

  /** In ascending order of their ids. */
  get actions(): readonly OrchestratorAction[] {
    return [...this.#actions.values()].sort((a, b) => a.id - b.id);
  }

  scheduleActivity(name: string, input: unknown): Deferred {
    const id = this.#addAction((id) => ({ kind: 'activity', id, name, input }));
    return this.#track(id, `activity ${name}`);
  }

  createSubOrchestration(
    name: string,
    instanceId: string | undefined,
    input: unknown,
    version?: string,
  ): Deferred {
    const id = this.#addAction((id) => ({
      kind: 'subOrchestration',
      id,
      name,
      instanceId: instanceId?.trim() ? instanceId : `${this.executionId}:${id}`,
      input,
      version,
    }));
    return this.#track(id, `sub-orchestration ${name}`);
  }

  /** A cancelled timer is still created: it uses up a sequence number, but is not awaited. */
  createTimer(fireAt: string, cancelled = false): Deferred {
    const id = this.#addAction((id) => ({ kind: 'timer', id, fireAt }));
    const task = this.#track(id, `timer ${fireAt}`);
    if (cancelled) {
      this.#open.delete(id);
      task.settle({ kind: 'error', error: CANCELLED });
    }
    return task;
  }

  sendEvent(instanceId: string, name: string, input: string): void {
    this.#addAction((id) => ({ kind: 'sendEvent', id, instanceId, name, input }));
  }

  continueAsNew(input: string | null): void {
    this.#continueAsNew = { input };
  }

  complete(
    status: CompleteAction['status'],
    result: string | null,
    details: string | null = null,
    failure: CompleteAction['failure'] = null,
  ): void {
    if (status === 'Completed' && this.#continueAsNew !== undefined) {
      const { input } = this.#continueAsNew;
      this.#addAction((id) => ({ kind: 'continueAsNew', id, input, carryOver: this.#carryOver }));
      return;
    }
    const id = this.#nextId;
    this.#nextId += 1;
    if (this.#ended) return;
    this.#ended = true;
    this.#actions.set(id, { kind: 'complete', id, status, result, details, failure });
  }

  fail(error: Error): void {
    if (error instanceof OrchestrationFailure)
      this.complete('Failed', error.message, error.details, error.failure);
    else
      this.complete(
        'Failed',
        error.message,
        `Unhandled exception while executing orchestration: ${error.message}`,
      );
  }

  /** @throws NonDeterminismError if the event is about a task that the orchestrator has not, or has otherwise, made. */
  processEvent(event: HistoryEvent): void {
    if (event.EventType === EventType.OrchestratorStarted) {
      this.now = Date.parse(event.Timestamp);
      return;
    }
    if (
      this.suspended &&
      event.EventType !== EventType.ExecutionResumed &&
      event.EventType !== EventType.ExecutionTerminated
    ) {
      if (event.EventType !== EventType.ExecutionSuspended) this.#suspendedEvents.push(event);
      return;
    }
    switch (event.EventType) {
      case EventType.ExecutionStarted:
        this.start();
        return;
      case EventType.ExecutionTerminated:
        this.complete('Terminated', event.Input);
        return;
      case EventType.TaskScheduled:
      case EventType.SubOrchestrationInstanceCreated:
      case EventType.TimerCreated:
      case EventType.EventSent:
        matchAction(event, this.#actions.get(event.EventId));
        this.#actions.delete(event.EventId);
        return;
      case EventType.TaskCompleted:
      case EventType.SubOrchestrationInstanceCompleted:
        this.#settle(event.TaskScheduledId, { kind: 'value', value: event.Result });
        return;
      case EventType.TaskFailed:
      case EventType.SubOrchestrationInstanceFailed:
        this.#settle(event.TaskScheduledId, {
          kind: 'error',
          error: new OrchestrationFailure(event.Reason ?? '', event.Details, event.FailureDetails),
        });
        return;
      case EventType.TimerFired:
        this.#settle(event.TimerId, { kind: 'value', value: undefined });
        return;
      case EventType.EventRaised:
        if (this.#continueAsNew === undefined) this.raise(event.Name, event.Input);
        else this.#carryOver.push(event);
        return;
      case EventType.ExecutionSuspended:
        this.suspended = true;
        for (const [id, action] of this.#actions) this.#suspendedActions.set(id, action);
        this.#actions.clear();
        return;
      case EventType.ExecutionResumed:
        this.#resume();
        return;
    }
  }

  #resume(): void {
    this.suspended = false;
    for (const [id, action] of this.#suspendedActions) this.#actions.set(id, action);
    this.#suspendedActions.clear();
    for (
      let event = this.#suspendedEvents.shift();
      event !== undefined;
      event = this.#suspendedEvents.shift()
    ) {
      this.processEvent(event);
    }
  }

  #addAction(make: (id: number) => OrchestratorAction): number {
    const id = this.#nextId;
    this.#nextId += 1;
    this.#actions.set(id, make(id));
    return id;
  }

  #track(id: number, description: string): Deferred {
    const task = new Deferred();
    this.#open.set(id, { task, description });
    return task;
  }

  /** A completion without an open task is a duplicate, and dropped. */
  #settle(id: number, outcome: Parameters<Deferred['settle']>[0]): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    // The continuation runs while the task still counts as open, as on the real host.
    open.task.settle(outcome);
    this.#open.delete(id);
  }
}
