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

/** The parent orchestration and its task that started this instance. */
export interface ParentInstance {
  readonly Name: string;
  readonly OrchestrationInstance: { readonly InstanceId: string; readonly ExecutionId: string };
  readonly TaskScheduleId: number;
  readonly Version: string | null;
}
export interface FailureDetails {
  readonly ErrorType: string;
  readonly ErrorMessage: string;
  readonly StackTrace: string | null;
  readonly InnerFailure: FailureDetails | null;
  readonly IsNonRetriable: boolean;
  readonly Properties: Readonly<Record<string, unknown>> | null;
}
/** Inputs and results are JSON texts, in all events. */
type Text = string | null;

interface ExecutionStart {
  readonly OrchestrationInstance: { readonly InstanceId: string; readonly ExecutionId: string };
  readonly ParentInstance: ParentInstance | null;
  readonly Name: string;
  readonly Version: string | null;
  readonly Input: Text;
  readonly Generation: number | null;
}

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

const taskFields = (id: number, at: string) => ({ EventId: id, Timestamp: at });
const messageFields = (at: string) => ({ EventId: -1, Timestamp: at });

/** Makes events; their types are those of the results. */
export const newEvent = {
  orchestratorStarted: (at: string) => ({ EventType: EventType.OrchestratorStarted, ...messageFields(at) }),
  orchestratorCompleted: (at: string) => ({
    EventType: EventType.OrchestratorCompleted,
    ...messageFields(at),
  }),
  executionStarted: (start: ExecutionStart, at: string) => ({
    OrchestrationInstance: start.OrchestrationInstance,
    EventType: EventType.ExecutionStarted,
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
    result: Text,
    failure: FailureDetails | null,
    at: string,
  ) => ({
    EventType: EventType.ExecutionCompleted,
    OrchestrationStatus: status,
    Result: result,
    FailureDetails: failure,
    ...taskFields(id, at),
  }),
  continueAsNew: (id: number, result: Text, at: string) => ({
    EventType: EventType.ContinueAsNew,
    OrchestrationStatus: OrchestrationStatus.ContinuedAsNew,
    Result: result,
    ...taskFields(id, at),
  }),
  executionTerminated: (reason: string | null, at: string) => ({
    EventType: EventType.ExecutionTerminated,
    Input: reason,
    ...messageFields(at),
  }),
  executionSuspended: (reason: string | null, at: string) => ({
    EventType: EventType.ExecutionSuspended,
    Reason: reason,
    ...messageFields(at),
  }),
  executionResumed: (reason: string | null, at: string) => ({
    EventType: EventType.ExecutionResumed,
    Reason: reason,
    ...messageFields(at),
  }),
  generic: (data: string | null, id: number, at: string) => ({
    Data: data,
    EventType: EventType.GenericEvent,
    ...taskFields(id, at),
  }),
  taskScheduled: (id: number, name: string, at: string) => ({
    EventType: EventType.TaskScheduled,
    Name: name,
    Version: '',
    Input: null,
    ParentTraceContext: null,
    Tags: null,
    ...taskFields(id, at),
  }),
  taskCompleted: (id: number, result: Text, at: string) => ({
    EventType: EventType.TaskCompleted,
    TaskScheduledId: id,
    Result: result,
    ...messageFields(at),
  }),
  taskFailed: (
    id: number,
    reason: string | null,
    details: string | null,
    failure: FailureDetails | null,
    at: string,
  ) => ({
    EventType: EventType.TaskFailed,
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
  ) => ({
    EventType: EventType.SubOrchestrationInstanceCreated,
    Name: name,
    Version: version,
    InstanceId: instanceId,
    Input: null,
    ClientSpanId: null,
    Tags: null,
    ...taskFields(id, at),
  }),
  subOrchestrationCompleted: (id: number, result: Text, at: string) => ({
    EventType: EventType.SubOrchestrationInstanceCompleted,
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
  ) => ({
    EventType: EventType.SubOrchestrationInstanceFailed,
    TaskScheduledId: id,
    Reason: reason,
    Details: details,
    FailureDetails: failure,
    ...messageFields(at),
  }),
  timerCreated: (id: number, fireAt: string, at: string) => ({
    EventType: EventType.TimerCreated,
    FireAt: fireAt,
    ...taskFields(id, at),
  }),
  timerFired: (id: number, fireAt: string, at: string) => ({
    EventType: EventType.TimerFired,
    TimerId: id,
    FireAt: fireAt,
    ...messageFields(at),
  }),
  eventSent: (id: number, instanceId: string, name: string, input: Text, at: string) => ({
    EventType: EventType.EventSent,
    InstanceId: instanceId,
    Name: name,
    Input: input,
    ...taskFields(id, at),
  }),
  eventRaised: (name: string, input: Text, at: string) => ({
    EventType: EventType.EventRaised,
    Name: name,
    Input: input,
    ParentTraceContext: null,
    ...messageFields(at),
  }),
};

type Made<Kind extends keyof typeof newEvent> = Readonly<ReturnType<(typeof newEvent)[Kind]>>;
export type ExecutionStarted = Made<'executionStarted'>;
export type EventRaised = Made<'eventRaised'>;
export type EventSent = Made<'eventSent'>;
export type TaskScheduled = Made<'taskScheduled'>;
export type TaskCompleted = Made<'taskCompleted'>;
export type TaskFailed = Made<'taskFailed'>;
export type TimerCreated = Made<'timerCreated'>;
export type SubOrchestrationCreated = Made<'subOrchestrationCreated'>;

export type HistoryEvent = Made<keyof typeof newEvent>;

/** Events that reach an instance from outside of its own turn. */
export type MessageEvent = Made<
  | 'executionStarted'
  | 'executionTerminated'
  | 'taskCompleted'
  | 'taskFailed'
  | 'subOrchestrationCompleted'
  | 'subOrchestrationFailed'
  | 'timerFired'
  | 'eventRaised'
  | 'executionSuspended'
  | 'executionResumed'
  | 'generic'
>;

/** An event and its JSON text, so that it is serialised only once. */
export interface SerialisedEvent<Event extends HistoryEvent = HistoryEvent> {
  readonly event: Event;
  readonly text: string;
}

export const serialise = <Event extends HistoryEvent>(event: Event): SerialisedEvent<Event> => ({
  event,
  text: JSON.stringify(event),
});
