/** Advanced hunting. https://learn.microsoft.com/graph/api/security-security-runhuntingquery */
import { z } from 'zod';
import type { Kql } from '../../../domain/builders/kql.js';
import { path } from '../../../domain/builders/path.js';
import type { ActionContext } from '../../define.js';

/** Defender keeps its tables for so long. */
export const HUNTING_DAYS = 30;

/**
 * The rows of a query over the last thirty days.
 * @throws ResponderError `bad-answer` if a row is not as `row` says; those of the client: `invalid-request` if the tenant
 * does not have a table.
 */
export async function hunt<T>(
  query: Kql,
  row: z.ZodType<T>,
  { clients, signal }: ActionContext,
): Promise<readonly T[]> {
  const { body } = await clients.graph.postRead(
    path`/v1.0/security/runHuntingQuery`,
    { Query: query, Timespan: `P${HUNTING_DAYS}D` },
    z.looseObject({ results: z.array(row) }),
    { signal },
  );
  return body.results;
}
