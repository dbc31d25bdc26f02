/** Plays one turn of an orchestration: asks the app, decides, and lays out all that is to be written. */
import type { FunctionDefinition, InvocationRequest, InvocationResult } from '../worker/types.js';
import { dispatch, type OutgoingMessage, type Sender } from './dispatch.js';
import { readAnswer } from './failures.js';
import { type ExecutionStarted, type HistoryEvent, type MessageEvent, make, timestamp } from './history.js';
import type { InstanceRow } from './records.js';
import type { KnownFunctions } from './turn/shim.js';
import { type TurnResult, takeTurn } from './turn/turn.js';

/** The history of the current execution: as objects for the turn, and as the JSON text that the app gets. */
export interface History {
  readonly events: HistoryEvent[];
  /** Each turn's events, as JSON texts joined by commas. */
  readonly texts: string[];
}

export interface Runner {
  readonly definition: FunctionDefinition;
  readonly known: KnownFunctions;
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
  readonly tasks: readonly {
    readonly executionId: string;
    readonly taskId: number;
    readonly name: string;
    readonly input: string | null;
  }[];
  readonly messages: readonly OutgoingMessage[];
  /** One for each generation that was played. */
  readonly turns: readonly TurnResult[];
}

const withPlayed = (event: HistoryEvent, played: boolean): string =>
  `${JSON.stringify(event).slice(0, -1)},"IsPlayed":${played}}`;

/** What has come in is marked as played once its turn is written; what the turn itself adds is not. */
const isMessage = (event: HistoryEvent): boolean => event.EventType !== 12;

/**
 * @param messages what is new, in order; the first is the start, if the history is empty.
 * @returns undefined if the app's thread died before it answered: nothing has happened then.
 */
export async function playTurn(
  runner: Runner,
  row: InstanceRow,
  history: History,
  messages: readonly MessageEvent[],
): Promise<TurnOutcome | undefined> {
  let past = history;
  let fresh: HistoryEvent[] = [make.orchestratorStarted(timestamp(runner.now())), ...messages];
  let carried = 0;
  let current = row;
  const tasks: TurnOutcome['tasks'][number][] = [];
  const outgoing: OutgoingMessage[] = [];
  const turns: TurnResult[] = [];
  for (;;) {
    const start = (past.events.find(isStart) ?? fresh.find(isStart)) as ExecutionStarted;
    const executionId = start.OrchestrationInstance.ExecutionId;
    const parentInstanceId = start.ParentInstance?.OrchestrationInstance.InstanceId;
    const firstCarried = fresh.length - 1 - carried;
    const text = [
      ...past.texts,
      ...fresh.map((event, index) =>
        withPlayed(event, carried > 0 && index >= firstCarried && index < fresh.length - 1),
      ),
    ].join(',');
    const invocationId = runner.newId();
    const answer = readAnswer(
      await runner.invoke({
        functionName: runner.definition.name,
        invocationId,
        inputs: [
          {
            name: runner.definition.triggerName,
            data: { string: bindingText(text, start, row.id, parentInstanceId, past.events.length > 0) },
          },
        ],
        triggerMetadata: {},
      }),
    );
    if (answer === undefined) return undefined;
    const result = takeTurn({
      identity: { instanceId: row.id, executionId, parentInstanceId },
      name: row.name,
      history: joined(past.events, fresh),
      answer,
      known: runner.known,
    });
    turns.push(result);
    const sender: Sender = {
      instanceId: row.id,
      executionId,
      name: row.name,
      version: start.Version,
      parent: start.ParentInstance,
    };
    const now = runner.now();
    const out = dispatch(result.decisions, sender, now, runner.newId);
    for (const task of out.tasks) tasks.push({ executionId, ...task });
    outgoing.push(...out.messages);
    if (out.again !== undefined) {
      const nextId = runner.newId().replaceAll('-', '');
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
      ];
      past = { events: [], texts: [] };
      current = { ...current, executionId: nextId };
      continue;
    }
    const events = [...fresh, ...out.events];
    if (events.at(-1)?.EventType !== 13) events.push(make.orchestratorCompleted(timestamp(now)));
    const { completion } = out;
    const suspended = completion === undefined && result.notes.suspended;
    return {
      row: {
        ...current,
        status: completion?.status ?? (suspended ? 'Suspended' : 'Running'),
        output: completion?.result ?? (suspended ? suspensionReason(past.events, fresh) : null),
        customStatus: result.customStatus,
        updatedAt: now,
      },
      startsOver: past !== history,
      events,
      text: events
        .map((event, index) => withPlayed(event, index < fresh.length && isMessage(event)))
        .join(','),
      tasks,
      messages: outgoing,
      turns,
    };
  }
}

const isStart = (event: HistoryEvent): boolean => event.EventType === 0;

function* joined(past: readonly HistoryEvent[], fresh: readonly HistoryEvent[]): Generator<HistoryEvent> {
  yield* past;
  yield* fresh;
}

function suspensionReason(past: readonly HistoryEvent[], fresh: readonly HistoryEvent[]): string | null {
  for (const event of [...past, ...fresh].reverse()) if (event.EventType === 19) return event.Reason;
  return null;
}

/** What the library gets: the history and a few facts, laid out as the real host does for schema version 4. */
function bindingText(
  history: string,
  start: ExecutionStarted,
  instanceId: string,
  parentInstanceId: string | undefined,
  isReplaying: boolean,
): string {
  const rest = JSON.stringify({
    instanceId,
    isReplaying,
    parentInstanceId: parentInstanceId ?? null,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 3,
    longRunningTimerIntervalDuration: '3.00:00:00',
    maximumShortTimerDuration: '6.00:00:00',
    defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
  });
  return `{"history":[${history}],"input":${start.Input ?? 'null'},${rest.slice(1)}`;
}
