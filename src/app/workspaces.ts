/** The incidents of other workspaces and tenants than the configured ones are rejected by name. */
import type { Delivery, IncidentDelivery } from '../intake/index.js';
import { refusalOf } from './tenants.js';

/** Rejects an incident that belongs to no configured tenant: of another workspace, or of another tenant's Defender. */
export function inScope(delivery: IncidentDelivery): Delivery {
  const refusal = refusalOf(delivery.origin);
  if (refusal === undefined) return delivery;
  return {
    kind: 'rejected',
    ...refusal,
    path: '',
    ...(Object.hasOwn(delivery, 'item') ? { item: delivery.item } : {}),
  };
}
