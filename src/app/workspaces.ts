/** The incidents of other workspaces and tenants than the configured ones are rejected by name. */
import type { IncidentDelivery, RejectedDelivery } from '../intake/index.js';
import { refusalOf } from './tenants.js';

export type Refusal = Pick<RejectedDelivery, 'code' | 'reason' | 'next'>;

/** Rejects an incident that belongs to no configured tenant: of another workspace, or of another tenant's Defender. */
export function inScope(delivery: IncidentDelivery): IncidentDelivery | RejectedDelivery {
  const refusal = refusalOf(delivery.origin);
  return refusal === undefined ? delivery : rejectedAs(refusal, delivery);
}

/** A delivery that is not handled here, with its item. */
export function rejectedAs(refusal: Refusal, delivery: { readonly item?: unknown }): RejectedDelivery {
  return {
    kind: 'rejected',
    ...refusal,
    path: '',
    ...(Object.hasOwn(delivery, 'item') ? { item: delivery.item } : {}),
  };
}
