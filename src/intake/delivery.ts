import type { AlertRef, AlertShape } from '../domain/alert-lookup.js';
import type { IncidentOrigin } from '../domain/incident-origin.js';
import type { Severity } from '../domain/severity.js';

/** Name of an accepted shape: see `shapes/`. */
export type DeliveryShape =
  | 'logic-apps-trigger'
  | 'sentinel-rest'
  | 'kql-incident'
  | 'graph-incident'
  | 'graph-alert'
  | 'graph-notification'
  | 'xdr-incident'
  | 'defender-alert';

export interface IncidentDelivery {
  readonly kind: 'incident';
  readonly shape: DeliveryShape;
  /** Where the incident is read: everything else in the body is only a hint. */
  readonly origin: IncidentOrigin;
  /** See `keyOfOrigin`: the same incident always has the same key. */
  readonly key: string;
  /** The orchestration's instance id, derived from the key. */
  readonly instanceId: string;
  /** Other keys of the same incident, e.g. `xdr:{tenant}/{id}`, sorted. */
  readonly aliases: readonly string[];
  /** The sender's id of this trigger event, if any. The same event may be delivered more than once. */
  readonly deliveryKey?: string;
  /** ISO 8601, UTC. Only a hint: the incident is read from its service. */
  readonly modifiedAt?: string;
  /** The same time in units of 100 ns since 1970, as decimal digits: orders versions that differ by less than 1 ms. */
  readonly modifiedTicks?: string;
  readonly title?: string;
  /** Absent: unknown. A hint, too. */
  readonly severity?: Severity;
  /** The item of a body with several items, unchanged. */
  readonly item?: unknown;
}
/** A row of the log that names its workspace by the customer id only: the configuration has the ARM id. */
export interface LogIncidentDelivery
  extends Omit<IncidentDelivery, 'kind' | 'origin' | 'key' | 'instanceId'> {
  readonly kind: 'log-incident';
  /** In lower case. */
  readonly customerId: string;
  readonly name: string;
}
/** An alert that does not name its incident: its services are asked for it. */
export interface AlertDelivery {
  readonly kind: 'alert';
  readonly shape: AlertShape;
  readonly alert: AlertRef;
  /** As of an incident. */
  readonly item?: unknown;
}
export type RejectionCode =
  // What cannot be read.
  | 'too-large'
  | 'too-deep'
  | 'unknown-workspace'
  | 'unknown-tenant'
  | 'too-many-items'
  | 'empty-list'
  | 'malformed-json'
  | 'not-an-object'
  // Incidents that cannot be identified.
  | 'no-incident-id'
  | 'bad-incident-id'
  // Alerts whose incident cannot be found.
  | 'alert-lookup-not-configured'
  | 'alert-without-incident'
  // Incidents and alerts of other APIs.
  | 'alert-trigger'
  | 'sentinel-alert'
  | 'graph-alert'
  | 'defender-alert'
  | 'kql-incident'
  | 'kql-alert'
  | 'streaming-record'
  // Messages of services.
  | 'event-grid-validation'
  | 'event-grid-system-event'
  | 'event-without-incident'
  | 'graph-lifecycle'
  | 'graph-notification'
  // Parts of incidents, records of other services, and answers of APIs.
  | 'sentinel-entity'
  | 'sentinel-entities'
  | 'sentinel-comment'
  | 'sentinel-task'
  | 'sentinel-bookmark'
  | 'sentinel-watchlist-item'
  | 'sentinel-alert-rule'
  | 'graph-device'
  | 'graph-user'
  | 'defender-machine'
  | 'defender-machine-action'
  | 'defender-indicator'
  | 'defender-vulnerability'
  | 'defender-file-statistics'
  | 'hunting-result'
  | 'log-query-result'
  | 'log-row'
  | 'log-query-error'
  | 'defender-error'
  | 'sign-in-error'
  | 'service-error'
  | 'empty-answer'
  | 'workflow-definition'
  | 'api-example'
  | 'unknown-shape';
/** `reason` and `next` are display texts without any part of the body. `path` is the faulty place in the body. */
export interface RejectedDelivery {
  readonly kind: 'rejected';
  readonly code: RejectionCode;
  readonly reason: string;
  readonly next: string;
  readonly path: string;
  /** As of an incident. Absent: the whole body is rejected. */
  readonly item?: unknown;
  /** Of an incident that belongs to another tenant or workspace. */
  readonly origin?: IncidentOrigin;
}
/** One item of a body: an incident, an alert without one, or something that is rejected. */
export type Delivery = IncidentDelivery | LogIncidentDelivery | AlertDelivery | RejectedDelivery;
/** What a body contains: one delivery, or one for each item of a list, in the order of the body. */
export type Deliveries = readonly [Delivery, ...Delivery[]];
