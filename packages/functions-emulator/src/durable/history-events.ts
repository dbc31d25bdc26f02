/**
 * History events of an orchestration, in the shape in which the real host passes them to the app.
 * Property order follows the real host's, because some of these objects are compared as text.
 */
export const EventType = {
  ExecutionStarted: 0,
  ExecutionCompleted: 1,
  ExecutionTerminated: 3,
  TaskScheduled: 4,
  TaskCompleted: 5,
  TaskFailed: 6,
  SubOrchestrationInstanceCreated: 7,
  SubOrchestrationInstanceCompleted: 8,
  SubOrchestrationInstanceFailed: 9,
  TimerCreated: 10,
  TimerFired: 11,
  OrchestratorStarted: 12,
  OrchestratorCompleted: 13,
  EventSent: 14,
  EventRaised: 15,
  ContinueAsNew: 16,
  GenericEvent: 17,
  ExecutionSuspended: 19,
  ExecutionResumed: 20,
} as const;

interface Common {
  readonly EventId: number;
  readonly Timestamp: string;
}
/** The parent orchestration and its task that started this instance. */
export interface ParentInstance {
  readonly Name: string;
  readonly OrchestrationInstance: { readonly InstanceId: string; readonly ExecutionId: string };
  readonly TaskScheduleId: number;
  readonly Version: string | null;
}
export interface ExecutionStarted extends Common {
  readonly OrchestrationInstance: { readonly InstanceId: string; readonly ExecutionId: string };
  readonly EventType: 0;
  readonly ParentInstance: ParentInstance | null;
  readonly Name: string;
  readonly Version: string | null;
  /** JSON text, or null. */
  readonly Input: string | null;
  readonly Tags: null;
  readonly Correlation: null;
  readonly ParentTraceContext: null;
  readonly ScheduledStartTime: null;
  readonly Generation: number | null;
  readonly GenerateNewTrace: boolean;
}
export interface ExecutionCompleted extends Common {
  readonly EventType: 1;
  readonly OrchestrationStatus: number;
  readonly Result: string | null;
  readonly FailureDetails: FailureDetails | null;
}
export interface ExecutionTerminated extends Common {
  readonly EventType: 3;
  readonly Input: string | null;
}
export interface TaskScheduled extends Common {
  readonly EventType: 4;
  readonly Name: string;
  readonly Version: string;
  readonly Input: null;
  readonly ParentTraceContext: null;
  readonly Tags: null;
}
export interface TaskCompleted extends Common {
  readonly EventType: 5;
  readonly TaskScheduledId: number;
  /** JSON text, or null. */
  readonly Result: string | null;
}
export interface FailureDetails {
  readonly ErrorType: string;
  readonly ErrorMessage: string;
  readonly StackTrace: string | null;
  readonly InnerFailure: FailureDetails | null;
  readonly IsNonRetriable: boolean;
  readonly Properties: Readonly<Record<string, unknown>> | null;
}
export interface TaskFailed extends Common {
  readonly EventType: 6;
  readonly TaskScheduledId: number;
  readonly Reason: string | null;
  readonly Details: string | null;
  readonly FailureDetails: FailureDetails | null;
}
export interface SubOrchestrationInstanceCreated extends Common {
  readonly EventType: 7;
  readonly Name: string;
  readonly Version: string | null;
  readonly InstanceId: string;
  readonly Input: null;
  readonly ClientSpanId: null;
  readonly Tags: null;
}
export interface SubOrchestrationInstanceCompleted extends Common {
  readonly EventType: 8;
  readonly TaskScheduledId: number;
  readonly Result: string | null;
}
export interface SubOrchestrationInstanceFailed extends Common {
  readonly EventType: 9;
  readonly TaskScheduledId: number;
  readonly Reason: string | null;
  readonly Details: string | null;
  readonly FailureDetails: FailureDetails | null;
}
export interface TimerCreated extends Common {
  readonly EventType: 10;
  readonly FireAt: string;
}
export interface TimerFired extends Common {
  readonly EventType: 11;
  readonly TimerId: number;
  readonly FireAt: string;
}
export interface OrchestratorStarted extends Common {
  readonly EventType: 12;
}
export interface OrchestratorCompleted extends Common {
  readonly EventType: 13;
}
export interface EventSent extends Common {
  readonly EventType: 14;
  readonly InstanceId: string;
  readonly Name: string;
  readonly Input: string | null;
}
export interface EventRaised extends Common {
  readonly EventType: 15;
  readonly Name: string;
  /** JSON text, or null. */
  readonly Input: string | null;
  readonly ParentTraceContext: null;
}
export interface ContinueAsNew extends Common {
  readonly EventType: 16;
  readonly OrchestrationStatus: number;
  readonly Result: string | null;
}
export interface GenericEvent extends Common {
  readonly Data: string | null;
  readonly EventType: 17;
}
export interface ExecutionSuspended extends Common {
  readonly EventType: 19;
  readonly Reason: string | null;
}
export interface ExecutionResumed extends Common {
  readonly EventType: 20;
  readonly Reason: string | null;
}

