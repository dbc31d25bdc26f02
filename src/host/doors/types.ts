/** What the doors are given and what they pass among themselves. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock, HostEvent, LogLevel } from '../types.js';
import type { AppWorker, FunctionDefinition, LoadResult, TypedData } from '../worker/types.js';
import type { Door } from './server.js';
import type { AppSettings } from './settings.js';

/** The keys that callers show in `x-functions-key` or `?code=`. */
export interface DoorKeys {
  readonly master: string;
  /** The host's default function key. */
  readonly function: string;
  /** System keys by extension: `eventgrid`, `durabletask`. */
  readonly extensions: Readonly<Record<string, string>>;
}

/** Something else that answers below a path, such as the durable management API. */
export interface Mount {
  /** In lower case, without a slash at the end; matched in any case. */
  readonly path: string;
  /** The extension whose system key (or the master key) opens it; without one no key is asked for. */
  readonly extension?: string;
  /** Answers and returns true, or leaves the response alone and returns false (404). */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
}

/** When a timer ran last and should run next, as ISO 8601 texts. Kept across restarts by whoever owns the data directory. */
export interface TimerStatus {
  readonly last: string;
  readonly next: string;
  readonly lastUpdated: string;
}
export interface TimerStore {
  load(functionName: string): TimerStatus | undefined;
  save(functionName: string, status: TimerStatus): void;
}

export interface DoorsOptions {
  readonly door: Door;
  readonly settings: AppSettings;
  readonly loaded: LoadResult;
  readonly worker: Pick<AppWorker, 'invoke' | 'watchStart'>;
  readonly clock: Clock;
  readonly keys: DoorKeys;
  /** No keys asked for: every caller is an administrator, as with the command line tool. */
  readonly authOff: boolean;
  readonly hostVersion: string;
  /** Where links of the admin API say that the host keeps its data. */
  readonly stateDirectory: string;
  readonly mounts?: readonly Mount[];
  readonly timerStore?: TimerStore;
  /** The data of an input binding that is no trigger (`durableClient`). */
  readonly inputBinding?: InputBinding;
  readonly onEvent: (event: HostEvent) => void;
}

export type InputBinding = (
  definition: FunctionDefinition,
  binding: Readonly<Record<string, unknown>>,
  invocationId: string,
) => TypedData | undefined;

export type Log = (level: LogLevel, category: string, message: string) => void;
