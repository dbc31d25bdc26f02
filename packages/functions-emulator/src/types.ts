/** The host's public contract: options, events, and test seams. */

import type { HostError } from './errors.js';
import type { LogLevel } from './log.js';
import type { WarmThreads } from './worker/warm-threads.js';
import type { TriggerKind } from './worker/worker-types.js';

export type { LogLevel, TriggerKind };

/** The one source of time for everything in the host. Milliseconds since the Unix epoch. */
export interface Clock {
  readonly kind: 'wall' | 'virtual';
  now(): number;
  /** Calls `fire` once `now() >= dueAt`. Returns a function that cancels it. */
  at(dueAt: number, fire: () => void): () => void;
  /** Keeps a virtual clock from jumping until the returned function is called. No effect on a wall clock. */
  hold(reason: string): () => void;
  /** Calls the listener after a virtual clock has jumped. Returns a function that ends it. */
  onJump(listener: (from: number, to: number) => void): () => void;
}

export interface HostOptions {
  /** Folder with package.json (its `main` is loaded), host.json and, optionally, local.settings.json. */
  readonly appDirectory: string;
  /** Where the SQLite file and the lock are. `undefined` keeps all data in memory. */
  readonly dataDirectory?: string;
  /** HTTP port on 127.0.0.1; 0 picks a free one. Default 7071. */
  readonly port?: number;
  /** AMQP port of the embedded Service Bus on 127.0.0.1; 0 picks a free one. Default 5672. */
  readonly serviceBusPort?: number;
  readonly clock?: Clock;
  /** Settings the app is loaded with, on top of local.settings.json and the process environment. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Skips key checks on HTTP functions and webhooks, as the real command line tool does. Default true. */
  readonly authOff?: boolean;
  /**
   * A path to which `/` redirects, e.g. the page of the app, unless a function has that route. Undefined (default): as on
   * the real host, which has a start page there.
   */
  readonly redirectRootTo?: string;
  /**
   * When interrupted work is redelivered. `after-time-out` (default), as on Azure Storage: an activity that ran, and the
   * messages of an uncommitted turn, after `workItemQueueVisibilityTimeout` and `controlQueueVisibilityTimeout` of
   * host.json's `extensions.durableTask.storageProvider` (five minutes each by default); a stop aborts running
   * activities, which are redelivered after two seconds, unless `useGracefulShutdown` is set.
   * `at-once`: as soon as the host starts again; a stop lets activities end.
   * https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-bindings#host-json
   */
  readonly redelivery?: 'after-time-out' | 'at-once';
  /** Where the app's thread comes from, and goes at a stop. Undefined: the host starts and ends a thread of its own. */
  readonly warmThreads?: WarmThreads;
  readonly onEvent?: (event: HostEvent) => void;
  readonly introspection?: Introspection;
}

/** Test seams: they act on the host's own boundaries, so the app under test is the one that ships. */
export interface Introspection {
  /** Called before an activity runs; may replace its result, delay it or make it fail. */
  readonly onActivity?: (call: ActivityCall) => ActivityFault | undefined;
  /** Called before each durable commit with its number (from 1); `kill` ends the process as SIGKILL would. */
  readonly onCommit?: (commit: number) => 'continue' | 'kill';
  /** Called for each request that the current step would have made to Azure Storage; see `storageCounter`. */
  readonly onStorage?: (request: StorageRequest) => void;
}
export interface ActivityCall {
  readonly instanceId: string;
  readonly name: string;
  readonly input: unknown;
  readonly attempt: number;
}
export type ActivityFault =
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'fail'; readonly message: string }
  | { readonly kind: 'replace'; readonly result: unknown };