export type HistoryEvent =
  | ExecutionStarted
  | ExecutionCompleted
  | ExecutionTerminated
  | TaskScheduled
  | TaskCompleted
  | TaskFailed
  | SubOrchestrationInstanceCreated
  | SubOrchestrationInstanceCompleted
  | SubOrchestrationInstanceFailed
  | TimerCreated
  | TimerFired
  | OrchestratorStarted
  | OrchestratorCompleted
  | EventSent
  | EventRaised
  | ContinueAsNew
  | GenericEvent
  | ExecutionSuspended
  | ExecutionResumed;

/** Events that reach an instance from outside of its own turn. */
export type MessageEvent =
  | ExecutionStarted
  | ExecutionTerminated
  | TaskCompleted
  | TaskFailed
  | SubOrchestrationInstanceCompleted
  | SubOrchestrationInstanceFailed
  | TimerFired
  | EventRaised
  | ExecutionSuspended
  | ExecutionResumed
  | GenericEvent;

/** An event and its JSON text, so that it is serialised only once. */
export interface SerialisedEvent<Event extends HistoryEvent = HistoryEvent> {
  readonly event: Event;
  readonly text: string;
}

export const serialise = <Event extends HistoryEvent>(event: Event): SerialisedEvent<Event> => ({
  event,
  text: JSON.stringify(event),
});

/** How the history names the states an execution may end in. */
export const OrchestrationStatus = {
  Running: 0,
  Completed: 1,
  ContinuedAsNew: 2,
  Failed: 3,
  Canceled: 4,
  Terminated: 5,
  Pending: 6,
  Suspended: 7,
} as const;

/** Milliseconds since the epoch as the history writes them. */
export const timestamp = (at: number): string => new Date(at).toISOString();

const taskFields = (id: number, at: string): Common => ({ EventId: id, Timestamp: at });
const messageFields = (at: string): Common => ({ EventId: -1, Timestamp: at });

