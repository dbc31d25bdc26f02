/** What a folder in services/ declares: its hosts and its routes. */
import type { Quota } from './quotas.js';
import type { Route } from './router.js';
import type { SimulatedHost } from './simulated-host.js';
import type { TenantDatabase } from './tenant-database.js';

export interface SimulatedService {
  readonly hosts: readonly SimulatedHost[];
  readonly routes: readonly Route[];
  /** Its throttling families; the first one that matches a call counts it. */
  readonly quotas?: readonly Quota[];
  /** Brings its state up to the time, before each call. */
  readonly advance?: (db: TenantDatabase, now: number) => void;
}
