/** What a reader sees: the cases of one tenant. What belongs to no configured tenant is shown to the operators. */
import type { IncidentOrigin } from '../domain/incident-origin.js';
import { services } from './services.js';
import { soleTenant, tenantOf, tenants } from './tenants.js';

export interface VisibleCases {
  /** True: nothing is hidden, so the origin of a case need not be looked up. */
  readonly all: boolean;
  /** @param origin of a case; undefined: unknown */
  include(origin: IncidentOrigin | undefined): boolean;
  /** @param owner id of the tenant that something belongs to; undefined: to no configured tenant */
  ownedBy(owner: string | undefined): boolean;
}

/** For the app's own work. Never for what a person or a program asks for. */
export const EVERY_CASE: VisibleCases = { all: true, include: () => true, ownedBy: () => true };

/** What the people and programs of a tenant see. @param tenantId undefined: of the only tenant */
export function casesOf({ tenantId }: { readonly tenantId?: string | undefined }): VisibleCases {
  if (soleTenant() !== undefined) return EVERY_CASE;
  const ownedBy = (owner: string | undefined) =>
    owner === undefined ? isOperator(tenantId) : owner === tenantId;
  return { all: false, ownedBy, include: (origin) => ownedBy(origin && tenantOf(origin)?.id) };
}

/** The operators see what belongs to no tenant. */
function isOperator(tenantId: string | undefined): boolean {
  return tenantId !== undefined && tenantId === services().config.homeTenantId;
}

/** The name of a tenant for people; undefined if there is only one. */
export function shownName(tenantId: string | undefined): string | undefined {
  if (soleTenant() !== undefined) return undefined;
  return tenants().find(({ id }) => id === tenantId)?.name;
}
