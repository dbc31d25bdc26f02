/** The records in the tests' tenant are known by their kind. */
export function enrichmentCase(): string {
  return `import type { EnrichmentCase } from '../case.js';

export default { kind: 'enrichment' } satisfies EnrichmentCase;
`;
}

export function responseCase(): string {
  return `import type { ResponseCase } from '../case.js';

export default {
  kind: 'response',
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
  return `import type { ResponseCase } from '../case.js';
import { begunByAnalyst, endAs } from '../tenant-changes.js';

export default {
  kind: 'response',
  doneBySomebodyElse: begunByAnalyst('FILL_IN'),
  lose: endAs('FILL_IN', 'Failed'),
} satisfies ResponseCase;
`;
}
