/** The identifiers of an account by which the directory is queried, and that are compared with its user. */
import { z } from 'zod';
import { type EntityOf, furtherIdSchema } from '../../../domain/entities.js';
import type { InputOrRefusal } from '../../define.js';
import { type Claim, claimsOf } from '../../identifiers.js';

const text = z.string().min(1).optional();
export const userQuerySchema = z
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
  .refine(hasIdentifier, {
    error: 'an object id, a security identifier, a user principal name or a name in a domain is needed',
  });
export type UserQuery = z.infer<typeof userQuerySchema>;

type Identifiers = Partial<Pick<EntityOf<'account'>, 'objectId' | 'sid' | 'upn' | 'name' | 'ntDomain'>>;

function hasIdentifier({ objectId, sid, upn, name, ntDomain }: Identifiers): boolean {
  return [objectId, sid, upn, name && ntDomain].some((id) => id !== undefined && id !== '');
}

export function userQuery(account: EntityOf<'account'>): InputOrRefusal<UserQuery> {
  const { objectId, sid, upn, name, ntDomain, tenantId, identity, further } = account;
  if (!hasIdentifier(account)) {
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
export function claimsOfAccount(query: UserQuery): Claim[] {
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
