/** Resolves an account of an incident to the one user of the directory that all identifiers belong to, or to none. */

import { z } from 'zod';
import { type EntityOf, furtherIdSchema } from '../../../domain/entities.js';
import { recordWords, type TargetRecord } from '../../../domain/target.js';
import { lowerCase } from '../../../domain/unicode-text.js';
import { visible } from '../../../domain/visible.js';
import type { ActionContext, InputOrRefusal, Refusal, Resolver, ResponseTarget } from '../../define.js';
import { type Claim, claimsOf, describeClaim, verifyClaims } from '../../identifiers.js';
import { checkUser } from './user-identifiers.js';
import { type DirectoryUser, findUser, findUsersBySid, objectIdOf } from './users.js';

const text = z.string().min(1).optional();
const querySchema = z
  .object({
    objectId: text.describe('Object id in Entra'),
    sid: text.describe("Security identifier, Entra's or that of a domain"),
    upn: text.describe('User principal name'),
    name: text.describe('Account name'),
    ntDomain: text,
    tenantId: text.describe('Id of the tenant that the account claims to belong to'),
    further: z
      .array(furtherIdSchema)
      .optional()
      .describe('Further identifiers, and further ones of the same kinds'),
  })
  .refine(({ objectId, sid, upn }) => objectId ?? sid ?? upn, {
    error: 'an object id, a security identifier or a user principal name is needed',
  });
export type UserQuery = z.infer<typeof querySchema>;

export const userResolver: Resolver<'account', UserQuery, DirectoryUser> = {
  kind: 'entra.user',
  query: querySchema,
  identify,
  async resolve(query, ctx) {
    const candidates = await candidatesOf(query, ctx);
    if (!('users' in candidates)) return candidates;
    const { users, searchedBy } = candidates;
    const [user, ...more] = users;
    if (user === undefined) return notFound(searchedBy);
    if (more.length > 0) return ambiguous(searchedBy, users);
    return verifyClaims(user, recordOf(user), claimsOfAccount(query), (claim) => checkUser(user, claim, ctx));
  },
  async read(id, ctx) {
    const user = await findUser(id, ctx);
    if (user === undefined) return notFound({ id: 'objectId', value: id });
    return { ok: true, found: user, record: { ...recordOf(user), agreed: [], unchecked: [] } };
  },
};

function identify(account: EntityOf<'account'>): InputOrRefusal<UserQuery> {
  const { objectId, sid, upn, name, ntDomain, tenantId, identity, further } = account;
  if (objectId === undefined && upn === undefined && sid === undefined) {
    if (identity === 'weak') {
      return { ok: false, code: 'weak-identity', reason: 'A bare account name may belong to anybody.' };
    }
    return {
      ok: false,
      code: 'target-unknown',
      reason: 'The directory is queried by object id, UPN or security identifier; the account has none.',
    };
  }
  const given = { objectId, sid, upn, name, ntDomain, tenantId, further };
  const input = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ok: true, input };
}

/** Best identifier first. */
function claimsOfAccount(query: UserQuery): Claim[] {
  const { objectId, sid, upn, name, ntDomain, tenantId, further } = query;
  return claimsOf(
    [
      ['objectId', objectId],
      ['sid', sid],
      ['upn', upn],
      ['name', name],
      ['ntDomain', ntDomain],
      ['tenantId', tenantId],
    ],
    further,
  );
}

interface Candidates {
  readonly users: readonly DirectoryUser[];
  readonly searchedBy: Claim;
}

/** The users with the best identifier. The other identifiers are compared with them. */
async function candidatesOf(query: UserQuery, ctx: ActionContext): Promise<Candidates | Refusal> {
  const { objectId, sid, upn } = query;
  const one = async (user: string, searchedBy: Claim) => ({
    users: [await findUser(user, ctx)].filter(isThere),
    searchedBy,
  });
  if (objectId !== undefined) return one(objectId, { id: 'objectId', value: objectId });
  if (sid !== undefined) {
    const searchedBy: Claim = { id: 'sid', value: sid };
    const cloud = objectIdOf(sid);
    if (cloud !== undefined) return one(cloud, searchedBy);
    const found = await findUsersBySid(sid, ctx);
    // Read one by one, because a list does not contain the managers.
    const users = await Promise.all(found.map(({ id }) => findUser(id, ctx)));
    return { users: users.filter(isThere), searchedBy };
  }
  if (upn !== undefined) return one(upn, { id: 'upn', value: upn });
  return {
    ok: false,
    code: 'target-unknown',
    reason: 'The account has no identifier that the directory can be queried by.',
  };
}

const isThere = (user: DirectoryUser | undefined): user is DirectoryUser => user !== undefined;

function recordOf(user: DirectoryUser): Pick<TargetRecord, 'kind' | 'id' | 'name' | 'ids'> {
  const { securityIdentifier, onPremisesSecurityIdentifier } = user;
  const ids = {
    ...(securityIdentifier ? { securityIdentifier } : {}),
    ...(onPremisesSecurityIdentifier ? { onPremisesSecurityIdentifier } : {}),
  };
  return { kind: 'entra.user', id: lowerCase(user.id), name: visible(user.userPrincipalName), ids };
}

function notFound(searchedBy: Claim): Refusal {
  const reason = `The directory knows no user by ${describeClaim(searchedBy)}.`;
  return { ok: false, code: 'not-found', reason };
}

function ambiguous(searchedBy: Claim, users: readonly DirectoryUser[]): Refusal {
  const named = users.slice(0, 5).map((user) => recordWords(recordOf(user)));
  const reason = `${users.length} users in the directory have ${describeClaim(searchedBy)}: ${named.join('; ')}.`;
  return { ok: false, code: 'ambiguous-target', reason };
}

/** Input of a response on a user. */
export const userInputSchema = z.object({
  objectId: z.string().min(1).describe('Object id in Entra'),
  upn: z.string().describe('User principal name, for people'),
});
export type UserInput = z.infer<typeof userInputSchema>;

/** The user of an account. */
export const userTarget: ResponseTarget<UserInput, DirectoryUser> = {
  resolver: userResolver,
  accept: (user) => ({
    ok: true,
    input: { objectId: lowerCase(user.id), upn: visible(user.userPrincipalName) },
  }),
};
