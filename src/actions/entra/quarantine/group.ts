/** The group whose members are kept out by Conditional Access, as the settings name it. */
import { z } from 'zod';
import { path } from '../../../domain/builders/path.js';
import { ResponderError } from '../../../domain/errors.js';
import { visible } from '../../../domain/visible.js';
import type { ActionContext, Refusal } from '../../define.js';

const groupSchema = z.looseObject({
  id: z.string().min(1),
  displayName: z.string().min(1),
  groupTypes: z.array(z.string()),
  securityEnabled: z.boolean(),
  isAssignableToRole: z.boolean().nullish(),
  onPremisesSyncEnabled: z.boolean().nullish(),
});
type Group = z.infer<typeof groupSchema>;

/** @throws ResponderError of the client. https://learn.microsoft.com/graph/api/group-get */
async function readGroup(id: string, ctx: ActionContext): Promise<Group> {
  const { body } = await ctx.clients.graph.get(
    path`/v1.0/groups/${id}?$select=id,displayName,groupTypes,securityEnabled,isAssignableToRole,onPremisesSyncEnabled`,
    groupSchema,
    { signal: ctx.signal },
  );
  return body;
}

/** Why members of a group must not be changed. Undefined: they may. */
function problemOf({ groupTypes, securityEnabled, isAssignableToRole, onPremisesSyncEnabled }: Group) {
  if (isAssignableToRole) return 'it is role-assignable: its members would become administrators';
  if (groupTypes.some((type) => type.toLowerCase() === 'dynamicmembership'))
    return 'its members follow from a rule';
  if (onPremisesSyncEnabled) return 'its members come from an on-premises directory';
  if (!securityEnabled) return 'it is not a security group, so no policy can be about its members';
  return undefined;
}

export interface QuarantineGroup {
  readonly ok: true;
  readonly groupId: string;
  readonly group: string;
}

/** @throws ResponderError of the client. */
export async function quarantineGroup(ctx: ActionContext): Promise<QuarantineGroup | Refusal> {
  const { quarantineGroup: id } = ctx.containment;
  if (id === undefined) return refused('No quarantine group is configured (QUARANTINE_GROUP).');
  try {
    const group = await readGroup(id, ctx);
    const name = visible(group.displayName);
    const problem = problemOf(group);
    if (problem) return refused(`The quarantine group ${name} (${id}) cannot be used: ${problem}.`);
    return { ok: true, groupId: group.id.toLowerCase(), group: name };
  } catch (error) {
    if (!(error instanceof ResponderError) || error.info.code !== 'not-found') throw error;
    return refused(`The directory has no group ${id}, which QUARANTINE_GROUP names.`);
  }
}

/** @throws ResponderError `unsupported-target` if the group can no longer be used, or is another one. */
export async function assertQuarantineGroup(groupId: string, ctx: ActionContext): Promise<void> {
  const found = await quarantineGroup(ctx);
  if (found.ok && found.groupId === groupId) return;
  const message = found.ok ? 'QUARANTINE_GROUP names another group now.' : found.reason;
  throw new ResponderError({ code: 'unsupported-target', message, fault: 'caller', retry: 'no' });
}

const refused = (reason: string): Refusal => ({ ok: false, code: 'unsupported-target', reason });
