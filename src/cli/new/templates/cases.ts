import type { NewAction } from './new-action.js';

const QUERIES = {
  host: ['{ mdeId: MACHINE }', 'MACHINE'],
  account: ['{ objectId: DANA }', 'DANA'],
  ip: ["{ address: '203.0.113.77' }", undefined],
} as const;

export function enrichmentCase({ entity }: NewAction): string {
  const [query, id] = QUERIES[entity];
  const imports = [
    ...(id === undefined ? [] : [`import { ${id} } from '../../contoso.js';`]),
    "import type { EnrichmentCase } from '../case.js';",
  ];
  return `${imports.join('\n')}

export default { kind: 'enrichment', query: ${query} } satisfies EnrichmentCase;
`;
}

export function responseCase({ entity }: NewAction): string {
  const [id, input] =
    entity === 'host'
      ? ['MACHINE', "{ machineId: MACHINE, device: 'ws-fin-0142' }"]
      : ['DANA', "{ objectId: DANA, upn: 'dana.ortiz@contoso.com' }"];
  return `import { ${id} } from '../../contoso.js';
import type { ResponseCase } from '../case.js';

export default {
  kind: 'response',
  input: ${input},
  doneBySomebodyElse: () => {
    throw new Error('FILL_IN: change the tenant as if somebody else had done it');
  },
  lose: () => {
    throw new Error('FILL_IN: change the tenant so that the effect is no longer there');
  },
} satisfies ResponseCase;
`;
}

export function machineActionCase(): string {
  return `import { MACHINE } from '../../contoso.js';
import type { ResponseCase } from '../case.js';
import { begunByAnalyst, endAs } from '../tenant-changes.js';

export default {
  kind: 'response',
  input: { machineId: MACHINE, device: 'ws-fin-0142' },
  doneBySomebodyElse: begunByAnalyst('FILL_IN'),
  lose: endAs('FILL_IN', 'Failed'),
} satisfies ResponseCase;
`;
}
