/** Users on the list of risky users of Entra ID Protection. https://learn.microsoft.com/graph/api/resources/riskyuser */
import { z } from 'zod';
import { path } from '../../../domain/builders/path.js';
import { ResponderError } from '../../../domain/errors.js';
import type { ActionContext } from '../../define.js';

const riskSchema = z.looseObject({
  riskLevel: z.string(),
  riskState: z.string(),
  riskDetail: z.string().nullish(),
  riskLastUpdatedDateTime: z.string().nullish(),
});
export type RiskyUser = z.infer<typeof riskSchema>;

/**
 * Undefined: the user was never at risk, and is not on the list.
 * @throws ResponderError of the client, `not-licensed` without Entra ID P2.
 */
export async function readRisk(
  objectId: string,
  { clients, signal }: ActionContext,
): Promise<RiskyUser | undefined> {
  try {
    const { body } = await clients.graph.get(
      path`/v1.0/identityProtection/riskyUsers/${objectId}`,
      riskSchema,
      { signal },
    );
    return body;
  } catch (error) {
    if (error instanceof ResponderError && error.info.code === 'not-found') return undefined;
    throw error;
  }
}
