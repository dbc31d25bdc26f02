/** The app as the host sees it: its functions, and how to invoke them. */
import type { LogLevel } from '../log.js';

export type TriggerKind =
  | 'httpTrigger'
  | 'timerTrigger'
  | 'eventGridTrigger'
  | 'serviceBusTrigger'
  | 'orchestrationTrigger'
  | 'activityTrigger'
  | 'entityTrigger';

/** A function as the app registered it through `@azure/functions-core` (`registerFunction`). */
export interface RegisteredFunction {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly retryOptions?: Readonly<Record<string, unknown>> | undefined;
  /** The file that was being loaded when the function was registered, relative to the app's folder. */
  readonly scriptFile: string;
}

/** A function whose bindings this host supports. */
export interface FunctionDefinition extends RegisteredFunction {
  readonly triggerKind: TriggerKind;
  readonly triggerName: string;
  readonly trigger: Readonly<Record<string, unknown>>;
}

/** A function that the host cannot serve, whatever the settings. */
export interface FaultyFunction extends RegisteredFunction {
  readonly fault:
    | { readonly kind: 'unknown bindings'; readonly types: readonly string[] }
    | { readonly kind: 'invalid'; readonly message: string };
}

/** RpcTypedData as the Node worker sees it. One member is set. */
export type TypedData =
  | { readonly string: string }
  | { readonly json: string }
  | { readonly bytes: Uint8Array }
  | { readonly int: number }
  | { readonly double: number }
  | { readonly http: HttpData }
  | { readonly collectionString: { readonly string: readonly string[] } }
  | Record<string, never>;

export interface HttpData {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: TypedData;
  readonly statusCode?: string;
  readonly cookies?: readonly Readonly<Record<string, unknown>>[];
  readonly enableContentNegotiation?: boolean;
}

/** The events of earlier turns. The same object for as long as it only grows. */
export interface PastEvents {
  readonly turns: number;
  /** Of each turn from this one on: its events, as JSON texts joined by commas. */
  texts(from: number): readonly string[];
}

/** The value of an orchestration's trigger, in parts that need not be joined on their way. */
export interface TurnData {
  readonly executionId: string;
  readonly pastEvents: PastEvents;
  /** This turn's new events, as JSON texts joined by commas. */
  readonly newEvents: string;
  /** The members beside history and input, as a JSON object. */
  readonly otherMembers: string;
}

export interface InvocationRequest {
  readonly functionName: string;
  readonly invocationId: string;
  readonly inputs: readonly { readonly name: string; readonly data: TypedData }[];
  readonly triggerMetadata: Readonly<Record<string, TypedData>>;
  /** Replaces the inputs' values. */
  readonly turn?: TurnData;
  readonly retryContext?: {
    readonly retryCount: number;
    readonly maxRetryCount: number;
    readonly exception?: unknown;
  };
}

/** `fault` = the worker ended (process.exit, unhandled rejection, uncaught exception, time-out) before it answered. */
export type InvocationResult =
  | {
      readonly kind: 'ok';
      readonly returnValue: TypedData | undefined;
      readonly outputs: readonly { readonly name: string; readonly data: TypedData }[];
    }
  | {
      readonly kind: 'error';
      readonly name: string;
      readonly message: string;
      readonly stack: string;
      readonly thrown: 'error' | 'null' | 'other';
    }
  | { readonly kind: 'fault'; readonly message: string };

export type LoadResult =
  | {
      readonly kind: 'loaded';
      readonly functions: readonly FunctionDefinition[];
      readonly faulty: readonly FaultyFunction[];
      readonly enableHttpStream: boolean;
    }
  | {
      readonly kind: 'failed';
      /** What failed: an entry file or an appStart hook threw, or the process ended earlier. */
      readonly stage: 'entry' | 'appStart' | 'process';
      readonly message: string;
      readonly file: string | undefined;
    };

export interface AppWorker {
  /** Starts the thread and loads the app. Never rejects because of the app: what went wrong is in the result. */
  load(): Promise<LoadResult>;
  /** Never rejects: every failure is a result. Waits while a new thread replaces one that ended. */
  invoke(request: InvocationRequest): Promise<InvocationResult>;
  /** Runs the app's appTerminate hooks and ends the thread. */
  stop(): Promise<void>;
  /**
   * Registers a callback for when the invocation is sent to a thread, with the address of that thread's own HTTP server
   * (the app has set `enableHttpStream`). Register before `invoke`.
   */
  onInvocationStart(invocationId: string, started: (httpUri: string) => void): void;
}

export interface WorkerOptions {
  readonly appDirectory: string;
  /** The thread's whole environment; it inherits nothing from the process. */
  readonly environment: Readonly<Record<string, string>>;
  readonly hostVersion: string;
  /** Milliseconds an invocation may take before the thread is replaced; undefined = no limit. */
  readonly functionTimeoutMs?: number | undefined;
  readonly onLog: (entry: {
    level: LogLevel;
    category: string;
    message: string;
    invocationId?: string;
  }) => void;
  readonly onDiagnostic?: ((diagnostic: { code: string; message: string }) => void) | undefined;
  /** The third fault in a row: no new thread is started, every later call is a fault. The real host's process ends here. */
  readonly onRestartLimit?: ((message: string) => void) | undefined;
  /** 8 bytes shared with the thread: the current time in milliseconds as a Float64, NaN = use the system's clock. */
  readonly sharedClock: SharedArrayBuffer;
}
