/** Turns the decisions of a turn into history, work and messages. Pure: ids and times come in. */
import {
  type EventRaised,
  type HistoryEvent,
  type MessageEvent,
  make,
  OrchestrationStatus,
  type ParentInstance,
  timestamp,
} from './history.js';
import { type Completion, type Decision, jsonText } from './turn/decisions.js';

export interface Outgoing {
  /** Events of the turn's own history, in order. */
  readonly events: HistoryEvent[];
  readonly tasks: { readonly taskId: number; readonly name: string; readonly input: string | null }[];
  readonly messages: OutgoingMessage[];
  readonly completion: Completion | undefined;
  readonly again: { readonly input: string | null; readonly carryOver: readonly EventRaised[] } | undefined;
}

export interface OutgoingMessage {
  readonly instanceId: string;
  /** Only for this execution; null = for whichever there is. */
  readonly executionId: string | null;
  readonly visibleAt: number;
  readonly event: MessageEvent;
}

export interface Sender {
  readonly instanceId: string;
  readonly executionId: string;
  readonly name: string;
  readonly version: string | null;
  /** Of children that are called without one. */
  readonly defaultVersion: string | null;
  readonly parent: ParentInstance | null;
}

export function dispatch(
  decisions: readonly Decision[],
  sender: Sender,
  now: number,
  newExecutionId: () => string,
): Outgoing {
  const at = timestamp(now);
  const out: { -readonly [K in keyof Outgoing]: Outgoing[K] } = {
    events: [],
    tasks: [],
    messages: [],
    completion: undefined,
    again: undefined,
  };
  for (const decision of decisions) {
    switch (decision.kind) {
      case 'activity':
        out.events.push(make.taskScheduled(decision.id, decision.name, at));
        out.tasks.push({ taskId: decision.id, name: decision.name, input: jsonText(decision.input) });
        break;
      case 'timer':
        out.events.push(make.timerCreated(decision.id, decision.fireAt, at));
        out.messages.push({
          instanceId: sender.instanceId,
          executionId: sender.executionId,
          visibleAt: Date.parse(decision.fireAt),
          event: make.timerFired(decision.id, decision.fireAt, decision.fireAt),
        });
        break;
      case 'child':
        out.events.push(
          make.childCreated(
            decision.id,
            decision.name,
            childVersion(decision, sender),
            decision.instanceId,
            at,
          ),
        );
        out.messages.push(childStart(decision, sender, now, newExecutionId()));
        break;
      case 'event':
        out.events.push(make.eventSent(decision.id, decision.instanceId, decision.name, decision.input, at));
        out.messages.push({
          instanceId: decision.instanceId,
          executionId: null,
          visibleAt: now,
          event: make.eventRaised(decision.name, decision.input, at),
        });
        break;
      case 'complete': {
        out.completion = decision;
        out.events.push(
          make.executionCompleted(
            decision.id,
            OrchestrationStatus[decision.status],
            decision.result,
            decision.failure,
            at,
          ),
        );
        const answer = answerToParent(decision, sender.parent, now);
        if (answer !== undefined) out.messages.push(answer);
        break;
      }
      case 'again':
        out.events.push(make.continueAsNew(decision.id, decision.input, at));
        out.again = { input: decision.input, carryOver: decision.carryOver };
        break;
    }
  }
  return out;
}

type Child = Extract<Decision, { kind: 'child' }>;

const childVersion = ({ version }: Child, { defaultVersion }: Sender): string | null =>
  version ?? defaultVersion;

function childStart(decision: Child, sender: Sender, now: number, executionId: string): OutgoingMessage {
  return {
    instanceId: decision.instanceId,
    executionId: null,
    visibleAt: now,
    event: make.executionStarted(
      {
        OrchestrationInstance: { InstanceId: decision.instanceId, ExecutionId: executionId },
        ParentInstance: {
          Name: sender.name,
          OrchestrationInstance: { InstanceId: sender.instanceId, ExecutionId: sender.executionId },
          TaskScheduleId: decision.id,
          Version: sender.version,
        },
        Name: decision.name,
        Version: childVersion(decision, sender),
        Input: jsonText(decision.input),
        Generation: null,
      },
      timestamp(now),
    ),
  };
}

function answerToParent(
  completion: Completion,
  parent: ParentInstance | null,
  now: number,
): OutgoingMessage | undefined {
  if (parent === null) return undefined;
  const at = timestamp(now);
  return {
    instanceId: parent.OrchestrationInstance.InstanceId,
    executionId: parent.OrchestrationInstance.ExecutionId,
    visibleAt: now,
    event:
      completion.status === 'Completed'
        ? make.childCompleted(parent.TaskScheduleId, completion.result, at)
        : make.childFailed(
            parent.TaskScheduleId,
            completion.result,
            completion.details,
            completion.failure,
            at,
          ),
  };
}
