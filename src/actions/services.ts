/** What follows from the declarations of the services: clients, permissions and quotas, as closed sets. */
import type { ClientsOf } from '../connectors/api.js';
import type { Limit } from './service.js';
import { type apis, quotas, type services } from './services.generated.js';

export type { Service } from './service.js';
export { apis, services } from './services.generated.js';

type DeclaredService = (typeof services)[keyof typeof services];

/** One client for each API. */
export type Clients = ClientsOf<typeof apis>;

/** A throttling family: calls of one family share its limits. */
export type QuotaFamily = keyof typeof quotas;

export type Permission = PermissionOf<DeclaredService>;

type PermissionOf<S extends DeclaredService> = S extends DeclaredService
  ? {
      [A in keyof S['permissions']]: {
        /** The API's name in Entra; `Azure RBAC` for roles. */
        readonly api: A;
        /** Application permission or role, e.g. `User.Read.All`, `Microsoft Sentinel Responder`. */
        readonly name: S['permissions'][A] extends readonly (infer N)[] ? N : never;
        /** Purpose, as the end of "to …". */
        readonly why: string;
      };
    }[keyof S['permissions']]
  : never;

/** @returns e.g. `100 calls in 60 s, 1500 calls in 3600 s`. */
export function limitsOf(family: QuotaFamily): string {
  const limits: readonly Limit[] = quotas[family].limits;
  return limits.map(({ amount, unit, seconds }) => `${amount} ${unit} in ${seconds} s`).join(', ');
}
