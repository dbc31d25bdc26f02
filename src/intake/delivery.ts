/** Name of an accepted shape: see `shapes/`. */
export type DeliveryShape = 'logic-apps-trigger' | 'sentinel-rest';

export interface IncidentDelivery {
  readonly kind: 'incident';
  readonly shape: DeliveryShape;
  readonly armId: string;
  /** Lower-cased ARM id: the same incident always has the same key. */
  readonly key: string;
  /** The orchestration's instance id, derived from the key. */
  readonly instanceId: string;
  /** Other keys of the same incident, e.g. `xdr:{tenant}/{id}`, sorted. */
  readonly aliases: readonly string[];
  /** The sender's id of this trigger event, if any. The same event may be delivered more than once. */
  readonly deliveryKey?: string;
  /** ISO 8601, UTC. Only a hint: the incident is read from Sentinel. */
  readonly modifiedAt?: string;
  readonly title?: string;
}
export type RejectionCode =
  | 'too-large'
  | 'too-deep'
  | 'malformed-json'
  | 'not-an-object'
  | 'no-incident-id'
  | 'bad-incident-id'
  | 'alert-trigger'
  | 'event-envelope'
  | 'graph-incident'
  | 'graph-alert'
  | 'graph-notification'
  | 'kql-row'
  | 'xdr-incident'
  | 'incident-list'
  | 'unknown-shape';
/** `reason` and `next` are display texts without any part of the body. `path` is the faulty place in the body. */
export interface RejectedDelivery {
  readonly kind: 'rejected';
  readonly code: RejectionCode;
  readonly reason: string;
  readonly next: string;
  readonly path: string;
  /** The rejected item of a body with several items, unchanged. Absent: the whole body is rejected. */
  readonly item?: unknown;
}
/** One item of a body: an incident, or something that is rejected. */
export type Delivery = IncidentDelivery | RejectedDelivery;
/** What a body contains: one delivery, or one for each item of a list, in the order of the body. */
export type Deliveries = readonly [Delivery, ...Delivery[]];
