/** The Sentinel workspaces and the tenant of this responder: incidents of others are rejected by name. */
import { type IncidentOrigin, keyOfOrigin } from '../domain/incident-origin.js';
import { lowerCase } from '../domain/unicode-text.js';
import type { IncidentDelivery, RejectedDelivery } from '../intake/index.js';
import type { Workspace } from './config.js';
import { isRealTenant, services } from './services.js';

/** The workspace of an incident; undefined if it is not configured. @param key lower-cased ARM id of the incident. */
export function workspaceOf(key: string): Workspace | undefined {
  const of = ({ id }: Workspace) => key.startsWith(`${lowerCase(id)}/providers/microsoft.securityinsights/`);
  return services().config.workspaces.find(of);
}

/**
 * Rejects an incident of a workspace that is not configured, and one of Defender in another tenant. If no workspace is
 * configured, as with a simulated tenant or a recording, every workspace is accepted; with a real tenant none is.
 */
export function inScope(delivery: IncidentDelivery): IncidentDelivery | RejectedDelivery {
  const refusal = refusalOf(delivery.origin);
  return refusal === undefined ? delivery : rejectedAs(refusal, delivery);
}

/** Why an incident is not handled here; undefined if it is. */
export function refusalOf(origin: IncidentOrigin): Refusal | undefined {
  const { config } = services();
  if (origin.kind === 'sentinel') {
    const takesAll = config.workspaces.length === 0 && !isRealTenant(config);
    const isKnown = takesAll || workspaceOf(keyOfOrigin(origin)) !== undefined;
    return isKnown ? undefined : UNKNOWN_WORKSPACE;
  }
  const { tenantId } = config;
  if (tenantId === undefined) return TENANT_NOT_SET;
  return lowerCase(tenantId) === origin.tenantId ? undefined : UNKNOWN_TENANT;
}

export type Refusal = Pick<RejectedDelivery, 'code' | 'reason' | 'next'>;

export const UNKNOWN_WORKSPACE: Refusal = {
  code: 'unknown-workspace',
  reason: 'It belongs to a workspace that this responder is not configured for.',
  next: 'Add the workspace to SENTINEL_WORKSPACES, then submit the stored body again.',
};
const UNKNOWN_TENANT: Refusal = {
  code: 'unknown-tenant',
  reason: 'The incident belongs to another tenant than this responder.',
  next: 'Send it to the responder of that tenant.',
};
const TENANT_NOT_SET: Refusal = {
  code: 'unknown-tenant',
  reason: 'It is unknown whether the incident belongs to the tenant of this responder.',
  next: 'Set AZURE_TENANT_ID, then submit the stored body again.',
};

/** A delivery that is not handled here, with its item. */
export function rejectedAs(refusal: Refusal, delivery: { readonly item?: unknown }): RejectedDelivery {
  return {
    kind: 'rejected',
    ...refusal,
    path: '',
    ...(Object.hasOwn(delivery, 'item') ? { item: delivery.item } : {}),
  };
}
