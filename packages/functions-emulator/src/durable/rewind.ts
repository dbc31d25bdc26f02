/**
 * Takes back what made an instance fail, so that it can try again: as on the real host, the failed events keep their
 * places but become events without a meaning, and what succeeded stays.
 */

import type { DurableStore, HistoryChunk, InstanceRow } from './durable-store.js';
import { EventType, type HistoryEvent } from './history-events.js';

export interface RewoundInstance {
  readonly row: InstanceRow;
  readonly history: readonly HistoryChunk[];
  /** Whether it gets a turn of its own; a parent waits for its children instead. */
  readonly resumes: boolean;
}

type Stored = HistoryEvent & { readonly IsPlayed: boolean };

/** Adds the instance, and all failed children below it, to the list. */
export function collectRewound(
  id: string,
  find: (id: string) => InstanceRow | undefined,
  durableStore: DurableStore,
  list: RewoundInstance[],
): void {
  const row = find(id);
  if (row?.status !== 'Failed' || list.some((other) => other.row.id === id)) return;
  const turns = durableStore.history(id).map(({ turn, events, workItems }) => ({
    turn,
    workItems,
    events: JSON.parse(`[${events}]`) as Stored[],
  }));
  const all = turns.flatMap(({ events }) => events);
  const failedTasks = new Set(
    all.flatMap((event) => (event.EventType === EventType.TaskFailed ? [event.TaskScheduledId] : [])),
  );
  const failedChildren = new Set(
    all.flatMap((event) =>
      event.EventType === EventType.SubOrchestrationInstanceFailed ? [event.TaskScheduledId] : [],
    ),
  );
  const isRewound = (event: Stored): boolean =>
    event.EventType === EventType.ExecutionCompleted ||
    event.EventType === EventType.TaskFailed ||
    event.EventType === EventType.SubOrchestrationInstanceFailed ||
    (event.EventType === EventType.TaskScheduled && failedTasks.has(event.EventId));
  list.push({
    row,
    history: turns.map(({ turn, events, workItems }) => ({
      turn,
      workItems: workItems === null || ended(events) ? null : withoutFailed(workItems, failedTasks),
      events: events
        .map((event) => JSON.stringify(isRewound(event) ? toGenericEvent(event) : event))
        .join(','),
    })),
    resumes: failedChildren.size === 0,
  });
  for (const event of all) {
    if (event.EventType === EventType.SubOrchestrationInstanceCreated && failedChildren.has(event.EventId))
      collectRewound(event.InstanceId, find, durableStore, list);
  }
}

/** Failed activities are scheduled again, under the same id. */
const withoutFailed = (workItems: string, failed: ReadonlySet<number>): string =>
  JSON.stringify(
    (JSON.parse(workItems) as [number, ...unknown[]][]).filter(([taskId]) => !failed.has(taskId)),
  );

/** Activities of the turn in which it failed did run, but their results are not awaited. */
const ended = (events: readonly Stored[]): boolean =>
  events.some((event) => event.EventType === EventType.ExecutionCompleted);

const toGenericEvent = ({ EventId, Timestamp, IsPlayed }: Stored): object => ({
  Data: null,
  EventType: EventType.GenericEvent,
  EventId,
  Timestamp,
  IsPlayed,
});
