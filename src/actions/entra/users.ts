/** Users of the directory. https://learn.microsoft.com/graph/api/resources/user */
import { z } from 'zod';
import { path } from '../../domain/builders/path.js';
import type { EntityOf } from '../../domain/entities.js';
import type { Finding } from '../../domain/finding.js';
import type { ActionContext, Target } from '../define.js';

const userSchema = z.looseObject({
  id: z.string().min(1),
  userPrincipalName: z.string(),
  displayName: z.string().nullish(),
  accountEnabled: z.boolean().nullish(),
  userType: z.string().nullish(),
  onPremisesSyncEnabled: z.boolean().nullish(),
  department: z.string().nullish(),
  jobTitle: z.string().nullish(),
  createdDateTime: z.string().nullish(),
  signInSessionsValidFromDateTime: z.string().nullish(),
  manager: z.looseObject({ id: z.string(), userPrincipalName: z.string().nullish() }).nullish(),
});
export type DirectoryUser = z.infer<typeof userSchema>;

/** One user by object id or UPN, with the manager. */
export async function readUser(user: string, ctx: ActionContext): Promise<DirectoryUser> {
  const { body } = await ctx.clients.graph.get(
    path`/v1.0/users/${user}?$select=id,userPrincipalName,displayName,accountEnabled,userType,onPremisesSyncEnabled,department,jobTitle,createdDateTime,signInSessionsValidFromDateTime&$expand=manager($select=id,userPrincipalName)`,
    userSchema,
    { signal: ctx.signal },
  );
  return body;
}

export function isGuest({ userType, userPrincipalName }: DirectoryUser): boolean {
  return userType?.toLowerCase() === 'guest' || /#ext#/i.test(userPrincipalName);
}

/** What Graph finds a user by. */
export const accountInputSchema = z.object({
  user: z.string().min(1).describe('Object id or UPN'),
});

export function accountInput({ objectId, upn, identity }: EntityOf<'account'>): Target<{ user: string }> {
  const user = objectId ?? upn;
  if (user !== undefined) return { ok: true, input: { user } };
  if (identity === 'weak') {
    return { ok: false, code: 'weak-identity', reason: 'A bare account name may belong to anybody.' };
  }
  return {
    ok: false,
    code: 'target-unknown',
    reason: 'The directory is asked by object id or UPN; there is neither.',
  };
}

/** What a response on an account is given: the user that the enrichment resolved. */
export const userInputSchema = z.object({
  objectId: z.string().min(1).describe('Object id in Entra'),
  upn: z.string().describe('User principal name, for people'),
});
export type UserInput = z.infer<typeof userInputSchema>;

const resolvedSchema = z.object({ objectId: z.string(), upn: z.string(), guest: z.boolean() });

/** The user that `entra.user` resolved this account to; refused where it did not, or where two sources disagree. */
export function resolvedUser(
  entity: EntityOf<'account'>,
  findings: readonly Finding[],
): Target<UserInput & { guest: boolean }> {
  if (entity.identity === 'weak') {
    return { ok: false, code: 'weak-identity', reason: 'A bare account name may belong to anybody.' };
  }
  const finding = findings.find((one) => one.action === 'entra.user' && one.entityKey === entity.key);
  const user = finding?.status === 'ok' ? resolvedSchema.safeParse(finding.output) : undefined;
  if (!user?.success) {
    return { ok: false, code: 'target-unknown', reason: 'The account could not be found in the directory.' };
  }
  if (entity.objectId !== undefined && entity.objectId !== user.data.objectId.toLowerCase()) {
    return {
      ok: false,
      code: 'ambiguous-target',
      reason: 'The incident and the directory name different users.',
    };
  }
  return { ok: true, input: user.data };
}
