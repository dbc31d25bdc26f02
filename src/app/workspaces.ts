/** The incidents of other workspaces and tenants than the configured ones are rejected by name. */
import type { IncidentDelivery, RejectedDelivery } from '../intake/index.js';
import { type Refusal, THE_INCIDENT } from './refusals.js';
import { refusalOf, refuse } from './tenants.js';

/**
 * Rejects an incident that belongs to no configured tenant: of another workspace, or of another tenant's Defender.
 * @param submitterTenant with several tenants, that of an authenticated submitter: all others are not configured for it
 */
export function inScope(
  delivery: IncidentDelivery,
  submitterTenant?: string,
): IncidentDelivery | RejectedDelivery {
  const { origin } = delivery;
  const cause = refusalOf(origin, submitterTenant);
  if (cause === undefined) return delivery;
  return { ...rejectedAs(refuse(cause, THE_INCIDENT), delivery), origin };
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
