/** A new enrichment or response: its source, and its case for the contract suite. */
import { type Service, services } from '../../actions/services.js';
import { CliError } from '../problem.js';
import { checkName, type Scaffold } from './scaffold.js';
import { enrichmentCase, machineActionCase, responseCase } from './templates/cases.js';
import { enrichmentSource, querySource } from './templates/enrichment.js';
import { machineActionSource } from './templates/machine-action.js';
import { ENTITIES, type NewAction, type ScaffoldedEntity } from './templates/new-action.js';
import { responseSource } from './templates/response.js';

export interface NewActionOptions {
  readonly kind: string;
  readonly entity?: string;
}
type Kind = 'enrichment' | 'response' | 'machine-action';
const KINDS: readonly Kind[] = ['enrichment', 'response', 'machine-action'];

/** @throws CliError `name-invalid`, `service-unknown`, `kind-invalid`, `entity-invalid`. */
export function newAction(name: string, options: NewActionOptions): Scaffold {
  const kind = KINDS.find((one) => one === options.kind);
  if (kind === undefined) {
    throw new CliError(
      'kind-invalid',
      `There is no kind "${options.kind}".`,
      `Use one of: ${KINDS.join(', ')}.`,
    );
  }
  const action = parseName(name, options.entity);
  const { service, what, entity } = action;
  if (kind === 'machine-action' && entity !== 'host') {
    throw new CliError('kind-invalid', 'A machine action is about a host.', 'Use --entity host.');
  }
  if (kind === 'response' && entity === 'ip') {
    throw new CliError(
      'kind-invalid',
      'Responses about addresses have no target yet.',
      'Use --entity host or account, or write a target first: docs/adding-an-action.md.',
    );
  }
  const source = `src/actions/${service}/${what}.ts`;
  const contractCase = `test/actions/contract/cases/${name}.ts`;
  const [sourceText, caseText] = textsOf(kind, action);
  return {
    files: [
      { path: source, text: sourceText },
      { path: contractCase, text: caseText },
    ],
    next: [
      {
        what: `Fill in ${source}: every FILL_IN. A new permission is added to src/actions/${service}/service.ts.`,
      },
      {
        what: `Let the simulated tenant answer the call: a route in packages/tenant-simulator/src/services, with the permission that it checks (docs/adding-an-action.md).`,
      },
      { what: `Fill in ${contractCase}: what the contract suite needs to know.` },
      {
        what: 'Run the contract suite until it is green; this registers the action, and generates schema and reference',
        command: `npm run contract -- ${name}`,
      },
      { what: 'Check types and style', command: 'npm run typecheck && npm run lint' },
    ],
  };
}

function textsOf(kind: Kind, action: NewAction): readonly [source: string, contractCase: string] {
  switch (kind) {
    case 'enrichment':
      return [isQuery(action) ? querySource(action) : enrichmentSource(action), enrichmentCase()];
    case 'response':
      return [responseSource(action), responseCase()];
    case 'machine-action':
      return [machineActionSource(action), machineActionCase()];
  }
}

function isQuery({ declaration }: NewAction): boolean {
  return Object.values(declaration.apis)[0]?.client === 'log-analytics';
}

/** What most actions of a service are about. */
const USUAL_ENTITY: Readonly<Record<string, ScaffoldedEntity>> = { defender: 'host', sentinel: 'ip' };

function parseName(name: string, given: string | undefined): NewAction {
  const [service = '', what = '', ...more] = name.split('.');
  if (more.length > 0 || what === '') {
    throw new CliError('name-invalid', `"${name}" is not service.what, e.g. defender.collect-package.`);
  }
  const [, declaration] = Object.entries<Service>(services).find(([known]) => known === service) ?? [];
  if (declaration === undefined) {
    throw new CliError(
      'service-unknown',
      `There is no service "${service}".`,
      `Use one of: ${Object.keys(services).join(', ')}. A new service is a folder with a service.ts: docs/adding-an-action.md.`,
    );
  }
  checkName(what, 'The name');
  const entity = ENTITIES.find((one) => one === (given ?? USUAL_ENTITY[service] ?? 'account'));
  if (entity === undefined) {
    throw new CliError('entity-invalid', `Unknown entity "${given}".`, `Use one of: ${ENTITIES.join(', ')}.`);
  }
  return { name, service, declaration, what, entity };
}
