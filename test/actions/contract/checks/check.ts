/** One promise of the contract. A faulty action breaks it: planted-faults.ts has one for each. */
import type { Enrichment, Response } from '../../../../src/actions/define.js';
import type { EnrichmentCase, ResponseCase } from '../case.js';

export interface Check<A, C> {
  /** Its column in the table, and the name of its test. */
  readonly name: string;
  /** What holds, as a clause. */
  readonly promise: string;
  /** Why it says nothing about an action. Undefined: it applies. */
  readonly exempt?: (action: A, given: C) => string | undefined;
  /** Throws if the promise is broken. */
  readonly run: (action: A, given: C) => Promise<void>;
}
export type ResponseCheck = Check<Response, ResponseCase>;
export type EnrichmentCheck = Check<Enrichment, EnrichmentCase>;
