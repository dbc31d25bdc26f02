/** The texts in which the real host reports errors thrown by the app's code. */
import type { InvocationResult } from '../worker/worker-types.js';
import type { FailureDetails } from './history-events.js';
import { sanitise } from './sanitiser.js';
import type { OrchestratorResponse } from './turn/execute-orchestration.js';
import { readState } from './turn/orchestrator-state.js';

/** Precedes the state in the error message of an orchestrator that threw. */
const STATE_MARK = '$OutOfProcData$:';

type Thrown = Extract<InvocationResult, { kind: 'error' }>;

export interface ActivityFailure {
  readonly reason: string;
  readonly details: string | null;
  readonly failure: FailureDetails | null;
}

/** TaskFailed for an activity that threw. */
export function activityFailure(name: string, thrown: Thrown): ActivityFailure {
  const message = sanitise(thrown.message);
  const failure = structured(message);
  if (failure !== undefined) {
    return {
      reason: `Activity function '${name}' failed with an unhandled exception.`,
      details: null,
      failure,
    };
  }
  return {
    reason: `Activity function '${name}' failed:  ${message}`,
    details: JSON.stringify(exceptionDetails(message, thrown.stack)),
    failure: null,
  };
}

/** TaskFailed for an activity without a result: the thread ended, or the call timed out. */
export function workerFailure(name: string, message: string): ActivityFailure {
  const text = sanitise(message);
  return {
    reason: `Activity function '${name}' failed:  ${text}`,
    details: JSON.stringify(exceptionDetails(text, text)),
    failure: null,
  };
}

/** TaskFailed for a failed activity of the host itself. */
export const hostActivityFailure = (message: string): ActivityFailure => ({
  reason: message,
  details: JSON.stringify(exceptionDetails(message, message)),
  failure: null,
});

/** A System.Exception around an RpcException, as Newtonsoft.Json serialises it. */
function exceptionDetails(message: string, stack: string): unknown {
  return {
    $type: 'System.Exception, System.Private.CoreLib',
    ClassName: 'System.Exception',
    Message: ` ${message}`,
    Data: null,
    InnerException: {
      $type: 'Microsoft.Azure.WebJobs.Script.Workers.Rpc.RpcException, Microsoft.Azure.WebJobs.Script',
      IsUserException: false,
      RemoteStackTrace: stack,
      RemoteMessage: message,
      RemoteTypeName: null,
      Message: `Result: Failure\nException: ${message}\nStack: ${stack}`,
      Data: { $type: 'System.Collections.ListDictionaryInternal, System.Private.CoreLib' },
      InnerException: null,
      HelpLink: null,
      Source: 'System.Private.CoreLib',
      HResult: -2146233088,
      StackTrace: '   at the embedded host',
    },
    HelpURL: null,
    StackTraceString: null,
    RemoteStackTraceString: null,
    RemoteStackIndex: 0,
    ExceptionMethod: null,
    HResult: -2146233088,
    Source: null,
    WatsonBuckets: null,
  };
}

/** The library writes errors with properties (`setExceptionPropertiesProvider`) as a JSON document into the message. */
function structured(message: string): FailureDetails | undefined {
  if (!message.startsWith('{')) return undefined;
  let parsed: Record<string, unknown>;
  try {
    parsed = JSON.parse(message) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  if (typeof parsed.errorType !== 'string' || typeof parsed.errorMessage !== 'string') return undefined;
  return details(parsed);
}

function details(from: Record<string, unknown>): FailureDetails {
  const inner = from.innerFailure;
  return {
    ErrorType: String(from.errorType),
    ErrorMessage: String(from.errorMessage),
    StackTrace: typeof from.stackTrace === 'string' ? from.stackTrace : null,
    InnerFailure:
      typeof inner === 'object' && inner !== null ? details(inner as Record<string, unknown>) : null,
    IsNonRetriable: from.isNonRetriable === true,
    Properties: (from.properties as Record<string, unknown> | undefined) ?? null,
  };
}

/** Parses the orchestrator's response; undefined if the turn must be repeated because the thread ended. */
export function readOrchestratorResponse(result: InvocationResult): OrchestratorResponse | undefined {
  if (result.kind === 'fault') return undefined;
  if (result.kind === 'ok') {
    const data = result.returnValue;
    const text = data === undefined ? '' : 'json' in data ? data.json : 'string' in data ? data.string : '';
    const state = readState(text);
    if (state !== undefined) return { kind: 'state', state, details: null };
    return {
      kind: 'failed',
      message: 'The orchestrator did not return a state of the durable-functions library.',
      details: null,
    };
  }
  const message = sanitise(result.message);
  const mark = message.indexOf(STATE_MARK);
  const state = mark < 0 ? undefined : readState(message.slice(mark + STATE_MARK.length));
  if (state !== undefined) {
    return {
      kind: 'state',
      state,
      details: `Message: ${state.error ?? ''}, StackTrace:    at System.Threading.Tasks.Task.ThrowIfExceptional(Boolean includeTaskCanceledExceptions)\n   at the embedded host`,
    };
  }
  return {
    kind: 'failed',
    message: `Result: Failure\nException: ${message}\nStack: ${result.stack}`,
    details: JSON.stringify(exceptionDetails(message, result.stack)),
  };
}
