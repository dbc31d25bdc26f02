/** What the templates of actions have in common: names from the declaration of the service, and the record of an entity. */
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

/** `collect-package` → `collectPackage`. */
export function camelCase(words: string): string {
  return words.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
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
const PATHS: Readonly<Record<string, string>> = { defender: '/api/machines', graph: '/v1.0/users' };

export interface Names {
  readonly resolver: string;
  readonly found: string;
  /** Import path of the module with the resolver. */
  readonly from: string;
  /** The client in `ctx.clients`; a service without an API of its own uses Graph. */
  readonly client: string;
  /** A made-up call about the record; the simulated tenant does not answer it. */
  readonly where: (id: string) => string;
  readonly permission: string;
  readonly quota: string;
}

/** The first names that the service declares: they compile, and are to be replaced. */
export function namesOf({ service, declaration, what, entity }: NewAction): Names {
  const { module, resolver, found } = RECORDS[entity];
  const client = Object.keys(declaration.apis)[0] ?? 'graph';
  const [api, permissions] = Object.entries(declaration.permissions)[0] ?? ['FILL_IN', []];
  return {
    resolver,
    found,
    from: importPath(service, module),
    client,
    where: (id) => `${PATHS[client] ?? '/FILL_IN'}/\${${id}}/${camelCase(what)}`,
    permission: `{ api: '${api}', name: '${permissions[0] ?? 'FILL_IN'}', why: 'do what it does (FILL_IN)' }`,
    quota: Object.keys(declaration.quotas)[0] ?? 'graph-directory',
  };
}

export function recordId({ entity }: NewAction): string {
  return RECORDS[entity].id;
}

/** From a file of the service's folder. */
export function importPath(service: string, module: string): string {
  return module.startsWith(`${service}/`) ? `./${module.slice(service.length + 1)}` : `../${module}`;
}
