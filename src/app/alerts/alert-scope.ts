/** Where the incident of an alert is looked for: only in workspaces and tenants that are configured, and in one tenant only. */
import type { AlertRef } from '../../domain/alert-lookup.js';
import { lowerCase } from '../../domain/unicode-text.js';
import type { RefusalCause } from '../refusals.js';
import type { Workspace } from '../tenant-config.js';
import { refusalOf, soleTenant, type Tenant, tenantOf, tenantsFor } from '../tenants.js';

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
export function scopeOf(
  alert: AlertRef,
  forTenant?: string,
): AlertScope | { readonly refused: RefusalCause } {
  return alert.kind === 'sentinel' ? sentinelScope(alert, forTenant) : defenderScope(alert, forTenant);
}

function defenderScope(
  { id, tenantId }: DefenderAlert,
  forTenant: string | undefined,
): ReturnType<typeof scopeOf> {
  const named = tenantId ?? soleTenant()?.id;
  if (named === undefined)
    return { refused: soleTenant() === undefined ? 'no-tenant-named' : 'no-tenant-id' };
  const origin = { kind: 'defender', tenantId: named, id } as const;
  const refused = refusalOf(origin, forTenant);
  const tenant = tenantOf(origin);
  if (tenant !== undefined && refused === undefined) return { kind: 'defender', tenant, tenantId: named };
  return { refused: refused ?? 'no-tenant-id' };
}

function sentinelScope(alert: SentinelAlert, forTenant: string | undefined): ReturnType<typeof scopeOf> {
  const all = tenantsFor(forTenant);
  const sole = soleTenant();
  const isNamed = alert.workspace !== undefined || alert.customerId !== undefined;
  if (!isNamed && sole === undefined) return { refused: 'no-workspace-named' };
  let isKnown = false;
  for (const tenant of all) {
    const named = tenant.config.workspaces.filter((one) => isNamedBy(alert, one));
    isKnown ||= named.length > 0;
    const [first, ...others] = named.filter(hasLog);
    if (first !== undefined) return { kind: 'sentinel', tenant, workspaces: [first, ...others] };
  }
  const mayBeKnown = isKnown || (alert.workspace === undefined && !all.every(hasLogs));
  return { refused: mayBeKnown || all.every(hasNoWorkspace) ? 'no-log' : 'other-workspace' };
}

/** Without a hint, it may be in any. */
function isNamedBy({ customerId, workspace }: SentinelAlert, one: Workspace): boolean {
  if (workspace !== undefined) return lowerCase(one.id) === workspace;
  return customerId === undefined || one.customerId === customerId;
}

const hasLog = (workspace: Workspace): workspace is SearchedWorkspace => workspace.customerId !== undefined;
const hasLogs = ({ config: { workspaces } }: Tenant) => workspaces.every(hasLog);
const hasNoWorkspace = ({ config: { workspaces } }: Tenant) => workspaces.length === 0;
