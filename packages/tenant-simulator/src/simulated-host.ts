/** A host of a service: how it authorises calls and reports errors. */
import type { ServiceError } from './errors.js';
import type { TenantState } from './tenant.js';

export type App = TenantState['app'];

export interface SimulatedHost {
  readonly name: string;
  /** Absent: no call needs a token. */
  readonly access?: HostAccess;
  /** Default: `{ error: { code, message } }`. */
  readonly errorBody?: (error: ServiceError, context: ErrorContext) => unknown;
  /** Its code for 429. Default: `TooManyRequests`. */
  readonly throttledCode?: string;
  /** Default: `x-ms-request-id`. */
  readonly requestIdHeader?: string;
}
export interface HostAccess {
  /** Further names of a service are older audiences that tokens may still have. */
  readonly audiences: readonly [string, ...string[]];
  readonly unauthorizedCode: string;
  /** What the tenant has granted to the app. */
  readonly granted: (app: App) => readonly string[];
  readonly forbidden: (needed: readonly string[], granted: readonly string[], app: App) => ServiceError;
}

export interface ErrorContext {
  readonly requestId: string;
  readonly now: number;
}
