/** The Sentinel workspaces of this responder, by the ARM ids of their incidents. */
import { lowerCase } from '../domain/unicode-text.js';
import type { Delivery, IncidentDelivery, RejectedDelivery } from '../intake/index.js';
import type { Workspace } from './config.js';
import { services } from './services.js';

/** The workspace of an incident; undefined if it is not configured. @param key lower-cased ARM id of the incident. */
export function workspaceOf(key: string): Workspace | undefined {
  const of = ({ id }: Workspace) => key.startsWith(`${lowerCase(id)}/providers/microsoft.securityinsights/`);
  return services().config.workspaces.find(of);
}

/**
 * Rejects an incident of a workspace that is not configured. If none is configured, as with a simulated tenant or a
 * recording, every workspace is accepted; with a real tenant the app does not start then.
 */
export function inKnownWorkspace(delivery: IncidentDelivery): Delivery {
  const isKnown = services().config.workspaces.length === 0 || workspaceOf(delivery.key) !== undefined;
  return isKnown ? delivery : unknownWorkspace(delivery);
}

function unknownWorkspace(delivery: IncidentDelivery): RejectedDelivery {
  return {
    kind: 'rejected',
    code: 'unknown-workspace',
    reason: 'The incident belongs to a workspace that this responder is not configured for.',
    next: 'Add the workspace to SENTINEL_WORKSPACES, then submit the stored body again.',
    path: '',
    ...(Object.hasOwn(delivery, 'item') ? { item: delivery.item } : {}),
  };
}
