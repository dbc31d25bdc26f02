/** Resolves an account of an incident to the one user of the directory that all identifiers belong to, or to none. */

import { z } from 'zod';
import { type FoundBy, found } from '../../../domain/found-by.js';
import { recordWords } from '../../../domain/target.js';
import { lowerCase } from '../../../domain/unicode-text.js';
import { visible } from '../../../domain/visible.js';
import type { Refusal, Resolver, ResponseTarget } from '../../define.js';
import { describeClaim, type FoundRecord, verifyClaims } from '../../identifiers.js';
import { checkUser } from './user-identifiers.js';
import { claimsOfAccount, type UserQuery, userQuery, userQuerySchema } from './user-query.js';
import { type FoundUser, searchSteps } from './user-search.js';
import { type DirectoryUser, findUser } from './users.js';

export const userResolver: Resolver<'account', UserQuery, DirectoryUser> = {
  kind: 'entra.user',
  query: userQuerySchema,
  identify: userQuery,
  async resolve(query, ctx) {
    const tried: string[] = [];
    for (const step of searchSteps(query)) {
      if (!tried.includes(step.words)) tried.push(step.words);
      const users = await step.run(ctx);
      const [first, ...more] = users;
      if (first === undefined) continue;
      if (more.length > 0) return ambiguous(step.words, users);
      const { user, foundBy } = first;
      return verifyClaims(user, recordOf(user, foundBy), claimsOfAccount(query), (claim) =>
        checkUser(user, claim, ctx),
      );
    }
    return notFound(tried);
  },
  async read(id, ctx) {
    const user = await findUser(id, ctx);
    if (user === undefined) return notFound([describeClaim({ id: 'objectId', value: id })]);
    const record = { ...recordOf(user, 'object-id'), agreed: [], unchecked: [] };
    return { ok: true, found: user, record };
  },
};

function recordOf(user: DirectoryUser, foundBy: FoundBy): FoundRecord {
  const { securityIdentifier, onPremisesSecurityIdentifier } = user;
  const ids = {
    ...(securityIdentifier ? { securityIdentifier } : {}),
    ...(onPremisesSecurityIdentifier ? { onPremisesSecurityIdentifier } : {}),
  };
  const how = found(foundBy);
  return {
    kind: 'entra.user',
    id: lowerCase(user.id),
    name: visible(user.userPrincipalName),
    ...how,
    ...(how.certainty === 'candidate' ? { facts: factsOf(user) } : {}),
    ids,
  };
}

/** `Dana Ortiz, Finance, enabled`. */
function factsOf({ displayName, department, accountEnabled }: DirectoryUser): string {
  const state =
    accountEnabled === true ? 'enabled' : accountEnabled === false ? 'disabled' : 'unknown whether enabled';
  return [displayName, department, state].flatMap((fact) => (fact ? [visible(fact)] : [])).join(', ');
}

function notFound(tried: readonly string[]): Refusal {
  return {
    ok: false,
    code: 'not-found',
    reason: `The directory knows no user by ${tried.join(', or by ')}.`,
  };
}

function ambiguous(searchedBy: string, users: readonly FoundUser[]): Refusal {
  const named = users.slice(0, 5).map(({ user, foundBy }) => recordWords(recordOf(user, foundBy)));
  const reason = `${users.length} users in the directory have ${searchedBy}: ${named.join('; ')}.`;
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
