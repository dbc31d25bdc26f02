/** Whose rejected body it is: known with several tenants only. */
import type { RejectedOwner } from '../../domain/rejected-body.js';
import type { RejectedDelivery } from '../../intake/index.js';
import { tenantOf, tenants } from '../tenants.js';

/** @param tenantId of the authenticated submitter. What it belongs to is not asked then: its owner would see the submitter. */
export function ownerOf(
  tenantId: string | undefined,
  { origin }: Pick<RejectedDelivery, 'origin'>,
): RejectedOwner | undefined {
  if (tenantId !== undefined) return { tenantId };
  return origin === undefined ? undefined : { origin };
}

/** The id of the configured tenant that owns a body, as the settings say now. */
export function owningTenant(owner: RejectedOwner | undefined): string | undefined {
  if (owner === undefined) return undefined;
  if ('origin' in owner) return tenantOf(owner.origin)?.id;
  return tenants().find(({ id }) => id === owner.tenantId)?.id;
}
