/** What a folder in services/ declares: its hosts and its routes. */
import type { Route } from './router.js';
import type { SimulatedHost } from './simulated-host.js';
import type { TenantDatabase } from './tenant-database.js';

export interface SimulatedService {
  readonly hosts: readonly SimulatedHost[];
  readonly routes: readonly Route[];
  /** Brings its state up to the time, before each call. */
  readonly advance?: (db: TenantDatabase, now: number) => void;
}
