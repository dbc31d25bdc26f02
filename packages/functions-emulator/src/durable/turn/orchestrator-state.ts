/** The state that the library returns after a turn, and its parser. */
import type { FailureDetails } from '../history-events.js';

export const ActionType = {
  CallActivity: 0,
  CallActivityWithRetry: 1,
  CallSubOrchestrator: 2,
  CallSubOrchestratorWithRetry: 3,
  ContinueAsNew: 4,
  CreateTimer: 5,
  WaitForExternalEvent: 6,
  CallEntity: 7,
  CallHttp: 8,
  SignalEntity: 9,
  ScheduledSignalEntity: 10,
  WhenAny: 11,
  WhenAll: 12,
  LockEntities: 13,
  ReleaseEntities: 14,
} as const;

export interface RetryOptions {
  readonly firstRetryIntervalInMilliseconds: number;
  readonly maxNumberOfAttempts: number;
  readonly backoffCoefficient?: number;
  readonly maxRetryIntervalInMilliseconds?: number;
  readonly retryTimeoutInMilliseconds?: number;
}

/** One action of the library; its type determines which of the optional fields are set. */
export interface OutOfProcAction {
  readonly actionType: number;
  readonly functionName?: string;
  readonly input?: unknown;
  readonly instanceId?: string;
  /** Of a sub-orchestration. */
  readonly version?: string | null;
  readonly operation?: string;
  readonly fireAt?: string;
  readonly isCanceled?: boolean;
  /** The app has yielded this timer in two compound tasks; see `worker/repeated-timers.ts`. */
  readonly isRepeated?: boolean;
  readonly externalEventName?: string;
  readonly retryOptions?: RetryOptions;
  readonly httpRequest?: DurableHttpRequest;
  readonly compoundActions?: readonly OutOfProcAction[];
  readonly lockSet?: readonly { readonly name: string; readonly key: string }[];
}

export interface DurableHttpRequest {
  readonly method: string;
  readonly uri: string;
  readonly content?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly tokenSource?: unknown;
  readonly asynchronousPatternEnabled?: boolean;
}

export interface OrchestratorState {
  readonly isDone: boolean;
  readonly actions: readonly OutOfProcAction[];
  readonly output: unknown;
  readonly error: string | undefined;
  readonly customStatus: unknown;
  readonly failureDetails: FailureDetails | undefined;
}

const record = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;

/** The library omits empty members; the history has all of them. */
function failure(from: Record<string, unknown> | undefined): FailureDetails | undefined {
  if (from === undefined) return undefined;
  return {
    ErrorType: String(from.ErrorType),
    ErrorMessage: String(from.ErrorMessage),
    StackTrace: typeof from.StackTrace === 'string' ? from.StackTrace : null,
    InnerFailure: failure(record(from.InnerFailure)) ?? null,
    IsNonRetriable: from.IsNonRetriable === true,
    Properties: record(from.Properties) ?? null,
  };
}

/**
 * Reads the state of an orchestrator from its JSON text.
 * @returns undefined if it is not one: the text was damaged on its way, or the app does not use the library.
 */
export function readState(text: string): OrchestratorState | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  const state = record(parsed);
  const lists = state?.actions;
  if (state === undefined || !Array.isArray(lists) || !lists.every((list) => Array.isArray(list)))
    return undefined;
  return {
    isDone: state.isDone === true,
    actions: lists.flat() as OutOfProcAction[],
    output: state.output,
    error: typeof state.error === 'string' && state.error !== '' ? state.error : undefined,
    customStatus: state.customStatus,
    failureDetails: failure(record(state.failureDetails)),
  };
}
