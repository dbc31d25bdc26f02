/** Turns a turn's actions into history events, activities and messages. Pure: ids and times are parameters. */
import {
  type EventRaised,
  type HistoryEvent,
  type MessageEvent,
  newEvent,
  OrchestrationStatus,
  type ParentInstance,
  timestamp,
} from './history-events.js';
import { type CompleteAction, jsonText, type OrchestratorAction } from './turn/orchestrator-actions.js';

export interface ProcessedActions {
  /** Events of the turn's own history, in order. */
  readonly events: HistoryEvent[];
  readonly tasks: { readonly taskId: number; readonly name: string; readonly input: string | null }[];
  readonly messages: OutgoingMessage[];
  readonly completion: CompleteAction | undefined;
  readonly continueAsNew:
    | { readonly input: string | null; readonly carryOver: readonly EventRaised[] }
    | undefined;
}

export interface OutgoingMessage {
  readonly instanceId: string;
  /** Only for this execution; null = for whichever there is. */
  readonly executionId: string | null;
  readonly visibleAt: number;
  readonly event: MessageEvent;
}

export interface SourceInstance {
  readonly instanceId: string;
  readonly executionId: string;
  readonly name: string;
  readonly version: string | null;
  /** For sub-orchestrations that are called without one. */
  readonly defaultVersion: string | null;
  readonly parent: ParentInstance | null;
}

export function processActions(
  actions: readonly OrchestratorAction[],
  source: SourceInstance,
  now: number,
  newExecutionId: () => string,
): ProcessedActions {
  const at = timestamp(now);
  const out: { -readonly [K in keyof ProcessedActions]: ProcessedActions[K] } = {
    events: [],
    tasks: [],
    messages: [],
    completion: undefined,
    continueAsNew: undefined,
  };
  for (const action of actions) {
    switch (action.kind) {
      case 'activity':
        out.events.push(newEvent.taskScheduled(action.id, action.name, at));
        out.tasks.push({ taskId: action.id, name: action.name, input: jsonText(action.input) });
        break;
      case 'timer':
        out.events.push(newEvent.timerCreated(action.id, action.fireAt, at));
        out.messages.push({
          instanceId: source.instanceId,
          executionId: source.executionId,
          visibleAt: Date.parse(action.fireAt),
          event: newEvent.timerFired(action.id, action.fireAt, action.fireAt),
        });
        break;
      case 'subOrchestration':
        out.events.push(
          newEvent.subOrchestrationCreated(
            action.id,
            action.name,
            subOrchestrationVersion(action, source),
            action.instanceId,
            at,
          ),
        );
        out.messages.push(subOrchestrationStart(action, source, now, newExecutionId()));
        break;
      case 'sendEvent':
        out.events.push(newEvent.eventSent(action.id, action.instanceId, action.name, action.input, at));
        out.messages.push({
          instanceId: action.instanceId,
          executionId: null,
          visibleAt: now,
          event: newEvent.eventRaised(action.name, action.input, at),
        });
        break;
      case 'complete': {
        out.completion = action;
        out.events.push(
          newEvent.executionCompleted(
            action.id,
            OrchestrationStatus[action.status],
            action.result,
            action.failure,
            at,
          ),
        );
        const toParent = parentMessage(action, source.parent, now);
        if (toParent !== undefined) out.messages.push(toParent);
        break;
      }
      case 'continueAsNew':
        out.events.push(newEvent.continueAsNew(action.id, action.input, at));
        out.continueAsNew = { input: action.input, carryOver: action.carryOver };
        break;
    }
  }
  return out;
}

type SubOrchestrationAction = Extract<OrchestratorAction, { kind: 'subOrchestration' }>;

const subOrchestrationVersion = (
  { version }: SubOrchestrationAction,
  { defaultVersion }: SourceInstance,
): string | null => version ?? defaultVersion;

function subOrchestrationStart(
  action: SubOrchestrationAction,
  source: SourceInstance,
  now: number,
  executionId: string,
): OutgoingMessage {
  return {
    instanceId: action.instanceId,
    executionId: null,
    visibleAt: now,
    event: newEvent.executionStarted(
      {
        OrchestrationInstance: { InstanceId: action.instanceId, ExecutionId: executionId },
        ParentInstance: {
          Name: source.name,
          OrchestrationInstance: { InstanceId: source.instanceId, ExecutionId: source.executionId },
          TaskScheduleId: action.id,
          Version: source.version,
        },
        Name: action.name,
        Version: subOrchestrationVersion(action, source),
        Input: jsonText(action.input),
        Generation: null,
      },
      timestamp(now),
    ),
  };
}

function parentMessage(
  completion: CompleteAction,
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
        ? newEvent.subOrchestrationCompleted(parent.TaskScheduleId, completion.result, at)
        : newEvent.subOrchestrationFailed(
            parent.TaskScheduleId,
            completion.result,
            completion.details,
            completion.failure,
            at,
          ),
  };
}
