import { ResponderError } from '../domain/errors.js';
import type { ReadOrigin } from '../domain/incident.js';
import type { ActionContext } from './define.js';

/** Where Sentinel has the incident. @throws ResponderError `no-workspace` for an incident that Sentinel does not know. */
export function sentinelOf({ incident }: ActionContext): Extract<ReadOrigin, { kind: 'sentinel' }> {
  if (incident.origin.kind === 'sentinel') return incident.origin;
  throw new ResponderError({
    code: 'no-workspace',
    message: 'The incident belongs to no Sentinel workspace, so neither Sentinel nor its log can be queried.',
    fault: 'caller',
    retry: 'no',
  });
}

/** The workspace to query. @throws ResponderError `no-workspace`, `no-workspace-id`. */
export function customerIdOf(ctx: ActionContext): string {
  const { customerId } = sentinelOf(ctx).workspace;
  if (customerId !== undefined) return customerId;
  throw new ResponderError({
    code: 'no-workspace-id',
    message: 'The customer id of the Log Analytics workspace is unknown.',
    fault: 'caller',
    retry: 'no',
    next: 'Name the customer id (a GUID) of the workspace in SENTINEL_WORKSPACES.',
  });
}
