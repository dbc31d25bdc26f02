/** How the management API shows instances and their history. */
import { parseLenientJson } from '../../json/lenient-json.js';
import type { InstanceRow } from '../durable-store.js';
import { EventType, type HistoryEvent, OrchestrationStatus } from '../history-events.js';
import { parseJsonOrText } from '../runtime-status.js';
import { schedulerBody, schedulerStatus } from './entity-status-response.js';
import { ManagementError } from './management-error.js';

const seconds = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

export function statusBody(row: InstanceRow, input: string | null): Record<string, unknown> {
  return {
    name: row.entityState === null ? row.name : row.id,
    instanceId: row.id,
    runtimeStatus: row.status,
    input: row.entityState === null ? shownInput(input) : schedulerBody(row),
    customStatus: row.entityState === null ? parseJsonOrText(row.customStatus) : schedulerStatus(row),
    output: parseJsonOrText(row.output),
    createdTime: seconds(row.createdAt),
    lastUpdatedTime: seconds(row.updatedAt),
  };
}

function shownInput(input: string | null): unknown {
  try {
    return input === null || input === '' ? input : parseLenientJson(input);
  } catch {
    return input;
  }
}

const NAMES = new Map<number, string>(Object.entries(EventType).map(([name, type]) => [type, name]));

type HistoryEntry = Record<string, unknown>;

interface ScheduledTask {
  readonly entry: HistoryEntry;
  readonly at: string;
  readonly name: string;
}

/**
 * The history as the API returns it: without the events that frame turns, and with each scheduled task merged into its
 * result.
 * @param showOutput whether results are shown
 * @param showInput whether inputs are shown
 */
export function historyBody(
  events: readonly HistoryEvent[],
  showOutput: boolean,
  showInput: boolean,
): HistoryEntry[] {
  const scheduled = new Map<string, ScheduledTask>();
  const list: HistoryEntry[] = [];
  for (const event of events) {
    if (
      event.EventType === EventType.OrchestratorStarted ||
      event.EventType === EventType.OrchestratorCompleted
    )
      continue;
    const {
      EventType: type,
      EventId: id,
      IsPlayed: _,
      ...rest
    } = event as HistoryEvent & { IsPlayed?: boolean };
    const entry: HistoryEntry = { ...rest, EventType: NAMES.get(type) ?? String(type) };
    list.push(entry);
    switch (event.EventType) {
      case EventType.ExecutionStarted:
        for (const key of ['OrchestrationInstance', 'ParentInstance', 'Name', 'Version', 'Tags'])
          delete entry[key];
        entry.FunctionName = event.Name;
        break;
      case EventType.ExecutionCompleted:
        entry.OrchestrationStatus = statusName(event.OrchestrationStatus);
        showResult(entry, showOutput);
        break;
      case EventType.TaskScheduled:
      case EventType.SubOrchestrationInstanceCreated:
        delete entry.Version;
        if (scheduled.has(`${type}_${id}`)) throw sameKey(`${NAMES.get(type)}_${id}`);
        scheduled.set(`${type}_${id}`, { entry, at: event.Timestamp, name: event.Name });
        break;
      case EventType.TaskCompleted:
      case EventType.TaskFailed:
        merge(list, entry, scheduled.get(`4_${event.TaskScheduledId}`));
        break;
      case EventType.SubOrchestrationInstanceCompleted:
      case EventType.SubOrchestrationInstanceFailed:
        merge(list, entry, scheduled.get(`7_${event.TaskScheduledId}`));
        break;
      case EventType.TimerFired:
        delete entry.TimerId;
        break;
    }
    if (
      event.EventType === EventType.TaskCompleted ||
      event.EventType === EventType.SubOrchestrationInstanceCompleted
    )
      showResult(entry, showOutput);
    if (!showInput) delete entry.Input;
  }
  return list;
}

/** The real host fails on two tasks with the same id, which a diverging orchestrator leaves behind. */
const sameKey = (key: string): ManagementError =>
  new ManagementError(400, 'One or more of the arguments submitted is incorrect', {
    type: 'System.ArgumentException',
    message: `An item with the same key has already been added. Key: ${key}`,
  });

const statusName = (status: number): string | undefined =>
  Object.entries(OrchestrationStatus).find(([, number]) => number === status)?.[0];

function showResult(entry: HistoryEntry, showOutput: boolean): void {
  if (showOutput) entry.Result = parseJsonOrText(entry.Result as string | null);
  else delete entry.Result;
}

function merge(list: HistoryEntry[], entry: HistoryEntry, before: ScheduledTask | undefined): void {
  delete entry.TaskScheduledId;
  if (before === undefined) return;
  const place = list.indexOf(before.entry);
  if (place >= 0) list.splice(place, 1);
  entry.ScheduledTime = before.at;
  entry.FunctionName = before.name;
  entry.Input = null;
}
