/** The messages between the main thread and the app's thread. */
import type { LogLevel } from '../log.js';
import type { InvocationRequest, InvocationResult, LoadResult, TurnData } from './worker-types.js';

export interface ThreadData {
  readonly appDirectory: string;
  readonly hostVersion: string;
}

/** What a host gives the app that it loads. */
export interface LoadRequest {
  readonly environment: Readonly<Record<string, string>>;
  readonly sharedClock: SharedArrayBuffer;
}

/** A turn as it is sent: without the past events that the thread has cached. */
export interface SentTurn extends Omit<TurnData, 'pastEvents'> {
  /** How many turns of the past the thread should have cached. */
  readonly cachedTurns: number;
  /** The turns after those. */
  readonly pastEvents: readonly string[];
}

export interface SentRequest extends Omit<InvocationRequest, 'turn'> {
  readonly turn?: SentTurn | undefined;
}

export type ToThread =
  | ({ readonly kind: 'load' } & LoadRequest)
  | { readonly kind: 'invoke'; readonly request: SentRequest }
  | { readonly kind: 'unload' }
  | { readonly kind: 'stop' };

export type FromThread =
  | { readonly kind: 'ready'; readonly result: LoadResult; readonly httpUri: string | undefined }
  | { readonly kind: 'unloaded' }
  | { readonly kind: 'result'; readonly invocationId: string; readonly result: InvocationResult }
  /** The thread has not cached as many turns as expected; nothing has run. */
  | { readonly kind: 'history-miss'; readonly invocationId: string }
  | { readonly kind: 'diagnostic'; readonly code: string; readonly message: string }
  | {
      readonly kind: 'log';
      readonly level: LogLevel;
      readonly category: string;
      readonly message: string;
      readonly invocationId?: string;
    };
