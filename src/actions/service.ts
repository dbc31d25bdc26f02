/** Declares a service: one folder, with this declaration in `service.ts` beside its actions. */
import type { Apis } from '../connectors/api.js';

/** How many calls, or units of work, the service allows in a period. */
export interface Limit {
  readonly amount: number;
  readonly unit: 'calls' | 'resource units';
  readonly seconds: number;
}
/** Calls of one family share its limits; each of them holds. */
export interface Quota {
  /** The service's page about throttling. */
  readonly docs: string;
  readonly limits: readonly [Limit, ...Limit[]];
}

export interface Service {
  readonly title: string;
  readonly docs: string;
  /** APIs that no other service declares, by the name of their client. Several services may use one API. */
  readonly apis: Apis;
  /** Names of the application permissions or roles that its actions may declare, by the name of the API in Entra. */
  readonly permissions: Readonly<Record<string, readonly string[]>>;
  /** The throttling families of its calls. */
  readonly quotas: Readonly<Record<string, Quota>>;
}

/** The names are inferred: an action can declare only a permission and a quota that its service knows. */
export function defineService<const S extends Service>(service: S): S {
  return service;
}
