/** Where the incident of an alert is looked for: only in workspaces and tenants that are configured, and in one tenant only. */
import type { AlertRef } from '../../domain/alert-lookup.js';
import { lowerCase } from '../../domain/unicode-text.js';
import type { Workspace } from '../tenant-config.js';
import { refusalOf, soleTenant, type Tenant, tenantOf, tenantsFor } from '../tenants.js';
import type { Refusal } from '../workspaces.js';

type SentinelAlert = Extract<AlertRef, { kind: 'sentinel' }>;
type DefenderAlert = Extract<AlertRef, { kind: 'defender' }>;
export type SearchedWorkspace = Workspace & { readonly customerId: string };

/** The services that are asked. */
export type AlertScope =
  | {
      readonly kind: 'sentinel';
      readonly tenant: Tenant;
      readonly workspaces: readonly [SearchedWorkspace, ...SearchedWorkspace[]];
    }
  | { readonly kind: 'defender'; readonly tenant: Tenant; readonly tenantId: string };

/**
 * What the alert says about workspace and tenant chooses among those that are configured.
 * @param forTenant the tenant that alone exists for who asks; undefined: all
 */
export function scopeOf(alert: AlertRef, forTenant?: string): AlertScope | { readonly refused: Refusal } {
  return alert.kind === 'sentinel' ? sentinelScope(alert, forTenant) : defenderScope(alert, forTenant);
}

function defenderScope(
  { id, tenantId }: DefenderAlert,
  forTenant: string | undefined,
): ReturnType<typeof scopeOf> {
  const named = tenantId ?? soleTenant()?.id;
  if (named === undefined) return { refused: soleTenant() === undefined ? TENANT_NOT_NAMED : NO_TENANT };
  const origin = { kind: 'defender', tenantId: named, id } as const;
  const refused = refusalOf(origin, forTenant);
  const tenant = tenantOf(origin);
  if (tenant !== undefined && refused === undefined) return { kind: 'defender', tenant, tenantId: named };
  return { refused: refused ?? NO_TENANT };
}

function sentinelScope(alert: SentinelAlert, forTenant: string | undefined): ReturnType<typeof scopeOf> {
  const all = tenantsFor(forTenant);
  const sole = soleTenant();
  const isNamed = alert.workspace !== undefined || alert.customerId !== undefined;
  if (!isNamed && sole === undefined) return { refused: TENANT_NOT_NAMED };
  let isKnown = false;
  for (const tenant of all) {
    const named = tenant.config.workspaces.filter((one) => isNamedBy(alert, one));
    isKnown ||= named.length > 0;
    const [first, ...others] = named.filter(hasLog);
    if (first !== undefined) return { kind: 'sentinel', tenant, workspaces: [first, ...others] };
  }
  const mayBeKnown = isKnown || (alert.workspace === undefined && !all.every(hasLogs));
  return { refused: mayBeKnown || all.every(hasNoWorkspace) ? NOT_CONFIGURED : OTHER_WORKSPACE };
}

/** Without a hint, it may be in any. */
function isNamedBy({ customerId, workspace }: SentinelAlert, one: Workspace): boolean {
  if (workspace !== undefined) return lowerCase(one.id) === workspace;
  return customerId === undefined || one.customerId === customerId;
}

const hasLog = (workspace: Workspace): workspace is SearchedWorkspace => workspace.customerId !== undefined;
const hasLogs = ({ config: { workspaces } }: Tenant) => workspaces.every(hasLog);
const hasNoWorkspace = ({ config: { workspaces } }: Tenant) => workspaces.length === 0;

const NOT_CONFIGURED: Refusal = {
  code: 'alert-lookup-not-configured',
  reason:
    'This is an alert that names no incident. Its incident cannot be looked up: the customer id of its workspace is unknown.',
  next: 'Name the customerId of the workspace in the settings, then submit the stored body again.',
};
const OTHER_WORKSPACE: Refusal = {
  code: 'unknown-workspace',
  reason: 'The alert belongs to a workspace that this responder is not configured for.',
  next: 'Add the workspace with its customerId to the settings, then submit the stored body again.',
};
const TENANT_NOT_NAMED: Refusal = {
  code: 'unknown-tenant',
  reason:
    'The alert names neither its incident nor its workspace or tenant, and this responder has several tenants.',
  next: 'Send the alert as its service returns it.',
};
const NO_TENANT: Refusal = {
  code: 'unknown-tenant',
  reason: 'It is unknown whether the alert belongs to the tenant of this responder.',
  next: 'Set AZURE_TENANT_ID, then submit the stored body again.',
};
