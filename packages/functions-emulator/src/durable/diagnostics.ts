/** Diagnoses a turn: patterns in orchestrators that real hosts handle badly without an error. */

import type { InstanceRow } from './durable-store.js';
import type { TurnOutcome } from './execute-turn.js';
import { EventType, type HistoryEvent } from './history-events.js';
import type { TurnResult } from './turn/execute-orchestration.js';
import { actionsStillPerformed } from './turn/orchestrator-actions.js';
import { ActionType, type OutOfProcAction } from './turn/orchestrator-state.js';

export interface Diagnosis {
  readonly code: string;
  readonly message: string;
}

/** The library replays the whole history in each turn: from here on an instance is slow. */
const LONG_HISTORY = 800;

/** @param events the history of the execution, this turn included */
export function diagnose(
  row: InstanceRow,
  outcome: TurnOutcome,
  events: readonly HistoryEvent[],
): Diagnosis[] {
  const found = outcome.results.flatMap((turn) => ofTurn(row, turn));
  for (const event of outcome.events) {
    if (event.EventType === EventType.ExecutionStarted && /"Timestamp"\s*:/.test(event.Input ?? '')) {
      found.push({
        code: 'timestamp-in-input',
        message: `The input of ${row.id} has a property named Timestamp, which the library turns into a Date. Rename it, or pass the input as JSON text.`,
      });
    }
    if (event.EventType === EventType.EventRaised && isNumeric(event.Name))
      found.push(numericName(row, event.Name));
  }
  if (events.length > LONG_HISTORY) {
    found.push({
      code: 'long-history',
      message: `The history of ${row.id} has ${events.length} events, and each turn replays them all. Use sub-orchestrations or continueAsNew.`,
    });
  }
  return found;
}

function ofTurn(row: InstanceRow, { observations, divergence, actions }: TurnResult): Diagnosis[] {
  const found: Diagnosis[] = [];
  const report = (code: string, message: string): void => void found.push({ code, message });
  if (divergence !== undefined) {
    const stillPerformed = actionsStillPerformed(actions);
    report(
      'non-deterministic',
      `${row.name} has changed since ${row.id} started, or is not deterministic: event ${divergence.eventId} of its history is ${divergence.expected}, the code now does ${divergence.found}. ${stillPerformed.length === 0 ? 'No further actions are performed' : `As on Azure, the actions of the turn are still performed: ${stillPerformed.join(', ')}`}.`,
    );
  }
  for (const { kind, name } of observations.unknownFunctions) {
    report(
      'not-registered',
      `${row.name} calls ${name}, which is not among the app's ${kind}: it will wait forever.`,
    );
  }
  if (observations.ended && observations.openTasks.length > 0 && divergence === undefined) {
    report(
      'open-tasks-at-end',
      `${row.name} has returned, but ${row.id} stays Running until these end: ${observations.openTasks.join(', ')}. Cancel timers that lost a race.`,
    );
  }
  if (actions.some(({ kind }) => kind === 'continueAsNew') && observations.bufferedEvents.length > 0) {
    report(
      'events-dropped',
      `${row.id} continues as new, and buffered events that it had not waited for are lost: ${observations.bufferedEvents.join(', ')}.`,
    );
  }
  for (const name of observations.lostEvents) {
    report(
      'event-to-open-wait',
      `An event ${name} of ${row.id} went to an earlier wait that had lost its race. Unless the code still reads the result of that wait, the event is lost.`,
    );
  }
  if (observations.threwNothing) {
    report('empty-error', `${row.name} threw an error without a message: ${row.id} stays Running forever.`);
  }
  const current = observations.requestedActions[observations.executedActions - 1];
  if (
    observations.executedActions < observations.requestedActions.length &&
    current !== undefined &&
    contains(current, isRetry)
  ) {
    report(
      'ids-diverge',
      `${row.name} has continued while a retry inside Task.all is still running. Later results may be assigned to other calls. Let the branches of a fan-out return their errors, or retry inside a sub-orchestration.`,
    );
  }
  found.push(...ofActions(row, observations.requestedActions));
  return found;
}

