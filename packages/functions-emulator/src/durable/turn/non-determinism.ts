/** Compares the tasks in the history with the actions of the current replay, with the real host's messages. */
import {
  type EventSent,
  EventType,
  type HistoryEvent,
  OrchestrationStatus,
  type SubOrchestrationCreated,
  type TaskScheduled,
  type TimerCreated,
} from '../history-events.js';
import { type DescribedAction, describeAction, type OrchestratorAction } from './orchestrator-actions.js';

/** The orchestrator's code diverges from its history. Ends the instance as Failed. */
export class NonDeterminismError extends Error {
  override readonly name = 'NonDeterminismError';

  constructor(
    readonly eventId: number,
    text: string,
    readonly expected: string,
    readonly found: string,
  ) {
    super(
      `Non-Deterministic workflow detected: A previous execution of this orchestration scheduled ${text} Was a change made to the orchestrator code after this instance had already started running?`,
    );
  }
}

/** An event by which the history says that the orchestrator has scheduled a task. */
export type TaskEvent = TaskScheduled | TimerCreated | SubOrchestrationCreated | EventSent;

interface Matcher<Event> {
  /** The kind of action that fits. */
  readonly action: OrchestratorAction['kind'];
  /** The message if there is no action of this id. */
  readonly missing: (event: Event) => string;
  /** … if it is of another kind. */
  readonly otherKind: (event: Event, kind: string) => string;
  /** … if it has another name; absent for a task without one. */
  readonly otherName?: (event: Event, name: string) => string;
}

const missing = "the current replay execution hasn't (yet?) scheduled this task.";
const replay = 'the current orchestration replay instead';
const activity = ({ EventId, Name }: TaskScheduled): string =>
  `an activity task with sequence number ${EventId} named '${Name}', but ${replay}`;
const child = ({ EventId, Name, Version, InstanceId }: SubOrchestrationCreated): string =>
  `a sub-orchestration task with sequence ID ${EventId} and name '${Name}' (version '${Version ?? ''}', instance ID '${InstanceId}')`;
const sent = ({ EventId, Name, InstanceId }: EventSent, comma: string): string =>
  `a send event task with sequence ID ${EventId}, type 'EventSent'${comma} name '${Name}', instance ID '${InstanceId}'`;

/** The texts are DurableTask.Core's, with their slips. */
const MATCHERS: { readonly [Event in TaskEvent as Event['EventType']]: Matcher<Event> } = {
  [EventType.TaskScheduled]: {
    action: 'activity',
    missing: ({ EventId, Name, Version }) =>
      `an activity task with sequence ID ${EventId} and name '${Name}' (version '${Version ?? ''}'), but ${missing}`,
    otherKind: (event, kind) => `${activity(event)} produced a ${kind} action with this sequence number.`,
    otherName: (event, name) =>
      `${activity(event)} scheduled an activity task named '${name}' with this sequence number. `,
  },
  [EventType.TimerCreated]: {
    action: 'timer',
    missing: ({ EventId }) => `a timer task with sequence number ${EventId} but ${missing}`,
    otherKind: ({ EventId }, kind) =>
      `a timer task with sequence number ${EventId} named but ${replay} produced a ${kind} action with this sequence number.`,
  },
  [EventType.SubOrchestrationInstanceCreated]: {
    action: 'subOrchestration',
    missing: (event) => `${child(event)}, but ${missing}`,
    otherKind: (event, kind) =>
      `${child(event)}, but ${replay} produced a ${kind} action at this sequence number.`,
    otherName: (event, name) =>
      `${child(event)}, but ${replay} scheduled a sub-orchestration task with name ${name} at this sequence number.`,
  },
  [EventType.EventSent]: {
    action: 'sendEvent',
    missing: (event) => `${sent(event, '')}, but ${missing}`,
    otherKind: (event, kind) =>
      `${sent(event, ',')}, but ${replay} scheduled a ${kind} task at this sequence number.`,
    otherName: (event, name) =>
      `${sent(event, ',')}), but ${replay} scheduled a send event task with name ${name}at this sequence number.`,
  },
};

/** The names of actions in the real host's messages. */
const ACTION_NAMES: Readonly<Record<OrchestratorAction['kind'], string>> = {
  activity: 'ScheduleTaskOrchestratorAction',
  timer: 'CreateTimerOrchestratorAction',
  subOrchestration: 'CreateSubOrchestrationAction',
  sendEvent: 'SendEventOrchestratorAction',
  complete: 'OrchestrationCompleteOrchestratorAction',
  continueAsNew: 'OrchestrationCompleteOrchestratorAction',
};

/** @throws NonDeterminismError if the action is not the one that the event is about. */
export function matchAction(event: TaskEvent, action: OrchestratorAction | undefined): void {
  const matcher = MATCHERS[event.EventType] as Matcher<TaskEvent>;
  const mismatch = (text: string): NonDeterminismError =>
    new NonDeterminismError(event.EventId, text, describeEvent(event), describeAction(action));
  if (action === undefined) throw mismatch(matcher.missing(event));
  if (action.kind !== matcher.action) throw mismatch(matcher.otherKind(event, ACTION_NAMES[action.kind]));
  if (!('Name' in event) || !('name' in action)) return;
  if (action.name.toLowerCase() !== event.Name.toLowerCase())
    throw mismatch(matcher.otherName?.(event, action.name) ?? '');
}

/** What the orchestrator did according to the event, in the words of `describeAction`. */
export const describeEvent = (event: HistoryEvent): string => describeAction(actionOf(event));

function actionOf(event: HistoryEvent): DescribedAction {
  switch (event.EventType) {
    case EventType.ExecutionCompleted:
      return { kind: 'complete', status: statusOf(event.OrchestrationStatus) };
    case EventType.TaskScheduled:
      return { kind: 'activity', name: event.Name };
    case EventType.SubOrchestrationInstanceCreated:
      return { kind: 'subOrchestration', name: event.Name };
    case EventType.TimerCreated:
      return { kind: 'timer' };
    case EventType.EventSent:
      return { kind: 'sendEvent', name: event.Name, instanceId: event.InstanceId };
    default:
      return { kind: 'continueAsNew' };
  }
}

function statusOf(status: number): 'Completed' | 'Failed' | 'Terminated' {
  if (status === OrchestrationStatus.Completed) return 'Completed';
  return status === OrchestrationStatus.Terminated ? 'Terminated' : 'Failed';
}
