/** What the main thread and the app's thread say to each other. */
import type { LogLevel } from '../types.js';
import type { InvocationRequest, InvocationResult, LoadResult, TurnData } from './worker-types.js';

export interface ThreadData {
  readonly appDirectory: string;
  readonly hostVersion: string;
  readonly sharedClock: SharedArrayBuffer;
}

/** A turn as it travels: without what the thread remembers of the past. */
export interface SentTurn extends Omit<TurnData, 'pastEvents'> {
  /** How many turns of the past the thread should remember. */
  readonly cachedTurns: number;
  /** The turns after those. */
  readonly pastEvents: readonly string[];
}

export interface SentRequest extends Omit<InvocationRequest, 'turn'> {
  readonly turn?: SentTurn | undefined;
}

export type ToThread = { readonly kind: 'invoke'; readonly request: SentRequest } | { readonly kind: 'stop' };

export type FromThread =
  | { readonly kind: 'ready'; readonly result: LoadResult; readonly httpUri: string | undefined }
  | { readonly kind: 'result'; readonly invocationId: string; readonly result: InvocationResult }
  /** The thread does not remember as much of the past as it should; nothing has run. */
  | { readonly kind: 'history-miss'; readonly invocationId: string }
  | {
      readonly kind: 'log';
      readonly level: LogLevel;
      readonly category: string;
      readonly message: string;
      readonly invocationId?: string;
    };
