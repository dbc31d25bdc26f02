/** The incidents of other workspaces and tenants than the configured ones are rejected by name. */
import type { Delivery, IncidentDelivery } from '../intake/index.js';
import { refusalOf } from './tenants.js';

/**
 * Rejects an incident that belongs to no configured tenant: of another workspace, or of another tenant's Defender.
 * @param submitterTenant with several tenants, that of an authenticated submitter: all others are not configured for it
 */
export function inScope(delivery: IncidentDelivery, submitterTenant?: string): Delivery {
  const { origin } = delivery;
  const refusal = refusalOf(origin, submitterTenant);
  if (refusal === undefined) return delivery;
  return {
    kind: 'rejected',
    ...refusal,
    path: '',
    origin,
    ...(Object.hasOwn(delivery, 'item') ? { item: delivery.item } : {}),
  };
}
