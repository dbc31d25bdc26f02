/** Executes one turn of an orchestration: invokes the app, determines the actions, and collects everything to commit. */

import type {
  FunctionDefinition,
  InvocationRequest,
  InvocationResult,
  PastEvents,
  TurnData,
} from '../worker/worker-types.js';
import type { ActivityWorkItem, InstanceRow } from './durable-store.js';
import { readOrchestratorResponse } from './failure-texts.js';
import {
  EventType,
  type ExecutionStarted,
  type FailureDetails,
  type HistoryEvent,
  type MessageEvent,
  newEvent,
  type SerialisedEvent,
  serialise,
  timestamp,
} from './history-events.js';
import { type OutgoingMessage, processActions, type SourceInstance } from './process-actions.js';
import {
  executeOrchestration,
  failedTurn,
  type OrchestratorResponse,
  type TurnResult,
} from './turn/execute-orchestration.js';
import type { CompleteAction } from './turn/orchestrator-actions.js';
import type { KnownFunctions } from './turn/out-of-proc-shim.js';

/** The history of the current execution: as objects for the turn, and as the JSON texts that the app gets. */
export interface ExecutionHistory extends PastEvents {
  readonly events: HistoryEvent[];
}

export interface TurnContext {
  /** Needed only when the code is invoked; the message becomes the instance's output. */
  readonly definition: FunctionDefinition | { readonly notFoundMessage: string };
  readonly known: KnownFunctions;
  readonly defaultVersion: string | null;
  /** If set, the instance fails with it and is not executed. */
  readonly versionFailure: FailureDetails | undefined;
  readonly invoke: (request: InvocationRequest) => Promise<InvocationResult>;
  readonly now: () => number;
  readonly newId: () => string;
}

export interface TurnOutcome {
  readonly row: InstanceRow;
  /** Replaces what there was, when the instance has continued as new. */
  readonly replacesHistory: boolean;
  readonly events: readonly HistoryEvent[];
  readonly text: string;
  readonly workItems: readonly ActivityWorkItem[];
  readonly messages: readonly OutgoingMessage[];
  /** One for each generation that was executed. */
  readonly results: readonly TurnResult[];
}

const withIsPlayed = (text: string, played: boolean): string => `${text.slice(0, -1)},"IsPlayed":${played}}`;

/** Received events are marked as played once their turn is committed; events that the turn adds are not. */
const isMessage = (event: HistoryEvent): boolean => event.EventType !== EventType.OrchestratorStarted;

/**
 * @param messages the new messages, in order; the first is the start, if the history is empty.
 * @returns undefined if the app's thread ended before it answered: nothing has happened then.
 */
