/** Delegated permissions that users, or administrators for all, granted to an app. https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant */
import { z } from 'zod';
import { odata, path } from '../../../domain/builders/path.js';
import { ResponderError } from '../../../domain/errors.js';
import type { ActionContext } from '../../define.js';
import { isSame } from '../../identifiers.js';
import { completeList, odataListSchema } from '../../odata-list.js';

const grantSchema = z.looseObject({
  id: z.string().min(1),
  /** Object id of the service principal that may act. */
  clientId: z.string().min(1),
  consentType: z.enum(['AllPrincipals', 'Principal']),
  /** The user that it may act for; null: all users. */
  principalId: z.string().nullish(),
  /** Object id of the service principal of the API. */
  resourceId: z.string().min(1),
  /** Permissions, separated by spaces. */
  scope: z.string().nullish(),
});
export type Grant = z.infer<typeof grantSchema>;
const listSchema = odataListSchema(grantSchema);

/** What a grant is about: Graph has at most one of each. */
export interface GrantIdentity {
  readonly clientId: string;
  readonly resourceId: string;
  /** Absent: for all users. */
  readonly principalId?: string | undefined;
}

async function readPage(clientId: string, { clients, signal }: ActionContext) {
  const where = path`/v1.0/oauth2PermissionGrants?$filter=${odata`clientId eq ${clientId}`}`;
  return (await clients.graph.get(where, listSchema, { signal })).body;
}

/** All grants to an app. @throws ResponderError `incomplete-answer`; those of the client. */
export async function readGrants(clientId: string, ctx: ActionContext): Promise<readonly Grant[]> {
  return completeList(await readPage(clientId, ctx), 'The directory');
}

/** The first page of them, and whether there are no more. */
export async function readFirstGrants(
  clientId: string,
  ctx: ActionContext,
): Promise<{ readonly grants: readonly Grant[]; readonly complete: boolean }> {
  const page = await readPage(clientId, ctx);
  return { grants: page.value, complete: !page['@odata.nextLink'] };
}

/** Undefined if it no longer exists. https://learn.microsoft.com/graph/api/oauth2permissiongrant-get */
export async function findGrant(id: string, ctx: ActionContext): Promise<Grant | undefined> {
  try {
    const { signal } = ctx;
    const { body } = await ctx.clients.graph.get(path`/v1.0/oauth2PermissionGrants/${id}`, grantSchema, {
      signal,
    });
    return body;
  } catch (error) {
    if (error instanceof ResponderError && error.info.code === 'not-found') return undefined;
    throw error;
  }
}

export function isOf(grant: Grant, { clientId, resourceId, principalId }: GrantIdentity): boolean {
  const isForSame =
    principalId === undefined
      ? grant.consentType === 'AllPrincipals'
      : grant.consentType === 'Principal' && isSame(grant.principalId, principalId);
  return isForSame && isSame(grant.clientId, clientId) && isSame(grant.resourceId, resourceId);
}

/** The permissions of a grant, whatever their order and spacing. */
export const scopesOf = ({ scope }: Pick<Grant, 'scope'>): string[] =>
  [...new Set((scope ?? '').split(/\s+/).filter((one) => one !== ''))].sort();
