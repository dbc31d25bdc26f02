/**
 * One turn of an orchestration, as a pure function: the history so far, what has newly happened and what the app's
 * code answered to it, give the decisions to make. It reads no clock and keeps nothing.
 */
import type { FailureDetails, HistoryEvent } from '../history.js';
import { type Decision, NonDeterminismError, OrchestrationFailure } from './decisions.js';
import { Deferred, run } from './deferred.js';
import { Execution } from './execution.js';
import { type Identity, type KnownFunctions, Shim } from './shim.js';
import type { Action, OrchestratorState } from './state.js';

/** What the app's code answered: its state, or that it failed in a way that left none. */
export type Answer =
  | { readonly kind: 'state'; readonly state: OrchestratorState; readonly details: string | null }
  | { readonly kind: 'failed'; readonly message: string; readonly details: string | null };

export interface TurnInput {
  readonly identity: Identity;
  readonly name: string;
  readonly history: Iterable<HistoryEvent>;
  readonly answer: Answer;
  readonly known: KnownFunctions;
}

export interface TurnResult {
  /** In ascending order of their ids. */
  readonly decisions: readonly Decision[];
  /** JSON text, or null. */
  readonly customStatus: string | null;
  readonly divergence: NonDeterminismError | undefined;
  readonly notes: TurnNotes;
}

/** What a diagnosis needs to know about the turn. */
export interface TurnNotes {
  readonly suspended: boolean;
  readonly ended: boolean;
  readonly openTasks: readonly string[];
  readonly unknown: readonly { readonly kind: string; readonly name: string }[];
  /** Names of events that went to a wait whose race was over. */
  readonly swallowedEvents: readonly string[];
  readonly unclaimedEvents: readonly string[];
  /** What the app asks for, since the execution began. */
  readonly actions: readonly Action[];
  /** How many of them the host has called. */
  readonly reached: number;
  /** The app threw, but the library found no text in what it threw. */
  readonly threwNothing: boolean;
}

/** The real host counts whole kilobytes of UTF-16. */
const STATUS_LIMIT_KB = 16;

export function takeTurn(input: TurnInput): TurnResult {
  const status: { text: string | null } = { text: null };
  let end: ReturnType<typeof run> | undefined;
  const execution: Execution = new Execution(
    input.identity.executionId,
    () => {
      end = run(conduct(input, shim, status));
    },
    (name, text) => shim.waiters.raise(name, text, shim.reached),
  );
  const shim = new Shim(execution, input.identity, input.known);

  let divergence: NonDeterminismError | undefined;
  try {
    for (const event of input.history) execution.process(event);
    const outcome = end?.outcome;
    if (!execution.hasOpenTasks && outcome !== undefined) {
      if (outcome.kind === 'error') execution.fail(outcome.error);
      else execution.complete('Completed', outcome.value as string | null);
    }
  } catch (error) {
    if (!(error instanceof NonDeterminismError)) throw error;
    divergence = error;
    execution.fail(error);
  }
  return {
    decisions: execution.decisions,
    customStatus: status.text,
    divergence,
    notes: {
      suspended: execution.suspended,
      ended: end?.outcome !== undefined,
      openTasks: execution.openTasks,
      unknown: shim.unknown,
      swallowedEvents: shim.waiters.swallowed,
      unclaimedEvents: shim.waiters.unclaimed,
      actions: input.answer.kind === 'state' ? input.answer.state.actions : [],
      reached: shim.reached,
      threwNothing:
        input.answer.kind === 'state' &&
        input.answer.details !== null &&
        input.answer.state.error === undefined,
    },
  };
}

/** The turn of an instance that the host fails without playing it. */
export function refusedTurn(failure: FailureDetails, id: number, customStatus: string | null): TurnResult {
  return {
    decisions: [{ kind: 'complete', id, status: 'Failed', result: null, details: null, failure }],
    customStatus,
    divergence: undefined,
    notes: {
      suspended: false,
      ended: true,
      openTasks: [],
      unknown: [],
      swallowedEvents: [],
      unclaimedEvents: [],
      actions: [],
      reached: 0,
      threwNothing: false,
    },
  };
}

/** Not inside of `takeTurn`: whatever a generator function that is made anew for each turn can see, V8 frees late. */
function* conduct(input: TurnInput, shim: Shim, status: { text: string | null }): ReturnType<Shim['replay']> {
  const { answer } = input;
  if (answer.kind === 'failed') {
    throw new OrchestrationFailure(
      `Orchestrator function '${input.name}' failed: ${answer.message}`,
      answer.details,
    );
  }
  const { state } = answer;
  status.text = statusText(state.customStatus, input.name);
  try {
    yield run(shim.replay(state.actions));
  } catch (error) {
    throw new OrchestrationFailure(
      `Orchestrator function '${input.name}' failed: ${(error as Error).message}`,
      null,
    );
  }
  if (state.error !== undefined) {
    const failure = state.failureDetails;
    throw new OrchestrationFailure(
      `Orchestrator function '${input.name}' failed: ${state.error}`,
      answer.details,
      failure ?? null,
    );
  }
  if (!state.isDone) yield new Deferred();
  shim.releaseLocks();
  return state.output === undefined || state.output === null ? null : JSON.stringify(state.output);
}

function statusText(status: unknown, name: string): string | null {
  if (status === undefined || status === null) return null;
  const text = JSON.stringify(status);
  const kilobytes = Math.floor((text.length * 2) / 1024);
  if (kilobytes > STATUS_LIMIT_KB) {
    throw new OrchestrationFailure(
      `Orchestrator function '${name}' failed: The UTF-16 size of the JSON-serialized payload must not exceed ${STATUS_LIMIT_KB} KB. The current payload size is ${kilobytes} KB.`,
      null,
    );
  }
  return text;
}