export async function executeTurn(
  context: TurnContext,
  row: InstanceRow,
  history: ExecutionHistory,
  messages: readonly SerialisedEvent<MessageEvent>[],
): Promise<TurnOutcome | undefined> {
  let pastEvents = history;
  let incoming: SerialisedEvent[] = [
    serialise(newEvent.orchestratorStarted(timestamp(context.now()))),
    ...messages,
  ];
  let carried = 0;
  let current = row;
  const workItems: ActivityWorkItem[] = [];
  const outgoing: OutgoingMessage[] = [];
  const results: TurnResult[] = [];
  for (;;) {
    const newEvents = incoming.map(({ event }) => event);
    const start = (pastEvents.events.find(isStart) ?? newEvents.find(isStart)) as ExecutionStarted;
    const executionId = start.OrchestrationInstance.ExecutionId;
    const parentInstanceId = start.ParentInstance?.OrchestrationInstance.InstanceId;
    const firstCarried = incoming.length - 1 - carried;
    const newEventsText = incoming
      .map(({ text }, index) =>
        withIsPlayed(text, carried > 0 && index >= firstCarried && index < incoming.length - 1),
      )
      .join(',');
    const otherMembers = triggerMembers(row.id, parentInstanceId, pastEvents.events.length > 0);
    let result: TurnResult;
    if (context.versionFailure !== undefined)
      result = failedTurn(context.versionFailure, pastEvents.events.length, current.customStatus);
    else {
      const response = await invokeOrchestrator(context, start, {
        executionId,
        pastEvents,
        newEvents: newEventsText,
        otherMembers,
      });
      if (response === undefined) return undefined;
      result = executeOrchestration({
        identity: { instanceId: row.id, executionId, parentInstanceId },
        name: row.name,
        history: concatenated(pastEvents.events, newEvents),
        response,
        known: context.known,
      });
    }
    results.push(result);
    const source: SourceInstance = {
      instanceId: row.id,
      executionId,
      name: row.name,
      version: start.Version,
      defaultVersion: context.defaultVersion,
      parent: start.ParentInstance,
    };
    const now = context.now();
    const childExecutionId = (): string => context.newId().replaceAll('-', '');
    const out = processActions(result.actions, source, now, childExecutionId);
    for (const task of out.tasks)
      workItems.push({ instanceId: row.id, executionId, isNew: pastEvents.turns === 0, ...task });
    outgoing.push(...out.messages);
    if (out.continueAsNew !== undefined) {
      const nextId = childExecutionId();
      const next = newEvent.executionStarted(
        {
          ...start,
          OrchestrationInstance: { InstanceId: row.id, ExecutionId: nextId },
          Input: out.continueAsNew.input,
          Generation: null,
        },
        timestamp(now),
      );
      carried = out.continueAsNew.carryOver.length;
      incoming = [
        newEvent.orchestratorStarted(timestamp(now)),
        next,
        ...out.continueAsNew.carryOver,
        newEvent.orchestratorCompleted(timestamp(now)),
      ].map(serialise);
      pastEvents = { events: [], turns: 0, texts: () => [] };
      // A null input does not overwrite the previous one in the status, as in the real host's table.
      const earlierInput = out.continueAsNew.input === null ? (start.Input ?? current.earlierInput) : null;
      current = { ...current, executionId: nextId, earlierInput };
      continue;
    }
    const written = [...incoming, ...out.events.map(serialise)];
    if (written.at(-1)?.event.EventType !== EventType.OrchestratorCompleted)
      written.push(serialise(newEvent.orchestratorCompleted(timestamp(now))));
    const { completion } = out;
    const suspended = completion === undefined && result.observations.suspended;
    return {
      row: {
        ...current,
        status: completion?.status ?? (suspended ? 'Suspended' : 'Running'),
        output: outputOf(completion) ?? (suspended ? suspensionReason(pastEvents.events, newEvents) : null),
        customStatus: result.customStatus,
        updatedAt: now,
      },
      replacesHistory: pastEvents !== history,
      events: written.map(({ event }) => event),
      text: written
        .map(({ event, text }, index) => withIsPlayed(text, index < incoming.length && isMessage(event)))
        .join(','),
      workItems,
      messages: outgoing,
      results,
    };
  }
}

/** The response of the app's code, or the reason why it could not be invoked; undefined if its thread ended. */
async function invokeOrchestrator(
  context: TurnContext,
  start: ExecutionStarted,
  turn: TurnData,
): Promise<OrchestratorResponse | undefined> {
  const { definition } = context;
  if ('notFoundMessage' in definition)
    return { kind: 'failed', message: definition.notFoundMessage, details: null };
  // A start without a body leaves an empty text; the real host fails before it invokes the app.
  if (start.Input === '') {
    const message = `One or more errors occurred. (Exception while executing function: Functions.${definition.name})`;
    return { kind: 'failed', message, details: null };
  }
  const result = await context.invoke({
    functionName: definition.name,
    invocationId: context.newId(),
    inputs: [{ name: definition.triggerName, data: {} }],
    triggerMetadata: {},
    turn,
  });
  return readOrchestratorResponse(result);
}

/** Of a failure with details the status shows these alone. */
function outputOf(completion: CompleteAction | undefined): string | null {
  const failure = completion?.failure;
  return failure ? `${failure.ErrorType}: ${failure.ErrorMessage}` : (completion?.result ?? null);
}

const isStart = (event: HistoryEvent): boolean => event.EventType === EventType.ExecutionStarted;

function* concatenated(
  past: readonly HistoryEvent[],
  added: readonly HistoryEvent[],
): Generator<HistoryEvent> {
  yield* past;
  yield* added;
}

function suspensionReason(past: readonly HistoryEvent[], added: readonly HistoryEvent[]): string | null {
  const reasons = [...past, ...added].flatMap((event) =>
    event.EventType === EventType.ExecutionSuspended ? [event.Reason] : [],
  );
  // A suspension without a reason keeps the previous reason.
  return reasons.findLast((reason) => reason !== null) ?? null;
}

/** An event as it was stored, with its IsPlayed flag. */
export const storedEventText = (event: HistoryEvent): string =>
  'IsPlayed' in event ? JSON.stringify(event) : withIsPlayed(JSON.stringify(event), false);

/** The trigger's members besides history and input, as the real host lays them out for schema version 4. */
export function triggerMembers(
  instanceId: string,
  parentInstanceId: string | undefined,
  isReplaying: boolean,
): string {
  return JSON.stringify({
    instanceId,
    isReplaying,
    parentInstanceId: parentInstanceId ?? null,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 3,
    longRunningTimerIntervalDuration: '3.00:00:00',
    maximumShortTimerDuration: '6.00:00:00',
    defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
  });
}
