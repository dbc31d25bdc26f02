import { z } from 'zod';
import { path } from '../../../domain/builders/path.js';
import { lowerCase } from '../../../domain/unicode-text.js';
import type { ActionContext } from '../../define.js';
import { completeList, odataListSchema } from '../../odata-list.js';

const listSchema = odataListSchema(z.looseObject({ id: z.string(), isVerified: z.boolean().nullish() }));

/**
 * The domains of the tenant, in lower case. https://learn.microsoft.com/graph/api/domain-list
 * @throws ResponderError `incomplete-answer`; those of the client.
 */
export async function readVerifiedDomains({ clients, signal }: ActionContext): Promise<ReadonlySet<string>> {
  const { body } = await clients.graph.get(path`/v1.0/domains`, listSchema, { signal });
  const verified = completeList(body, 'The directory').filter(({ isVerified }) => isVerified !== false);
  return new Set(verified.map(({ id }) => lowerCase(id)));
}
