/** Which user of the directory an account of an incident is: exactly one that all identifiers belong to, or none. */

import { z } from 'zod';
import { type EntityOf, furtherIdSchema } from '../../domain/entities.js';
import { lowerCase } from '../../domain/letters.js';
import { recordWords, type TargetRecord } from '../../domain/target.js';
import { visible } from '../../domain/visible.js';
import type { ActionContext, Refusal, Resolver, ResponseTarget, Target } from '../define.js';
import { agreed, type Claim, claimsOf, claimWords } from '../identifiers.js';
import { checkUser } from './user-identifiers.js';
import { type DirectoryUser, objectIdOf, userOf, usersOfSid } from './users.js';

const text = z.string().min(1).optional();
const querySchema = z
  .object({
    objectId: text.describe('Object id in Entra'),
    sid: text.describe("Security identifier, Entra's or that of a domain"),
    upn: text.describe('User principal name'),
    name: text.describe('Account name'),
    ntDomain: text,
    tenantId: text.describe('Id of the tenant that it says it belongs to'),
    further: z.array(furtherIdSchema).optional().describe('Other identifiers, and others of the same kinds'),
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
    const { users, by } = candidates;
    const [user, ...more] = users;
    if (user === undefined) return notFound(by);
    if (more.length > 0) return ambiguous(by, users);
    return agreed(user, recordOf(user), claimsOfAccount(query), (claim) => checkUser(user, claim, ctx));
  },
  async read(id, ctx) {
    const user = await userOf(id, ctx);
    if (user === undefined) return notFound({ id: 'objectId', value: id });
    return { ok: true, found: user, record: { ...recordOf(user), agreed: [], unchecked: [] } };
  },
};

function identify(account: EntityOf<'account'>): Target<UserQuery> {
  const { objectId, sid, upn, name, ntDomain, tenantId, identity, further } = account;
  if (objectId === undefined && upn === undefined && sid === undefined) {
    if (identity === 'weak') {
      return { ok: false, code: 'weak-identity', reason: 'A bare account name may belong to anybody.' };
    }
    return {
      ok: false,
      code: 'target-unknown',
      reason: 'The directory is asked by object id, UPN or security identifier; there is none.',
    };
  }
  const given = { objectId, sid, upn, name, ntDomain, tenantId, further };
  const input = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ok: true, input };
}

/** In the order of what leads to a user best. */
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
  readonly by: Claim;
}

/** The users of the best identifier. The others are held against them. */
async function candidatesOf(query: UserQuery, ctx: ActionContext): Promise<Candidates | Refusal> {
  const { objectId, sid, upn } = query;
  const one = async (user: string, by: Claim) => ({ users: [await userOf(user, ctx)].filter(isThere), by });
  if (objectId !== undefined) return one(objectId, { id: 'objectId', value: objectId });
  if (sid !== undefined) {
    const by: Claim = { id: 'sid', value: sid };
    const cloud = objectIdOf(sid);
    if (cloud !== undefined) return one(cloud, by);
    const found = await usersOfSid(sid, ctx);
    // Read one by one, because a list does not tell who manages them.
    const users = await Promise.all(found.map(({ id }) => userOf(id, ctx)));
    return { users: users.filter(isThere), by };
  }
  if (upn !== undefined) return one(upn, { id: 'upn', value: upn });
  return {
    ok: false,
    code: 'target-unknown',
    reason: 'Nothing is known by which the directory could be asked.',
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

function notFound(by: Claim): Refusal {
  const reason = `The directory knows no user by ${claimWords(by)}.`;
  return { ok: false, code: 'not-found', reason };
}

function ambiguous(by: Claim, users: readonly DirectoryUser[]): Refusal {
  const named = users.slice(0, 5).map((user) => recordWords(recordOf(user)));
  const reason = `${users.length} users in the directory have ${claimWords(by)}: ${named.join('; ')}.`;
  return { ok: false, code: 'ambiguous-target', reason };
}

/** What a response on a user is given. */
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
