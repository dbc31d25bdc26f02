/**
 * Safe upgrades: exports the history of an instance, and replays it against the current code. The code must schedule the
 * same tasks in the same order.
 */

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { HostError } from '../errors.js';
import type { Divergence, ExportedHistory, ReplayResult } from '../types.js';
import type { FunctionDefinition, InvocationRequest, InvocationResult } from '../worker/worker-types.js';
import type { DurableStore, InstanceRow } from './durable-store.js';
import { storedEventText, triggerMembers } from './execute-turn.js';
import { readOrchestratorResponse } from './failure-texts.js';
import { EventType, type ExecutionStarted, type HistoryEvent } from './history-events.js';
import { executeOrchestration, type TurnResult } from './turn/execute-orchestration.js';
import { describeEvent } from './turn/non-determinism.js';
import { actionsStillPerformed, describeAction } from './turn/orchestrator-actions.js';
import type { KnownFunctions } from './turn/out-of-proc-shim.js';

const exported = z.object({
  format: z.literal(1),
  instanceId: z.string(),
  name: z.string(),
  runtimeStatus: z.string(),
  events: z
    .array(z.looseObject({ EventType: z.number(), EventId: z.number(), Timestamp: z.string() }))
    .min(2),
});

/** @returns undefined if the instance does not exist, or has not had a turn yet */
export function exportHistory(
  row: InstanceRow | undefined,
  durableStore: DurableStore,
): ExportedHistory | undefined {
  if (row === undefined) return undefined;
  const events = JSON.parse(
    `[${durableStore
      .history(row.id)
      .map((turn) => turn.events)
      .join(',')}]`,
  ) as Readonly<Record<string, unknown>>[];
  if (events.length === 0) return undefined;
  return { format: 1, instanceId: row.id, name: row.name, runtimeStatus: row.status, events };
}

export interface ReplayRunner {
  readonly functions: readonly FunctionDefinition[];
  readonly known: KnownFunctions;
  readonly invoke: (request: InvocationRequest) => Promise<InvocationResult>;
}

/** @throws HostError `data-version` if it is not an exported history, `app-failed` if the app could not answer. */
export async function replayExportedHistory(runner: ReplayRunner, history: unknown): Promise<ReplayResult> {
  const parsed = exported.safeParse(history);
  if (!parsed.success) {
    throw new HostError('data-version', `This is not an exported history: ${z.prettifyError(parsed.error)}`);
  }
  const { instanceId, name } = parsed.data;
  const events = parsed.data.events as unknown as HistoryEvent[];
  const last = events.findLastIndex((event) => event.EventType === EventType.OrchestratorStarted);
  const decided = events.slice(last).filter(isDecision);
  // The code must not see the actions of the last turn: it is about to produce them.
  const known = [
    ...events.slice(0, last),
    ...events
      .slice(last)
      .filter((event) => !isDecision(event) && event.EventType !== EventType.OrchestratorCompleted),
  ];
  const start = known.find(
    (event): event is ExecutionStarted => event.EventType === EventType.ExecutionStarted,
  );
  const fail = (
    at: Pick<Divergence, 'index' | 'eventId' | 'expected' | 'found'>,
    stillPerformed: readonly string[] = [],
  ): ReplayResult => ({
    same: false,
    instanceId,
    name,
    divergence: {
      ...at,
      stillDone: stillPerformed,
      message: `${name}: event ${at.index} (task ${at.eventId}) of the history of ${instanceId} is ${at.expected}, the code now does ${at.found}.${stillPerformed.length === 0 ? '' : ` Azure would still do: ${stillPerformed.join(', ')}.`}`,
    },
  });
  const definition = runner.functions.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (definition === undefined || start === undefined) {
    return fail({
      index: 1,
      eventId: -1,
      expected: `a start of ${name}`,
      found: 'nothing: there is no such orchestrator',
    });
  }
  const parentInstanceId = start.ParentInstance?.OrchestrationInstance.InstanceId;
  const executionId = start.OrchestrationInstance.ExecutionId;
  const newEvents = known.map(storedEventText).join(',');
  const otherMembers = triggerMembers(instanceId, parentInstanceId, last > 0);
  const response = readOrchestratorResponse(
    await runner.invoke({
      functionName: definition.name,
      invocationId: randomUUID(),
      inputs: [{ name: definition.triggerName, data: {} }],
      triggerMetadata: {},
      turn: { executionId, pastEvents: { turns: 0, texts: () => [] }, newEvents, otherMembers },
    }),
  );
  if (response === undefined)
    throw new HostError('app-failed', `The app's thread ended while it replayed ${instanceId}.`);
  const turnOver = (history: readonly HistoryEvent[]): TurnResult =>
    executeOrchestration({
      identity: { instanceId, executionId, parentInstanceId },
      name,
      history,
      response,
      known: runner.known,
    });
  const turn = turnOver(known);
  const hasEnded = events.some(({ EventType: type }) => type === EventType.ExecutionCompleted);
  // The next turn on Azure would see the last turn's actions, too.
  const stillPerformed = hasEnded ? [] : actionsStillPerformed(turnOver(events).actions);
  if (turn.divergence !== undefined) {
    const { eventId, expected, found } = turn.divergence;
    const index = events.findIndex((event) => isDecision(event) && event.EventId === eventId);
    return fail({ index, eventId, expected, found }, stillPerformed);
  }
  for (const [order, event] of decided.entries()) {
    const [expected, found] = [describeEvent(event), describeAction(turn.actions[order])];
    if (expected !== found)
      return fail({ index: events.indexOf(event), eventId: event.EventId, expected, found }, stillPerformed);
  }
  const more = turn.actions[decided.length];
  if (more !== undefined) {
    return fail(
      {
        index: events.length - 1,
        eventId: more.id,
        expected: 'the end of the turn',
        found: describeAction(more),
      },
      stillPerformed,
    );
  }
  return { same: true, instanceId, name };
}

const DECISIONS: readonly number[] = [
  EventType.ExecutionCompleted,
  EventType.TaskScheduled,
  EventType.SubOrchestrationInstanceCreated,
  EventType.TimerCreated,
  EventType.EventSent,
  EventType.ContinueAsNew,
];
const isDecision = (event: HistoryEvent): boolean => DECISIONS.includes(event.EventType);
