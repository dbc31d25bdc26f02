/**
 * The context of one execution during replay: assigns sequence numbers in the order of the calls, matches new actions
 * against the history, and completes tasks. Follows DurableTask.Core, event by event.
 */
import {
  type EventRaised,
  type EventSent,
  EventType,
  type HistoryEvent,
  type SubOrchestrationInstanceCreated,
  type TaskScheduled,
  type TimerCreated,
} from '../history-events.js';
import { Deferred } from './deferred.js';
import {
  ACTION_NAMES,
  type CompleteAction,
  describeAction,
  NonDeterminismError,
  OrchestrationFailure,
  type OrchestratorAction,
} from './orchestrator-actions.js';

const CHANGED = 'Was a change made to the orchestrator code after this instance had already started running?';

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

  get continuesAsNew(): boolean {
    return this.#continueAsNew !== undefined;
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
        this.#matchActivity(event);
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
      case EventType.SubOrchestrationInstanceCreated:
        this.#matchSubOrchestration(event);
        return;
      case EventType.TimerCreated:
        this.#matchTimer(event);
        return;
      case EventType.TimerFired:
        this.#settle(event.TimerId, { kind: 'value', value: undefined });
        return;
      case EventType.EventSent:
        this.#matchSentEvent(event);
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

  #matchActivity(event: TaskScheduled): void {
    const id = event.EventId;
    const now = this.#actions.get(id);
    const expected = `activity '${event.Name}'`;
    if (now === undefined) {
      throw new NonDeterminismError(
        id,
        `A previous execution of this orchestration scheduled an activity task with sequence ID ${id} and name '${event.Name}' (version '${event.Version ?? ''}'), but the current replay execution hasn't (yet?) scheduled this task. ${CHANGED}`,
        expected,
        'nothing',
      );
    }
    if (now.kind !== 'activity') {
      throw new NonDeterminismError(
        id,
        `A previous execution of this orchestration scheduled an activity task with sequence number ${id} named '${event.Name}', but the current orchestration replay instead produced a ${ACTION_NAMES[now.kind]} action with this sequence number. ${CHANGED}`,
        expected,
        describeAction(now),
      );
    }
    if (now.name.toLowerCase() !== event.Name.toLowerCase()) {
      throw new NonDeterminismError(
        id,
        `A previous execution of this orchestration scheduled an activity task with sequence number ${id} named '${event.Name}', but the current orchestration replay instead scheduled an activity task named '${now.name}' with this sequence number.  ${CHANGED}`,
        expected,
        describeAction(now),
      );
    }
    this.#actions.delete(id);
  }

  #matchTimer(event: TimerCreated): void {
    const id = event.EventId;
    const now = this.#actions.get(id);
    if (now === undefined) {
      throw new NonDeterminismError(
        id,
        `A previous execution of this orchestration scheduled a timer task with sequence number ${id} but the current replay execution hasn't (yet?) scheduled this task. ${CHANGED}`,
        'a timer',
        'nothing',
      );
    }
    if (now.kind !== 'timer') {
      throw new NonDeterminismError(
        id,
        `A previous execution of this orchestration scheduled a timer task with sequence number ${id} named but the current orchestration replay instead produced a ${ACTION_NAMES[now.kind]} action with this sequence number. ${CHANGED}`,
        'a timer',
        describeAction(now),
      );
    }
    this.#actions.delete(id);
  }

  #matchSubOrchestration(event: SubOrchestrationInstanceCreated): void {
    const id = event.EventId;
    const now = this.#actions.get(id);
    const expected = `sub-orchestration '${event.Name}'`;
    const scheduled = `A previous execution of this orchestration scheduled a sub-orchestration task with sequence ID ${id} and name '${event.Name}' (version '${event.Version ?? ''}', instance ID '${event.InstanceId}'), but the current`;
    if (now === undefined) {
      throw new NonDeterminismError(
        id,
        `${scheduled} replay execution hasn't (yet?) scheduled this task. ${CHANGED}`,
        expected,
        'nothing',
      );
    }
    if (now.kind !== 'subOrchestration') {
      throw new NonDeterminismError(
        id,
        `${scheduled} orchestration replay instead produced a ${ACTION_NAMES[now.kind]} action at this sequence number. ${CHANGED}`,
        expected,
        describeAction(now),
      );
    }
    if (now.name.toLowerCase() !== event.Name.toLowerCase()) {
      throw new NonDeterminismError(
        id,
        `${scheduled} orchestration replay instead scheduled a sub-orchestration task with name ${now.name} at this sequence number. ${CHANGED}`,
        expected,
        describeAction(now),
      );
    }
    this.#actions.delete(id);
  }

  #matchSentEvent(event: EventSent): void {
    const id = event.EventId;
    const now = this.#actions.get(id);
    const expected = `event '${event.Name}' to ${event.InstanceId}`;
    const sent = (comma: string): string =>
      `A previous execution of this orchestration scheduled a send event task with sequence ID ${id}, type 'EventSent'${comma} name '${event.Name}', instance ID '${event.InstanceId}'`;
    if (now === undefined) {
      throw new NonDeterminismError(
        id,
        `${sent('')}, but the current replay execution hasn't (yet?) scheduled this task. ${CHANGED}`,
        expected,
        'nothing',
      );
    }
    if (now.kind !== 'sendEvent') {
      throw new NonDeterminismError(
        id,
        `${sent(',')}, but the current orchestration replay instead scheduled a ${ACTION_NAMES[now.kind]} task at this sequence number. ${CHANGED}`,
        expected,
        describeAction(now),
      );
    }
    if (now.name.toLowerCase() !== event.Name.toLowerCase()) {
      throw new NonDeterminismError(
        id,
        `${sent(',')}), but the current orchestration replay instead scheduled a send event task with name ${now.name}at this sequence number. ${CHANGED}`,
        expected,
        describeAction(now),
      );
    }
    this.#actions.delete(id);
  }
}
