import type { IncidentSource } from '../domain/incident.js';
import type { IncidentId } from './incident-id.js';
import type { NamedBy } from './suspicion.js';
import type { Json } from './text.js';
import type { Warning } from './warnings.js';

/** What a shape reads: an incident with its alerts and entities, all in the names of Sentinel's REST API. */
export interface Reading {
  readonly source: IncidentSource;
  /** Present if the incident has a workspace. */
  readonly armId: IncidentId | undefined;
  /** Of an incident without an ARM id. */
  readonly key: string;
  readonly aliases: readonly string[];
  readonly properties: Json;
  readonly etag?: unknown;
  /** Log Analytics customer id. */
  readonly workspaceId?: unknown;
  /** Keys of the incident that this one was merged into; empty: merged, but the target is unknown. */
  readonly mergedInto?: string;
  /** Undefined: this shape has no such list. */
  readonly alerts: readonly unknown[] | undefined;
  readonly entities: readonly unknown[] | undefined;
  /** Which alert names which of the entities. Undefined: this shape does not say so. */
  readonly namedBy?: NamedBy | undefined;
  /** Only one alert of the incident is known. */
  readonly isPartial?: boolean;
  readonly warnings: readonly Warning[];
}
