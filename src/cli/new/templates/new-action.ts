/**
 * What the templates of actions have in common: names from the declaration of the service, and the record of an entity.
 * What is not filled in must not act: a template does not compile, and holds no guess at a request, a permission or a risk.
 */
import type { Service } from '../../../actions/services.js';

export const ENTITIES = ['host', 'account', 'ip'] as const;
export type ScaffoldedEntity = (typeof ENTITIES)[number];

export interface NewAction {
  /** `defender.collect-package` */
  readonly name: string;
  /** The folder: `defender`. */
  readonly service: string;
  readonly declaration: Service;
  /** `collect-package` */
  readonly what: string;
  readonly entity: ScaffoldedEntity;
}

/** How the existing actions find the record of an entity; modules below src/actions. */
const RECORDS = {
  host: {
    module: 'defender/machines/machine-resolver.js',
    resolver: 'machineResolver',
    found: '{ machine }',
    id: 'machine.id',
  },
  account: { module: 'entra/users/user-resolver.js', resolver: 'userResolver', found: 'user', id: 'user.id' },
  ip: { module: 'address.js', resolver: 'addressResolver', found: '{ address }', id: 'address' },
} as const;

export interface Names {
  readonly resolver: string;
  readonly found: string;
  /** Import path of the module with the resolver. */
  readonly from: string;
  /** The client in `ctx.clients`. */
  readonly client: string;
  /** The API whose permissions the service declares first. */
  readonly api: string;
}

/** What follows from service and entity. Permissions, quota and risk do not: FILL_IN is none, and does not compile. */
export function namesOf({ service, declaration, entity }: NewAction): Names {
  const { module, resolver, found } = RECORDS[entity];
  return {
    resolver,
    found,
    from: importPath(service, module),
    client: Object.keys(declaration.apis)[0] ?? 'FILL_IN',
    api: Object.keys(declaration.permissions)[0] ?? 'FILL_IN',
  };
}

export function recordId({ entity }: NewAction): string {
  return RECORDS[entity].id;
}

/** From a file of the service's folder. */
export function importPath(service: string, module: string): string {
  return module.startsWith(`${service}/`) ? `./${module.slice(service.length + 1)}` : `../${module}`;
}
