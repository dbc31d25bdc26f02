/** Administrators are protected: an app that holds no role itself may not change them, whatever its permissions. */
import { ResponderError } from '../../../domain/errors.js';
import { visible } from '../../../domain/visible.js';
import type { ActionContext } from '../../define.js';
import { type Role, readRoleGroups, readRoles } from './roles.js';

/**
 * Roles that do not make an administrator: Directory Readers, Guest Inviter, Message Center Reader, Reports Reader.
 * https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
 */
const UNPROTECTED = new Set([
  '88d8e3e3-8f55-4a1e-953a-9b9898b8876b',
  '95e79109-95c0-4d8e-aee3-d01accf2d47b',
  '790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b',
  '4a5d8f65-41da-4de4-8968-e035b65339cf',
]);

/** Whether it makes an administrator. */
export const isProtectedRole = ({ id }: Pick<Role, 'id'>): boolean => !UNPROTECTED.has(id);

/**
 * Why Entra protects a user, as part of a sentence: `the role User Administrator`. Undefined: it does not.
 * Members of a role-assignable group are protected, too, even if the group has no role at present.
 * https://learn.microsoft.com/graph/api/resources/users#who-can-perform-sensitive-actions
 * https://learn.microsoft.com/entra/identity/role-based-access-control/groups-concept
 * @throws ResponderError of the client, `incomplete-answer`: a user is not changed while that is unknown.
 */
export async function protectionOf(objectId: string, ctx: ActionContext): Promise<string | undefined> {
  const [group] = await readRoleGroups(objectId, ctx);
  if (group) return `membership in the role-assignable group ${visible(group.name)} (${group.id})`;
  const roles = await readRoles('roleAssignments', objectId, ctx);
  const role = roles.find(isProtectedRole);
  return role && `the administrator role ${visible(role.name)}`;
}

/** @throws ResponderError `unsupported-target` for an administrator; those of `protectionOf`. */
export async function assertNoAdministrator(objectId: string, ctx: ActionContext): Promise<void> {
  const protection = await protectionOf(objectId, ctx);
  if (protection === undefined) return;
  throw new ResponderError({
    code: 'unsupported-target',
    message: administratorReason(protection),
    fault: 'caller',
    retry: 'no',
    next: 'An administrator with a higher role decides, and acts by hand.',
  });
}

export function administratorReason(protection: string): string {
  return `The user has ${protection}: Entra lets only administrators with a higher role change the account.`;
}
