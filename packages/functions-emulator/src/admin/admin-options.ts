/** What the parts of the admin API have in common. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BodyLimits } from '../http/body.js';
import type { KeyRing } from '../http/key-ring.js';
import type { RequestUrl } from '../http/request-url.js';
import type { Log } from '../log.js';
import type { AppSettings } from '../settings.js';
import type { FunctionIndex } from '../triggers/function-index.js';
import type { FunctionInvoker } from '../triggers/function-invoker.js';
import type { TimerTriggers } from '../triggers/timer-trigger.js';

export interface AdminOptions {
  readonly settings: AppSettings;
  readonly functions: FunctionIndex;
  readonly keys: KeyRing;
  readonly invoker: FunctionInvoker;
  readonly timers: TimerTriggers;
  readonly limits: BodyLimits;
  readonly hostVersion: string;
  readonly hostId: string;
  /** Host and port that the links of the list name. */
  readonly hostName: string;
  readonly stateDirectory: string;
  /** Why the host serves no functions. */
  readonly hostError: string | undefined;
  readonly log: Log;
}

/** Answers one call; the caller has shown the master key. */
export type AdminHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  url: RequestUrl,
) => void | Promise<void>;
