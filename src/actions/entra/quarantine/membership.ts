/** Whether a user is a direct member of the quarantine group. */
import { z } from 'zod';
import { path } from '../../../domain/builders/path.js';
import { ResponderError } from '../../../domain/errors.js';
import { changeState } from '../../change-state.js';
import type {
  ActionContext,
  Confirmation,
  Permission,
  PrecheckResult,
  ResponseTarget,
  RunResult,
  UndoSkipped,
} from '../../define.js';
import { completeList, odataListSchema } from '../../odata-list.js';
import { undoChange } from '../audits/undo-change.js';
import { userInputSchema, userTarget } from '../users/user-resolver.js';
import { type DirectoryUser, readUser } from '../users/users.js';
import { assertQuarantineGroup, quarantineGroup } from './group.js';
import { readMembershipChanges } from './membership-changes.js';

export const membershipInputSchema = userInputSchema.extend({
  groupId: z.string().min(1).describe('Object id of the quarantine group'),
  group: z.string().describe('Name of the group, for people'),
});
type MembershipInput = z.infer<typeof membershipInputSchema>;

export const membershipOutputSchema = z.object({
  changed: z
    .union([z.boolean(), z.literal('unknown')])
    .describe('This action changed it; false: it was so before; unknown: this action or someone else did'),
  changedAt: z
    .object({ from: z.string(), to: z.string() })
    .optional()
    .describe('Period (ISO 8601, UTC) of the change, if this action made it'),
  before: z
    .object({ groupId: z.string(), member: z.boolean() })
    .describe('State before acting, and the group that it is about'),
});
type MembershipOutput = z.infer<typeof membershipOutputSchema>;

export const membershipPermissions: readonly Permission[] = [
  { api: 'Microsoft Graph', name: 'GroupMember.ReadWrite.All', why: 'change the members of the group' },
  { api: 'Microsoft Graph', name: 'GroupMember.Read.All', why: 'read the group and who is in it' },
  { api: 'Microsoft Graph', name: 'User.Read.All', why: 'read the user' },
  { api: 'Microsoft Graph', name: 'AuditLog.Read.All', why: 'see before an undo who changed the group last' },
];

/** A user in two groups is two effects: all digits of the user's id, and as many of the group's as there is room for. */
export const membershipKey = ({ objectId, groupId }: Readonly<Record<string, unknown>>): string =>
  `${String(objectId).replaceAll('-', '')}${String(groupId).replaceAll('-', '')}`.slice(0, 40);

/** Also guests and synced accounts: the group exists in the cloud only. */
export const membershipTarget: ResponseTarget<MembershipInput, DirectoryUser> = {
  ...userTarget,
  async accept(user, record, ctx) {
    const accepted = await userTarget.accept(user, record, ctx);
    if (!accepted.ok) return accepted;
    const found = await quarantineGroup(ctx);
    if (!found.ok) return found;
    const { groupId, group } = found;
    return { ok: true, input: { ...accepted.input, groupId, group } };
  },
};

const listSchema = odataListSchema(z.looseObject({ id: z.string().min(1) }));
/** The largest page. */
const MOST_GROUPS = 999;

/**
 * https://learn.microsoft.com/graph/api/user-list-memberof
 * @throws ResponderError `incomplete-answer`; those of the client.
 */
async function isMember({ objectId, groupId }: MembershipInput, ctx: ActionContext): Promise<boolean> {
  const { body } = await ctx.clients.graph.get(
    path`/v1.0/users/${objectId}/memberOf?$select=id&$top=${MOST_GROUPS}`,
    listSchema,
    { signal: ctx.signal },
  );
  return completeList(body, 'The directory').some(({ id }) => id.toLowerCase() === groupId);
}

/**
 * https://learn.microsoft.com/graph/api/group-post-members
 * https://learn.microsoft.com/graph/api/group-delete-members
 */
async function send(member: boolean, { objectId, groupId }: MembershipInput, ctx: ActionContext) {
  const { graph } = ctx.clients;
  const { signal } = ctx;
  if (!member) {
    return graph.delete(path`/v1.0/groups/${groupId}/members/${objectId}/$ref`, { signal }).catch(noMember);
  }
  const reference = `https://graph.microsoft.com${path`/v1.0/directoryObjects/${objectId}`}`;
  const body = { '@odata.id': reference };
  return graph.post(path`/v1.0/groups/${groupId}/members/$ref`, body, z.unknown(), { signal });
}

/** The directory answers so for a reference that is gone: its state is read again, now and later. */
function noMember(error: unknown): never {
  if (!(error instanceof ResponderError) || error.info.serviceCode !== 'Request_ResourceNotFound')
    throw error;
  throw new ResponderError({
    ...error.info,
    code: 'conflict',
    fault: 'service',
    retry: 'check-before-retry',
  });
}

const words = (member: boolean) => (member ? 'a member' : 'no direct member');

export function setMembership(
  member: boolean,
  input: MembershipInput,
  ctx: ActionContext,
): Promise<RunResult<MembershipOutput> | PrecheckResult> {
  return changeState(
    {
      read: () => isMember(input, ctx),
      isInForce: (now) => now === member,
      words,
      check: async () => {
        await readUser(input.objectId, ctx);
        await assertQuarantineGroup(input.groupId, ctx);
      },
      send: () => send(member, input, ctx),
      output: (before, changed, changedAt) => ({
        changed,
        ...(changedAt ? { changedAt } : {}),
        before: { groupId: input.groupId, member: before },
      }),
    },
    ctx,
  );
}

export async function confirmMembership(
  member: boolean,
  input: MembershipInput,
  ctx: ActionContext,
): Promise<Confirmation> {
  const now = await isMember(input, ctx);
  const { upn, objectId, group, groupId } = input;
  const status = `${upn} (${objectId}) was read back as ${words(now)} of ${group} (${groupId}).`;
  if (now !== member) return { state: 'pending', status };
  return { state: 'confirmed', proof: status, evidence: { member: String(now) } };
}

/** Reverts a change to `member` by this incident, or by those whose outputs are in `others`. */
export function undoMembership(
  member: boolean,
  input: MembershipInput,
  output: MembershipOutput,
  ctx: ActionContext,
  others: readonly MembershipOutput[],
): Promise<RunResult<unknown> | UndoSkipped> {
  const { upn, objectId, group, groupId } = input;
  return undoChange({
    subject: `${upn} (${objectId})`,
    object: 'the group',
    read: () => isMember(input, ctx),
    isInForce: (now) => now === member,
    words: (now) => `${words(now)} of ${group}`,
    outputs: [output, ...others].filter(({ before }) => before.groupId === groupId),
    changes: (since) => readMembershipChanges(input, since, ctx),
    fits: (change) => change.member === member,
    send: () => send(!member, input, ctx),
  });
}
