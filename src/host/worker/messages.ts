/** What the main thread and the app's thread say to each other. */
import type { LogLevel } from '../types.js';
import type { InvocationRequest, InvocationResult, LoadResult } from './types.js';

export interface ThreadData {
  readonly appDirectory: string;
  readonly hostVersion: string;
  readonly sharedClock: SharedArrayBuffer;
}

export type ToThread =
  | { readonly kind: 'invoke'; readonly request: InvocationRequest }
  | { readonly kind: 'stop' };

export type FromThread =
  | { readonly kind: 'ready'; readonly result: LoadResult; readonly httpUri: string | undefined }
  | { readonly kind: 'result'; readonly invocationId: string; readonly result: InvocationResult }
  | {
      readonly kind: 'log';
      readonly level: LogLevel;
      readonly category: string;
      readonly message: string;
      readonly invocationId?: string;
    };
