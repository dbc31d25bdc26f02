/** Roles of the directory: who has them, and who may activate them. */
import { z } from 'zod';
import { odata, path } from '../../../domain/builders/path.js';
import { ResponderError } from '../../../domain/errors.js';
import type { ActionContext, Permission } from '../../define.js';
import { completeList, odataListSchema } from '../../odata-list.js';

export const rolePermissions: readonly Permission[] = [
  {
    api: 'Microsoft Graph',
    name: 'RoleManagement.Read.Directory',
    why: "read the user's administrator roles",
  },
  { api: 'Microsoft Graph', name: 'GroupMember.Read.All', why: 'read the groups that give the user roles' },
];

const groupsSchema = odataListSchema(
  z.looseObject({
    id: z.string().min(1),
    displayName: z.string().nullish(),
    isAssignableToRole: z.boolean().nullish(),
  }),
);
const rolesSchema = odataListSchema(
  z.looseObject({
    principalId: z.string().min(1),
    roleDefinitionId: z.string().min(1),
    roleDefinition: z.looseObject({ displayName: z.string().nullish() }).nullish(),
  }),
);

export interface RoleGroup {
  readonly id: string;
  readonly name: string;
}
export interface Role {
  /** Of a built-in role, the same in all tenants. */
  readonly id: string;
  readonly name: string;
  /** Object id of the user, or of the group that gives the role. */
  readonly principalId: string;
}

/** A page of Graph; with more groups than that, the answer is incomplete. */
const MOST_GROUPS = 999;

/**
 * The role-assignable groups that a user is in, at any depth.
 * https://learn.microsoft.com/graph/api/user-list-transitivememberof
 * @throws ResponderError `forbidden` if the directory hides what the groups are, `incomplete-answer`; those of the client.
 */
export async function readRoleGroups(objectId: string, ctx: ActionContext): Promise<RoleGroup[]> {
  const { body } = await ctx.clients.graph.get(
    path`/v1.0/users/${objectId}/transitiveMemberOf/microsoft.graph.group?$select=id,displayName,isAssignableToRole&$count=true&$top=${MOST_GROUPS}`,
    groupsSchema,
    { signal: ctx.signal, consistency: 'eventual' },
  );
  const groups = completeList(body, 'The directory');
  // An app that may read users only gets the ids of their groups, and null for all else.
  if (groups.some(({ displayName }) => !displayName)) throw groupsHidden();
  return groups.flatMap(({ id, displayName, isAssignableToRole }) =>
    isAssignableToRole ? [{ id, name: displayName ?? id }] : [],
  );
}

/**
 * The roles that these users and groups have (`roleAssignments`), or may activate (`roleEligibilitySchedules`).
 * https://learn.microsoft.com/graph/api/resources/unifiedroleassignment
 * https://learn.microsoft.com/graph/api/rbacapplication-list-roleeligibilityschedules
 * @throws ResponderError `incomplete-answer`; those of the client.
 */
export async function readRoles(
  which: 'roleAssignments' | 'roleEligibilitySchedules',
  principalId: string,
  ctx: ActionContext,
): Promise<Role[]> {
  const filter = odata`principalId eq ${principalId}`;
  const { body } = await ctx.clients.graph.get(
    path`/v1.0/roleManagement/directory/${which}?$filter=${filter}&$expand=roleDefinition`,
    rolesSchema,
    { signal: ctx.signal },
  );
  return completeList(body, 'The directory').map((one) => ({
    id: one.roleDefinitionId.toLowerCase(),
    name: one.roleDefinition?.displayName ?? one.roleDefinitionId,
    principalId: one.principalId.toLowerCase(),
  }));
}

function groupsHidden(): ResponderError {
  return new ResponderError({
    code: 'forbidden',
    message: "The directory hides what the user's groups are.",
    fault: 'responder',
    retry: 'no',
    httpStatus: 403,
  });
}
