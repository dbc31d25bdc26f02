/** Each response of the registry keeps the contract. A new one is tested by having a case. */
import { describe, it } from 'vitest';
import { responses } from '../../../src/actions/registry.generated.js';
import { caseOf } from './case.js';
import { responseChecks } from './checks/index.js';

describe.concurrent.each(responses.map((action) => [action.name, action] as const))('%s', (_name, action) => {
  const applicable = responseChecks.filter(({ exempt }) => exempt?.(action, caseOf(action)) === undefined);
  it.each(applicable.map((check) => [check.name, check] as const))('%s', (_check, check) =>
    check.run(action, caseOf(action)),
  );
});
