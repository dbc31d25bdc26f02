/** Plays one turn of an orchestration: asks the app, decides, and lays out all that is to be written. */

import type {
  EarlierTurns,
  FunctionDefinition,
  InvocationRequest,
  InvocationResult,
  TurnData,
} from '../worker/types.js';
import { dispatch, type OutgoingMessage, type Sender } from './dispatch.js';
import { readAnswer } from './failures.js';
import {
  EventType,
  type ExecutionStarted,
  type FailureDetails,
  type HistoryEvent,
  type MessageEvent,
  make,
  timestamp,
  type Written,
  write,
} from './history.js';
import type { InstanceRow, Work } from './records.js';
import type { Completion } from './turn/decisions.js';
import type { KnownFunctions } from './turn/shim.js';
import { type Answer, refusedTurn, type TurnResult, takeTurn } from './turn/turn.js';

/** The history of the current execution: as objects for the turn, and as the JSON texts that the app gets. */
export interface History extends EarlierTurns {
  readonly events: HistoryEvent[];
}

export interface Runner {
  /** Asked for when the code is needed; the message is for the instance's output. */
  readonly definition: FunctionDefinition | { readonly missing: string };
  readonly known: KnownFunctions;
  readonly defaultVersion: string | null;
  /** Ends the instance, which is not played then. */
  readonly refusal: FailureDetails | undefined;
  readonly invoke: (request: InvocationRequest) => Promise<InvocationResult>;
  readonly now: () => number;
  readonly newId: () => string;
}

export interface TurnOutcome {
  readonly row: InstanceRow;
  /** Replaces what there was, when the instance has continued as new. */
  readonly startsOver: boolean;
  readonly events: readonly HistoryEvent[];
  readonly text: string;
  readonly work: readonly Work[];
  readonly messages: readonly OutgoingMessage[];
  /** One for each generation that was played. */
  readonly turns: readonly TurnResult[];
}

const withPlayed = (text: string, played: boolean): string => `${text.slice(0, -1)},"IsPlayed":${played}}`;

/** What has come in is marked as played once its turn is written; what the turn itself adds is not. */
const isMessage = (event: HistoryEvent): boolean => event.EventType !== EventType.OrchestratorStarted;

/**
 * @param messages what is new, in order; the first is the start, if the history is empty.
 * @returns undefined if the app's thread died before it answered: nothing has happened then.
 */
