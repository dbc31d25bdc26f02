/** Where the incident of an alert is looked for: only in workspaces and in the tenant that are configured. */
import type { AlertRef } from '../../domain/alert-lookup.js';
import { lowerCase } from '../../domain/unicode-text.js';
import type { Workspace } from '../config.js';
import { services } from '../services.js';
import { type Refusal, refusalOf, UNKNOWN_WORKSPACE } from '../workspaces.js';

type SentinelAlert = Extract<AlertRef, { kind: 'sentinel' }>;
export type SearchedWorkspace = Workspace & { readonly customerId: string };

/** The configured workspaces whose log may have the incident of the alert. */
export function workspacesOf(alert: SentinelAlert): readonly SearchedWorkspace[] {
  return workspacesNamedBy(alert).filter(hasLog);
}

/** What the alert says about its workspace chooses among those that are configured. Without such a hint, it may be in any. */
function workspacesNamedBy({ customerId, workspace }: SentinelAlert): readonly Workspace[] {
  const { workspaces } = services().config;
  if (workspace !== undefined) return workspaces.filter(({ id }) => lowerCase(id) === workspace);
  if (customerId === undefined) return workspaces;
  const known = workspaces.filter((one) => one.customerId === customerId);
  // It may be one of those whose customer id is not configured.
  return known.length > 0 ? known : workspaces.filter((one) => !hasLog(one));
}

const hasLog = (workspace: Workspace): workspace is SearchedWorkspace => workspace.customerId !== undefined;

/** Why nothing can be looked up; undefined if it can. */
export function alertRefusalOf(alert: AlertRef): Refusal | undefined {
  if (alert.kind === 'defender') {
    const { tenantId = '' } = services().config;
    const named = lowerCase(alert.tenantId ?? tenantId);
    return refusalOf({ kind: 'defender', tenantId: named, id: alert.id });
  }
  if (workspacesOf(alert).length > 0) return undefined;
  const isOther = services().config.workspaces.length > 0 && workspacesNamedBy(alert).length === 0;
  return isOther ? UNKNOWN_WORKSPACE : NOT_CONFIGURED;
}

const NOT_CONFIGURED: Refusal = {
  code: 'alert-lookup-not-configured',
  reason:
    'This is an alert that names no incident. Its incident cannot be looked up: the customer id of its workspace is unknown.',
  next: 'Name the customerId of the workspace in SENTINEL_WORKSPACES, then submit the stored body again.',
};
