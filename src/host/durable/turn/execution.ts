/**
 * One execution being replayed: hands out ids in the order of the calls, matches the decisions of now against the
 * history, and settles tasks as their completions come by. Follows what DurableTask.Core does, event by event.
 */
import {
  type EventRaised,
  type EventSent,
  EventType,
  type HistoryEvent,
  type SubOrchestrationInstanceCreated,
  type TaskScheduled,
  type TimerCreated,
} from '../history.js';
import {
  ACTION_NAMES,
  type Completion,
  type Decision,
  NonDeterminismError,
  OrchestrationFailure,
  outlineOf,
} from './decisions.js';
import { Deferred } from './deferred.js';

const CHANGED = 'Was a change made to the orchestrator code after this instance had already started running?';

interface OpenTask {
  readonly task: Deferred;
  readonly what: string;
}

/** What an open task was cancelled with: the loop that waits for it must not go on as if it had fired. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}
/** One for all: each replay cancels again, and nobody looks at where. */
const CANCELLED = new Cancelled();

export class Execution {
  /** The time of the last OrchestratorStarted, in milliseconds since the epoch. */
  now = 0;
  suspended = false;
  #nextId = 0;
  #ended = false;
  #again: { readonly input: string | null } | undefined;
  readonly #carryOver: EventRaised[] = [];
  readonly #decisions = new Map<number, Decision>();
  readonly #held = new Map<number, Decision>();
  readonly #open = new Map<number, OpenTask>();
  readonly #whileSuspended: HistoryEvent[] = [];

  constructor(
    private readonly executionId: string,
    private readonly start: () => void,
    private readonly raise: (name: string, input: string | null) => void,
  ) {}

  get hasOpenTasks(): boolean {
    return this.#open.size > 0;
  }