export async function playTurn(
  runner: Runner,
  row: InstanceRow,
  history: History,
  messages: readonly Written<MessageEvent>[],
): Promise<TurnOutcome | undefined> {
  let past = history;
  let fresh: Written[] = [write(make.orchestratorStarted(timestamp(runner.now()))), ...messages];
  let carried = 0;
  let current = row;
  const work: Work[] = [];
  const outgoing: OutgoingMessage[] = [];
  const turns: TurnResult[] = [];
  for (;;) {
    const news = fresh.map(({ event }) => event);
    const start = (past.events.find(isStart) ?? news.find(isStart)) as ExecutionStarted;
    const executionId = start.OrchestrationInstance.ExecutionId;
    const parentInstanceId = start.ParentInstance?.OrchestrationInstance.InstanceId;
    const firstCarried = fresh.length - 1 - carried;
    const freshText = fresh
      .map(({ text }, index) =>
        withPlayed(text, carried > 0 && index >= firstCarried && index < fresh.length - 1),
      )
      .join(',');
    const rest = bindingText(row.id, parentInstanceId, past.events.length > 0);
    let result: TurnResult;
    if (runner.refusal !== undefined)
      result = refusedTurn(runner.refusal, past.events.length, current.customStatus);
    else {
      const answer = await ask(runner, start, { executionId, past, fresh: freshText, rest });
      if (answer === undefined) return undefined;
      result = takeTurn({
        identity: { instanceId: row.id, executionId, parentInstanceId },
        name: row.name,
        history: joined(past.events, news),
        answer,
        known: runner.known,
      });
    }
    turns.push(result);
    const sender: Sender = {
      instanceId: row.id,
      executionId,
      name: row.name,
      version: start.Version,
      defaultVersion: runner.defaultVersion,
      parent: start.ParentInstance,
    };
    const now = runner.now();
    const childExecutionId = (): string => runner.newId().replaceAll('-', '');
    const out = dispatch(result.decisions, sender, now, childExecutionId);
    for (const task of out.tasks)
      work.push({ instanceId: row.id, executionId, begins: past.turns === 0, ...task });
    outgoing.push(...out.messages);
    if (out.again !== undefined) {
      const nextId = childExecutionId();
      const next = make.executionStarted(
        {
          ...start,
          OrchestrationInstance: { InstanceId: row.id, ExecutionId: nextId },
          Input: out.again.input,
          Generation: null,
        },
        timestamp(now),
      );
      carried = out.again.carryOver.length;
      fresh = [
        make.orchestratorStarted(timestamp(now)),
        next,
        ...out.again.carryOver,
        make.orchestratorCompleted(timestamp(now)),
      ].map(write);
      past = { events: [], turns: 0, texts: () => [] };
      // An input of null does not overwrite the last one in what the status shows: the real host's table works so.
      const earlierInput = out.again.input === null ? (start.Input ?? current.earlierInput) : null;
      current = { ...current, executionId: nextId, earlierInput };
      continue;
    }
    const written = [...fresh, ...out.events.map(write)];
    if (written.at(-1)?.event.EventType !== EventType.OrchestratorCompleted)
      written.push(write(make.orchestratorCompleted(timestamp(now))));
    const { completion } = out;
    const suspended = completion === undefined && result.notes.suspended;
    return {
      row: {
        ...current,
        status: completion?.status ?? (suspended ? 'Suspended' : 'Running'),
        output: outputOf(completion) ?? (suspended ? suspensionReason(past.events, news) : null),
        customStatus: result.customStatus,
        updatedAt: now,
      },
      startsOver: past !== history,
      events: written.map(({ event }) => event),
      text: written
        .map(({ event, text }, index) => withPlayed(text, index < fresh.length && isMessage(event)))
        .join(','),
      work,
      messages: outgoing,
      turns,
    };
  }
}

/** What the app's code answers, or why it could not be asked; undefined if its thread died. */
async function ask(runner: Runner, start: ExecutionStarted, turn: TurnData): Promise<Answer | undefined> {
  const { definition } = runner;
  if ('missing' in definition) return { kind: 'failed', message: definition.missing, details: null };
  // A start without any body leaves an empty text, which the real host fails on before it calls the app.
  if (start.Input === '') {
    const message = `One or more errors occurred. (Exception while executing function: Functions.${definition.name})`;
    return { kind: 'failed', message, details: null };
  }
  const result = await runner.invoke({
    functionName: definition.name,
    invocationId: runner.newId(),
    inputs: [{ name: definition.triggerName, data: {} }],
    triggerMetadata: {},
    turn,
  });
  return readAnswer(result);
}

/** Of a failure with details the status shows these alone. */
function outputOf(completion: Completion | undefined): string | null {
  const failure = completion?.failure;
  return failure ? `${failure.ErrorType}: ${failure.ErrorMessage}` : (completion?.result ?? null);
}

const isStart = (event: HistoryEvent): boolean => event.EventType === EventType.ExecutionStarted;

function* joined(past: readonly HistoryEvent[], fresh: readonly HistoryEvent[]): Generator<HistoryEvent> {
  yield* past;
  yield* fresh;
}

function suspensionReason(past: readonly HistoryEvent[], fresh: readonly HistoryEvent[]): string | null {
  const reasons = [...past, ...fresh].flatMap((event) =>
    event.EventType === EventType.ExecutionSuspended ? [event.Reason] : [],
  );
  // One without a reason leaves the reason of the one before in its place.
  return reasons.findLast((reason) => reason !== null) ?? null;
}

/** An event as it was stored, with whether it has been played. */
export const storedText = (event: HistoryEvent): string =>
  'IsPlayed' in event ? JSON.stringify(event) : withPlayed(JSON.stringify(event), false);

/** What the library gets beside history and input, laid out as the real host does for schema version 4. */
export function bindingText(
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