export const newEvent = {
  orchestratorStarted: (at: string): OrchestratorStarted => ({ EventType: 12, ...messageFields(at) }),
  orchestratorCompleted: (at: string): OrchestratorCompleted => ({ EventType: 13, ...messageFields(at) }),
  executionStarted: (
    start: Pick<
      ExecutionStarted,
      'OrchestrationInstance' | 'ParentInstance' | 'Name' | 'Version' | 'Input' | 'Generation'
    >,
    at: string,
  ): ExecutionStarted => ({
    OrchestrationInstance: start.OrchestrationInstance,
    EventType: 0,
    ParentInstance: start.ParentInstance,
    Name: start.Name,
    Version: start.Version,
    Input: start.Input,
    Tags: null,
    Correlation: null,
    ParentTraceContext: null,
    ScheduledStartTime: null,
    Generation: start.Generation,
    GenerateNewTrace: false,
    ...messageFields(at),
  }),
  executionCompleted: (
    id: number,
    status: number,
    result: string | null,
    failure: FailureDetails | null,
    at: string,
  ): ExecutionCompleted => ({
    EventType: 1,
    OrchestrationStatus: status,
    Result: result,
    FailureDetails: failure,
    ...taskFields(id, at),
  }),
  continueAsNew: (id: number, result: string | null, at: string): ContinueAsNew => ({
    EventType: 16,
    OrchestrationStatus: OrchestrationStatus.ContinuedAsNew,
    Result: result,
    ...taskFields(id, at),
  }),
  executionTerminated: (reason: string | null, at: string): ExecutionTerminated => ({
    EventType: 3,
    Input: reason,
    ...messageFields(at),
  }),
  executionSuspended: (reason: string | null, at: string): ExecutionSuspended => ({
    EventType: 19,
    Reason: reason,
    ...messageFields(at),
  }),
  executionResumed: (reason: string | null, at: string): ExecutionResumed => ({
    EventType: 20,
    Reason: reason,
    ...messageFields(at),
  }),
  generic: (data: string | null, id: number, at: string): GenericEvent => ({
    Data: data,
    EventType: 17,
    ...taskFields(id, at),
  }),
  taskScheduled: (id: number, name: string, at: string): TaskScheduled => ({
    EventType: 4,
    Name: name,
    Version: '',
    Input: null,
    ParentTraceContext: null,
    Tags: null,
    ...taskFields(id, at),
  }),
  taskCompleted: (id: number, result: string | null, at: string): TaskCompleted => ({
    EventType: 5,
    TaskScheduledId: id,
    Result: result,
    ...messageFields(at),
  }),
  taskFailed: (
    id: number,
    reason: string,
    details: string | null,
    failure: FailureDetails | null,
    at: string,
  ): TaskFailed => ({
    EventType: 6,
    TaskScheduledId: id,
    Reason: reason,
    Details: details,
    FailureDetails: failure,
    ...messageFields(at),
  }),
  subOrchestrationCreated: (
    id: number,
    name: string,
    version: string | null,
    instanceId: string,
    at: string,
  ): SubOrchestrationInstanceCreated => ({
    EventType: 7,
    Name: name,
    Version: version,
    InstanceId: instanceId,
    Input: null,
    ClientSpanId: null,
    Tags: null,
    ...taskFields(id, at),
  }),
  subOrchestrationCompleted: (
    id: number,
    result: string | null,
    at: string,
  ): SubOrchestrationInstanceCompleted => ({
    EventType: 8,
    TaskScheduledId: id,
    Result: result,
    ...messageFields(at),
  }),
  subOrchestrationFailed: (
    id: number,
    reason: string | null,
    details: string | null,
    failure: FailureDetails | null,
    at: string,
  ): SubOrchestrationInstanceFailed => ({
    EventType: 9,
    TaskScheduledId: id,
    Reason: reason,
    Details: details,
    FailureDetails: failure,
    ...messageFields(at),
  }),
  timerCreated: (id: number, fireAt: string, at: string): TimerCreated => ({
    EventType: 10,
    FireAt: fireAt,
    ...taskFields(id, at),
  }),
  timerFired: (id: number, fireAt: string, at: string): TimerFired => ({
    EventType: 11,
    TimerId: id,
    FireAt: fireAt,
    ...messageFields(at),
  }),
  eventSent: (id: number, instanceId: string, name: string, input: string | null, at: string): EventSent => ({
    EventType: 14,
    InstanceId: instanceId,
    Name: name,
    Input: input,
    ...taskFields(id, at),
  }),
  eventRaised: (name: string, input: string | null, at: string): EventRaised => ({
    EventType: 15,
    Name: name,
    Input: input,
    ParentTraceContext: null,
    ...messageFields(at),
  }),
};