export type HostEvent =
  | {
      readonly kind: 'log';
      readonly level: LogLevel;
      readonly category: string;
      readonly message: string;
      readonly at: number;
    }
  | {
      readonly kind: 'invocation-started';
      readonly invocationId: string;
      readonly trigger: TriggerKind;
      readonly name: string;
      readonly instanceId?: string;
      readonly input?: unknown;
      readonly at: number;
    }
  | {
      readonly kind: 'invocation-ended';
      readonly invocationId: string;
      readonly trigger: TriggerKind;
      readonly name: string;
      readonly instanceId?: string;
      readonly ok: boolean;
      readonly result?: unknown;
      readonly error?: string;
      readonly durationMs: number;
      readonly at: number;
    }
  | {
      readonly kind: 'instance-changed';
      readonly instanceId: string;
      readonly name: string;
      readonly runtimeStatus: RuntimeStatus;
      readonly customStatus: unknown;
      readonly output: unknown;
      readonly at: number;
    }
  | { readonly kind: 'timer-set'; readonly instanceId: string; readonly fireAt: number; readonly at: number }
  /** Last of all, after a `critical` line of the log: the host takes no more work. Its owner stops it. */
  | { readonly kind: 'host-failed'; readonly error: HostError; readonly at: number }
  | { readonly kind: 'clock-jumped'; readonly from: number; readonly to: number }
  | {
      readonly kind: 'diagnostic';
      readonly code: string;
      readonly instanceId?: string;
      readonly message: string;
      readonly at: number;
    };

export type RuntimeStatus =
  | 'Pending'
  | 'Running'
  | 'Completed'
  | 'Failed'
  | 'Terminated'
  | 'Suspended'
  | 'ContinuedAsNew'
  | 'Canceled';

export interface Host {
  /** `http://127.0.0.1:{port}` */
  readonly url: string;
  /** For the unmodified `@azure/service-bus` client; undefined when a real namespace is configured. */
  readonly serviceBusConnectionString: string | undefined;
  /** Topic endpoint that the unmodified `EventGridPublisherClient` accepts, one for each Event Grid function. */
  readonly eventGridTopics: readonly {
    readonly functionName: string;
    readonly url: string;
    readonly key: string;
  }[];
  readonly keys: { readonly master: string; readonly function: string; readonly system: string };
  readonly clock: Clock;
  /** Resolves when nothing is in flight: no turn, no activity, no trigger, no message that is due. */
  idle(): Promise<void>;
  /** An instance's history, for `replayHistory`; undefined if there is none (yet). */
  exportHistory(instanceId: string): ExportedHistory | undefined;
  /** Stops taking work, lets what runs end (bounded), closes the store. */
  stop(): Promise<void>;
}

export interface ReplayResult {
  readonly same: boolean;
  readonly instanceId: string;
  readonly name: string;
  /** Where the current code diverges; absent if it does not. */
  readonly divergence?: Divergence;
}

export interface Divergence {
  /** The place in `events` of the event that does not fit, or of the last one. */
  readonly index: number;
  /** The sequence number of the task it is about. */
  readonly eventId: number;
  /** The task in the history, and the task that the code schedules. */
  readonly expected: string;
  readonly found: string;
  /**
   * What Azure would still perform in the turn that detects the divergence, before the instance fails: activities, signals
   * and starts of the diverging code. Empty for an instance that has ended.
   */
  readonly stillDone: readonly string[];
  readonly message: string;
}

/** An instance's history as it is written to a file. */
export interface ExportedHistory {
  readonly format: 1;
  readonly instanceId: string;
  readonly name: string;
  readonly runtimeStatus: string;
  /** Of the current execution, in order. */
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

/** One request. Bytes are UTF-8; rows and bytes are those written, or zero. */
export interface StorageRequest {
  readonly kind: StorageRequestKind;
  readonly instanceId: string;
  readonly rows: number;
  readonly bytes: number;
}
export type StorageRequestKind =
  | 'control-queue-add'
  | 'control-queue-delete'
  | 'work-item-add'
  | 'work-item-delete'
  | 'history-query'
  | 'history-write'
  | 'instance-insert'
  | 'instance-write'
  | 'instance-read'
  | 'blob-write'
  | 'blob-read';
