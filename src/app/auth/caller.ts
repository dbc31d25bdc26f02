/** An authenticated caller. */
import type { TenantId } from '../../domain/tenant-id.js';

export interface Person {
  /** Object id in the directory of the tenant. */
  readonly id: string;
  readonly name: string;
  /** Undefined: the only tenant, whose id is not configured. */
  readonly tenantId: TenantId | undefined;
}

export type Caller =
  | {
      readonly kind: 'person';
      readonly person: Person;
      readonly channel: 'web' | 'http' | 'cli';
      /** False for a read-only token. */
      readonly mayDecide: boolean;
      /** Identifies the sign-in. Forms are bound to it. */
      readonly session: string;
    }
  /** A program with an application token: read-only. */
  | { readonly kind: 'app'; readonly id: string; readonly tenantId: TenantId | undefined };

/** The tenant whose cases the caller sees. */
export function tenantIdOf(caller: Caller): TenantId | undefined {
  return caller.kind === 'person' ? caller.person.tenantId : caller.tenantId;
}

/** Why a call could not be authenticated. `unauthenticated`: the call has no credentials. */
export interface SignInRefusal {
  readonly kind: 'unauthenticated' | 'refused';
  readonly status: 401 | 403 | 503;
  readonly code: string;
  readonly detail: string;
  readonly next: string;
}
