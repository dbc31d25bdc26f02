import { z } from 'zod';
import { path } from '../domain/builders/path.js';
import { ResponderError } from '../domain/errors.js';
import type { RestClient } from './clients.js';

const membersSchema = z.object({
  value: z.array(z.object({ '@odata.type': z.string().optional(), id: z.string() })),
});

/**
 * Object ids of the users in a group, including nested groups, at most a page of 999; undefined if the group does not
 * exist. https://learn.microsoft.com/graph/api/group-list-transitivemembers
 * @throws ResponderError of the client.
 */
export async function listGroupUsers(graph: RestClient, id: string): Promise<string[] | undefined> {
  try {
    const called = path`/v1.0/groups/${id}/transitiveMembers?$select=id&$top=999`;
    const { body } = await graph.get(called, membersSchema);
    return body.value.filter((one) => one['@odata.type'] !== '#microsoft.graph.group').map((one) => one.id);
  } catch (error) {
    if (error instanceof ResponderError && error.info.code === 'not-found') return undefined;
    throw error;
  }
}
