import { z } from 'zod';
import { ResponderError } from '../../domain/errors.js';
import { type ActionContext, defineEnrichment } from '../define.js';
import { isProtectedRole } from './roles/administrators.js';
import { type Role, readRoleGroups, readRoles, rolePermissions } from './roles/roles.js';
import { userResolver } from './users/user-resolver.js';

const names = z.array(z.string());
const GLOBAL_ADMINISTRATOR = '62e90394-69f5-4237-9190-012177145e10';

/** The roles of a user in the directory: held directly or by a group, and those that can be activated. */
export default defineEnrichment({
  name: 'entra.roles',
  title: "Read the user's roles",
  docs: 'https://learn.microsoft.com/graph/api/rbacapplication-list-roleassignments',
  entity: 'account',
  resolver: userResolver,
  output: z.object({
    objectId: z.string(),
    administrator: z
      .boolean()
      .describe('Entra protects the user from apps: a role, or membership in a role-assignable group'),
    globalAdministrator: z.boolean().describe('At present, directly or by a group'),
    active: names.describe('Names of the roles at present, directly or by a group'),
    byGroup: names.describe('Names of those that a group gives'),
    eligible: names
      .optional()
      .describe(
        'Names of the roles that can be activated, directly or by a group. Absent without Entra ID P2. Groups that can only be joined by activation are not looked at',
      ),
    groups: names.describe('Names of the role-assignable groups that the user is in'),
  }),
  permissions: [...rolePermissions, { api: 'Microsoft Graph', name: 'User.Read.All', why: 'find the user' }],
  quota: 'graph-directory',
  // Two more for each role-assignable group.
  calls: 3,
  async run({ id: objectId }, ctx) {
    const groups = await readRoleGroups(objectId, ctx);
    const principals = [objectId, ...groups.map(({ id }) => id)];
    const active = (await all(principals, (id) => readRoles('roleAssignments', id, ctx))).flat();
    const eligible = await eligibleRoles(principals, ctx);
    return {
      objectId: objectId.toLowerCase(),
      administrator: groups.length > 0 || active.some(isProtectedRole),
      globalAdministrator: active.some(({ id }) => id === GLOBAL_ADMINISTRATOR),
      active: namesOf(active),
      byGroup: namesOf(active.filter(({ principalId }) => principalId !== objectId.toLowerCase())),
      ...(eligible ? { eligible: namesOf(eligible) } : {}),
      groups: groups.map(({ name }) => name),
    };
  },
});

/** Without the licence no role can be activated; but roles may have been made eligible before it ended. */
async function eligibleRoles(principals: readonly string[], ctx: ActionContext): Promise<Role[] | undefined> {
  try {
    return (await all(principals, (id) => readRoles('roleEligibilitySchedules', id, ctx))).flat();
  } catch (error) {
    if (error instanceof ResponderError && error.info.code === 'not-licensed') return undefined;
    throw error;
  }
}

const all = <T>(ids: readonly string[], read: (id: string) => Promise<T>): Promise<T[]> =>
  Promise.all(ids.map(read));

const namesOf = (roles: readonly Role[]): string[] => [...new Set(roles.map(({ name }) => name))].sort();
