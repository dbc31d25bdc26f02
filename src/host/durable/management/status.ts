/** How the management API shows instances and their history. */
import { parseLoosely } from '../engine.js';
import { type HistoryEvent, OrchestrationStatus } from '../history.js';
import type { InstanceRow } from '../records.js';

const seconds = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

export function statusBody(row: InstanceRow, input: string | null): Record<string, unknown> {
  return {
    name: row.name,
    instanceId: row.id,
    runtimeStatus: row.status,
    input: parseLoosely(input),
    customStatus: parseLoosely(row.customStatus),
    output: parseLoosely(row.output),
    createdTime: seconds(row.createdAt),
    lastUpdatedTime: seconds(row.updatedAt),
  };
}

const NAMES: Readonly<Record<number, string>> = {
  0: 'ExecutionStarted',
  1: 'ExecutionCompleted',
  3: 'ExecutionTerminated',
  4: 'TaskScheduled',
  5: 'TaskCompleted',
  6: 'TaskFailed',
  7: 'SubOrchestrationInstanceCreated',
  8: 'SubOrchestrationInstanceCompleted',
  9: 'SubOrchestrationInstanceFailed',
  10: 'TimerCreated',
  11: 'TimerFired',
  14: 'EventSent',
  15: 'EventRaised',
  16: 'ContinueAsNew',
  17: 'GenericEvent',
  19: 'ExecutionSuspended',
  20: 'ExecutionResumed',
};

type Shown = Record<string, unknown>;

/**
 * The history as the API gives it out: without the events that only frame turns, and with what was asked for merged
 * into its outcome.
 * @param showOutput whether results and inputs are shown
 */
export function historyBody(events: readonly HistoryEvent[], showOutput: boolean): Shown[] {
  const asked = new Map<
    string,
    { readonly shown: Shown; readonly at: string; readonly name: string | undefined }
  >();
  const list: Shown[] = [];
  for (const event of events) {
    if (event.EventType === 12 || event.EventType === 13) continue;
    const {
      EventType: type,
      EventId: id,
      IsPlayed: _played,
      ...rest
    } = event as HistoryEvent & { IsPlayed?: boolean };
    const shown: Shown = { EventType: NAMES[type] ?? String(type), ...rest };
    list.push(shown);
    const name = 'Name' in event ? event.Name : undefined;
    switch (event.EventType) {
      case 0:
        for (const key of ['OrchestrationInstance', 'ParentInstance', 'Name', 'Version', 'Tags'])
          delete shown[key];
        shown.FunctionName = event.Name;
        if (!showOutput) delete shown.Input;
        break;
      case 1:
        shown.OrchestrationStatus = Object.entries(OrchestrationStatus).find(
          ([, n]) => n === event.OrchestrationStatus,
        )?.[0];
        if (showOutput) shown.Result = parseLoosely(event.Result);
        else delete shown.Result;
        break;
      case 4:
      case 7:
      case 10:
        asked.set(`${event.EventType}_${id}`, { shown, at: event.Timestamp, name });
        break;
      case 5:
      case 6:
        merge(list, shown, asked.get(`4_${event.TaskScheduledId}`), showOutput);
        break;
      case 8:
      case 9:
        merge(list, shown, asked.get(`7_${event.TaskScheduledId}`), showOutput);
        break;
      case 11:
        merge(list, shown, asked.get(`10_${event.TimerId}`), showOutput);
        break;
    }
  }
  return list;
}

function merge(
  list: Shown[],
  shown: Shown,
  before: { readonly shown: Shown; readonly at: string; readonly name: string | undefined } | undefined,
  showOutput: boolean,
): void {
  delete shown.TaskScheduledId;
  delete shown.TimerId;
  if ('Result' in shown) {
    if (showOutput) shown.Result = parseLoosely(shown.Result as string | null);
    else delete shown.Result;
  }
  if (before === undefined) return;
  const place = list.indexOf(before.shown);
  if (place >= 0) list.splice(place, 1);
  shown.ScheduledTime = before.at;
  if (before.name !== undefined) {
    shown.FunctionName = before.name;
    if (showOutput) shown.Input = null;
  }
}