  get openTasks(): readonly string[] {
    return [...this.#open.values()].map((task) => task.what);
  }

  get continuesAsNew(): boolean {
    return this.#again !== undefined;
  }

  /** In ascending order of their ids. */
  get decisions(): readonly Decision[] {
    return [...this.#decisions.values()].sort((a, b) => a.id - b.id);
  }

  scheduleActivity(name: string, input: unknown): Deferred {
    const id = this.#decide((id) => ({ kind: 'activity', id, name, input }));
    return this.#track(id, `activity ${name}`);
  }

  createChild(name: string, instanceId: string | undefined, input: unknown, version?: string): Deferred {
    const id = this.#decide((id) => ({
      kind: 'child',
      id,
      name,
      instanceId: instanceId?.trim() ? instanceId : `${this.executionId}:${id}`,
      input,
      version,
    }));
    return this.#track(id, `sub-orchestration ${name}`);
  }

  /** A cancelled timer is created all the same: its id is taken, only nobody waits for it. */
  createTimer(fireAt: string, cancelled = false): Deferred {
    const id = this.#decide((id) => ({ kind: 'timer', id, fireAt }));
    const task = this.#track(id, `timer ${fireAt}`);
    if (cancelled) {
      this.#open.delete(id);
      task.settle({ kind: 'error', error: CANCELLED });
    }
    return task;
  }

  sendEvent(instanceId: string, name: string, input: string): void {
    this.#decide((id) => ({ kind: 'event', id, instanceId, name, input }));
  }

  continueAsNew(input: string | null): void {
    this.#again = { input };
  }

  complete(
    status: Completion['status'],
    result: string | null,
    details: string | null = null,
    failure: Completion['failure'] = null,
  ): void {
    if (status === 'Completed' && this.#again !== undefined) {
      const { input } = this.#again;
      this.#decide((id) => ({ kind: 'again', id, input, carryOver: this.#carryOver }));
      return;
    }
    const id = this.#nextId;
    this.#nextId += 1;
    if (this.#ended) return;
    this.#ended = true;
    this.#decisions.set(id, { kind: 'complete', id, status, result, details, failure });
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
  process(event: HistoryEvent): void {
    if (event.EventType === EventType.OrchestratorStarted) {
      this.now = Date.parse(event.Timestamp);
      return;
    }
    if (
      this.suspended &&
      event.EventType !== EventType.ExecutionResumed &&
      event.EventType !== EventType.ExecutionTerminated
    ) {
      if (event.EventType !== EventType.ExecutionSuspended) this.#whileSuspended.push(event);
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
        this.#matchChild(event);
        return;
      case EventType.TimerCreated:
        this.#matchTimer(event);
        return;
      case EventType.TimerFired:
        this.#settle(event.TimerId, { kind: 'value', value: undefined });
        return;
      case EventType.EventSent:
        this.#matchEvent(event);
        return;
      case EventType.EventRaised:
        if (this.#again === undefined) this.raise(event.Name, event.Input);
        else this.#carryOver.push(event);
        return;
      case EventType.ExecutionSuspended:
        this.suspended = true;
        for (const [id, decision] of this.#decisions) this.#held.set(id, decision);
        this.#decisions.clear();
        return;
      case EventType.ExecutionResumed:
        this.#resume();
        return;
    }
  }

  #resume(): void {
    this.suspended = false;
    for (const [id, decision] of this.#held) this.#decisions.set(id, decision);
    this.#held.clear();
    for (
      let event = this.#whileSuspended.shift();
      event !== undefined;
      event = this.#whileSuspended.shift()
    ) {
      this.process(event);
    }
  }

  #decide(make: (id: number) => Decision): number {
    const id = this.#nextId;
    this.#nextId += 1;
    this.#decisions.set(id, make(id));
    return id;
  }

  #track(id: number, what: string): Deferred {
    const task = new Deferred();
    this.#open.set(id, { task, what });
    return task;
  }

  /** A completion that nobody waits for is a duplicate, and dropped. */
  #settle(id: number, outcome: Parameters<Deferred['settle']>[0]): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    // The task goes on while it is still counted as open, as on the real host.
    open.task.settle(outcome);
    this.#open.delete(id);
  }

  #matchActivity(event: TaskScheduled): void {
    const id = event.EventId;
    const now = this.#decisions.get(id);
    const was = `activity '${event.Name}'`;
    if (now === undefined) {
      throw new NonDeterminismError(
        id,
        `A previous execution of this orchestration scheduled an activity task with sequence ID ${id} and name '${event.Name}' (version '${event.Version ?? ''}'), but the current replay execution hasn't (yet?) scheduled this task. ${CHANGED}`,
        was,
        'nothing',
      );
    }
    if (now.kind !== 'activity') {
      throw new NonDeterminismError(
        id,
        `A previous execution of this orchestration scheduled an activity task with sequence number ${id} named '${event.Name}', but the current orchestration replay instead produced a ${ACTION_NAMES[now.kind]} action with this sequence number. ${CHANGED}`,
        was,
        outlineOf(now),
      );
    }
    if (now.name.toLowerCase() !== event.Name.toLowerCase()) {
      throw new NonDeterminismError(
        id,
        `A previous execution of this orchestration scheduled an activity task with sequence number ${id} named '${event.Name}', but the current orchestration replay instead scheduled an activity task named '${now.name}' with this sequence number.  ${CHANGED}`,
        was,
        outlineOf(now),
      );
    }
    this.#decisions.delete(id);
  }

  #matchTimer(event: TimerCreated): void {
    const id = event.EventId;
    const now = this.#decisions.get(id);
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
        outlineOf(now),
      );
    }
    this.#decisions.delete(id);
  }

  #matchChild(event: SubOrchestrationInstanceCreated): void {
    const id = event.EventId;
    const now = this.#decisions.get(id);
    const was = `sub-orchestration '${event.Name}'`;
    const scheduled = `A previous execution of this orchestration scheduled a sub-orchestration task with sequence ID ${id} and name '${event.Name}' (version '${event.Version ?? ''}', instance ID '${event.InstanceId}'), but the current`;
    if (now === undefined) {
      throw new NonDeterminismError(
        id,
        `${scheduled} replay execution hasn't (yet?) scheduled this task. ${CHANGED}`,
        was,
        'nothing',
      );
    }
    if (now.kind !== 'child') {
      throw new NonDeterminismError(
        id,
        `${scheduled} orchestration replay instead produced a ${ACTION_NAMES[now.kind]} action at this sequence number. ${CHANGED}`,
        was,
        outlineOf(now),
      );
    }
    if (now.name.toLowerCase() !== event.Name.toLowerCase()) {
      throw new NonDeterminismError(
        id,
        `${scheduled} orchestration replay instead scheduled a sub-orchestration task with name ${now.name} at this sequence number. ${CHANGED}`,
        was,
        outlineOf(now),
      );
    }
    this.#decisions.delete(id);
  }

  #matchEvent(event: EventSent): void {
    const id = event.EventId;
    const now = this.#decisions.get(id);
    const was = `event '${event.Name}' to ${event.InstanceId}`;
    const sent = (comma: string): string =>
      `A previous execution of this orchestration scheduled a send event task with sequence ID ${id}, type 'EventSent'${comma} name '${event.Name}', instance ID '${event.InstanceId}'`;
    if (now === undefined) {
      throw new NonDeterminismError(
        id,
        `${sent('')}, but the current replay execution hasn't (yet?) scheduled this task. ${CHANGED}`,
        was,
        'nothing',
      );
    }
    if (now.kind !== 'event') {
      throw new NonDeterminismError(
        id,
        `${sent(',')}, but the current orchestration replay instead scheduled a ${ACTION_NAMES[now.kind]} task at this sequence number. ${CHANGED}`,
        was,
        outlineOf(now),
      );
    }
    if (now.name.toLowerCase() !== event.Name.toLowerCase()) {
      throw new NonDeterminismError(
        id,
        `${sent(',')}), but the current orchestration replay instead scheduled a send event task with name ${now.name}at this sequence number. ${CHANGED}`,
        was,
        outlineOf(now),
      );
    }
    this.#decisions.delete(id);
  }
}
