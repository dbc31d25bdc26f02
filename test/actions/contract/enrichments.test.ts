/** Each enrichment of the registry keeps the contract. A new one is tested by having a case. */
import { describe, it } from 'vitest';
import { enrichments } from '../../../src/actions/registry.generated.js';
import { caseOf } from './case.js';
import { enrichmentChecks } from './checks/index.js';

describe.concurrent.each(enrichments.map((action) => [action.name, action] as const))(
  '%s',
  (_name, action) => {
    const applicable = enrichmentChecks.filter(
      ({ exempt }) => exempt?.(action, caseOf(action)) === undefined,
    );
    it.each(applicable.map((check) => [check.name, check] as const))('%s', (_check, check) =>
      check.run(action, caseOf(action)),
    );
  },
);