function ofActions(row: InstanceRow, actions: readonly OutOfProcAction[]): Diagnosis[] {
  const found: Diagnosis[] = [];
  const repeated = repeatedTimer(actions);
  if (repeated !== undefined) {
    found.push({
      code: 'timer-yielded-twice',
      message: `${row.name} waits for one timer (of ${repeated}) in two races and calls on: the results are assigned to other calls, or lost. Create a new timer for each race and cancel the losing one.`,
    });
  }
  for (const action of actions) {
    const inner = action.compoundActions ?? [];
    if (
      action.actionType === ActionType.WhenAny &&
      inner.some((one) => isRetry(one) || contains(one, isRetry)) &&
      inner.some(isTimer)
    ) {
      found.push({
        code: 'retry-raced-with-timer',
        message: `${row.name} races a retried call with a timer. Once an attempt has failed and the timer is cancelled, the next call fails ${row.id}. Retry inside a sub-orchestration, or race a plain call.`,
      });
    }
    for (const one of [action, ...inner]) found.push(...ofValue(row, one));
  }
  return found;
}

/**
 * The time of a timer in two races that is followed by a call. The host numbers the timer twice, the library once, so that
 * the numbers of all later calls differ. Without a later call, nothing happens.
 */
function repeatedTimer(actions: readonly OutOfProcAction[]): string | undefined {
  const timers = new Set<string>();
  let repeated: string | undefined;
  for (const action of actions.flatMap(leavesOf)) {
    const { fireAt = '' } = action;
    if (action.isRepeated && timers.has(fireAt)) repeated = fireAt;
    else if (repeated !== undefined && isNumbered(action)) return repeated;
    if (action.isRepeated) timers.add(fireAt);
  }
  return undefined;
}

const leavesOf = (action: OutOfProcAction): OutOfProcAction[] =>
  action.compoundActions === undefined ? [action] : action.compoundActions.flatMap(leavesOf);

const isNumbered = ({ actionType }: OutOfProcAction): boolean =>
  actionType !== ActionType.WaitForExternalEvent && actionType !== ActionType.ContinueAsNew;

function ofValue(row: InstanceRow, action: OutOfProcAction): Diagnosis[] {
  const found: Diagnosis[] = [];
  const { actionType, input } = action;
  if (actionType === ActionType.ContinueAsNew && typeof input === 'string') {
    found.push({
      code: 'bare-value',
      message: `${row.name} continues as new with a bare text: the next generation gets it with its quotation marks. Pass an object.`,
    });
  }
  if (
    (actionType === ActionType.CallActivity || actionType === ActionType.CallActivityWithRetry) &&
    typeof input === 'boolean'
  ) {
    found.push({
      code: 'bare-value',
      message: `${row.name} passes a bare ${input} to ${action.functionName}, which gets the text "${input ? 'True' : 'False'}", as on Azure. Pass an object.`,
    });
  }
  if (action.externalEventName !== undefined && isNumeric(action.externalEventName)) {
    found.push(numericName(row, action.externalEventName));
  }
  if (action.retryOptions?.retryTimeoutInMilliseconds !== undefined) {
    found.push({
      code: 'retry-timeout',
      message: `${row.name} retries ${action.functionName} with a time-out: once that has passed, ${row.id} waits forever. Limit the number of attempts instead.`,
    });
  }
  return found;
}

const isRetry = ({ actionType }: OutOfProcAction): boolean =>
  actionType === ActionType.CallActivityWithRetry || actionType === ActionType.CallSubOrchestratorWithRetry;

const isTimer = ({ actionType }: OutOfProcAction): boolean => actionType === ActionType.CreateTimer;

const contains = (action: OutOfProcAction, test: (action: OutOfProcAction) => boolean): boolean =>
  (action.compoundActions ?? []).some((inner) => test(inner) || contains(inner, test));

const isNumeric = (name: string): boolean => /^\d+$/.test(name);

const numericName = (row: InstanceRow, name: string): Diagnosis => ({
  code: 'numeric-event-name',
  message: `${row.id} uses an event named ${name}: the library takes it for the result of its task number ${name}. Begin names with a letter.`,
});
