/**
 * One turn of an orchestration, as a pure function: its history, new events and the response of the app's code determine
 * its actions. It reads no clock and has no state.
 */
import type { FailureDetails, HistoryEvent } from '../history-events.js';
import { Deferred, runCoroutine } from './deferred.js';
import { NonDeterminismError } from './non-determinism.js';
import { OrchestrationContext } from './orchestration-context.js';
import { OrchestrationFailure, type OrchestratorAction } from './orchestrator-actions.js';
import type { OrchestratorState, OutOfProcAction } from './orchestrator-state.js';
import { type InstanceIdentity, type KnownFunctions, OutOfProcShim } from './out-of-proc-shim.js';

/** The response of the app's code: its state, or a failure without a state. */
export type OrchestratorResponse =
  | { readonly kind: 'state'; readonly state: OrchestratorState; readonly details: string | null }
  | { readonly kind: 'failed'; readonly message: string; readonly details: string | null };

export interface TurnInput {
  readonly identity: InstanceIdentity;
  readonly name: string;
  readonly history: Iterable<HistoryEvent>;
  readonly response: OrchestratorResponse;
  readonly known: KnownFunctions;
}

export interface TurnResult {
  /** In ascending order of their ids. */
  readonly actions: readonly OrchestratorAction[];
  /** JSON text, or null. */
  readonly customStatus: string | null;
  readonly divergence: NonDeterminismError | undefined;
  readonly observations: TurnObservations;
}

/** Data of the turn for diagnostics. */
export interface TurnObservations {
  readonly suspended: boolean;
  readonly ended: boolean;
  readonly openTasks: readonly string[];
  readonly unknownFunctions: readonly { readonly kind: string; readonly name: string }[];
  /** Names of events that completed a wait whose action was already over. */
  readonly lostEvents: readonly string[];
  readonly bufferedEvents: readonly string[];
  /** The actions that the app has requested since the execution began. */
  readonly requestedActions: readonly OutOfProcAction[];
  /** How many of them the host has called. */
  readonly executedActions: number;
  /** The app threw, but the library found no message in the error. */
  readonly threwNothing: boolean;
}

/** The real host counts whole kilobytes of UTF-16. */
const STATUS_LIMIT_KB = 16;

export function executeOrchestration(input: TurnInput): TurnResult {
  const status: { text: string | null } = { text: null };
  let end: ReturnType<typeof runCoroutine> | undefined;
  const context: OrchestrationContext = new OrchestrationContext(
    input.identity.executionId,
    () => {
      end = runCoroutine(orchestrate(input, shim, status));
    },
    (name, text) => shim.pendingEvents.raise(name, text, shim.executedActions),
  );
  const shim = new OutOfProcShim(context, input.identity, input.known);

  let divergence: NonDeterminismError | undefined;
  try {
    for (const event of input.history) context.processEvent(event);
    const outcome = end?.outcome;
    if (!context.hasOpenTasks && outcome !== undefined) {
      if (outcome.kind === 'error') context.fail(outcome.error);
      else context.complete('Completed', outcome.value as string | null);
    }
  } catch (error) {
    if (!(error instanceof NonDeterminismError)) throw error;
    divergence = error;
    context.fail(error);
  }
  return {
    actions: context.actions,
    customStatus: status.text,
    divergence,
    observations: {
      suspended: context.suspended,
      ended: end?.outcome !== undefined,
      openTasks: context.openTasks,
      unknownFunctions: shim.unknownFunctions,
      lostEvents: shim.pendingEvents.lostEvents,
      bufferedEvents: shim.pendingEvents.bufferedEvents,
      requestedActions: input.response.kind === 'state' ? input.response.state.actions : [],
      executedActions: shim.executedActions,
      threwNothing:
        input.response.kind === 'state' &&
        input.response.details !== null &&
        input.response.state.error === undefined,
    },
  };
}

/** The turn of an instance that the host fails without playing it. */
export function failedTurn(failure: FailureDetails, id: number, customStatus: string | null): TurnResult {
  return {
    actions: [{ kind: 'complete', id, status: 'Failed', result: null, details: null, failure }],
    customStatus,
    divergence: undefined,
    observations: {
      suspended: false,
      ended: true,
      openTasks: [],
      unknownFunctions: [],
      lostEvents: [],
      bufferedEvents: [],
      requestedActions: [],
      executedActions: 0,
      threwNothing: false,
    },
  };
}

/** Outside of `executeOrchestration`: V8 frees late what a generator function created in each turn can reference. */
function* orchestrate(
  input: TurnInput,
  shim: OutOfProcShim,
  status: { text: string | null },
): ReturnType<OutOfProcShim['replay']> {
  const { response } = input;
  if (response.kind === 'failed') {
    throw new OrchestrationFailure(
      `Orchestrator function '${input.name}' failed: ${response.message}`,
      response.details,
    );
  }
  const { state } = response;
  status.text = statusText(state.customStatus, input.name);
  try {
    yield runCoroutine(shim.replay(state.actions));
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
      response.details,
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
