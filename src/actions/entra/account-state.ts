/** Disabling and enabling a user. https://learn.microsoft.com/graph/api/user-update */
import { z } from 'zod';
import { path } from '../../domain/builders/path.js';
import { ResponderError } from '../../domain/errors.js';
import type { ActionContext, Confirmation, Looked, Permission, RunResult } from '../define.js';
import { readAfterLostAnswer } from '../lost-answer.js';
import type { UserInput } from './user-resolver.js';
import { type DirectoryUser, readUser } from './users.js';

export const accountStateOutputSchema = z.object({
  objectId: z.string(),
  upn: z.string(),
  changed: z
    .union([z.boolean(), z.literal('unknown')])
    .describe(
      'This action changed it; false: it was so before, and undo leaves it alone; unknown: it or somebody else did',
    ),
  changedAt: z
    .object({ from: z.string(), to: z.string() })
    .optional()
    .describe('Between which times (ISO 8601, UTC) it was changed, where this action did'),
  before: z.object({ accountEnabled: z.boolean() }).describe('State before acting'),
  synced: z
    .boolean()
    .describe('The account comes from an on-premises directory, which may overwrite the change'),
});
export type AccountStateOutput = z.infer<typeof accountStateOutputSchema>;

export const accountStatePermissions: readonly Permission[] = [
  { api: 'Microsoft Graph', name: 'User.EnableDisableAccount.All', why: 'disable and enable a user' },
  { api: 'Microsoft Graph', name: 'User.Read.All', why: 'read whether the user is enabled' },
  { api: 'Microsoft Graph', name: 'AuditLog.Read.All', why: 'see before an undo who changed the user last' },
];

/**
 * Enables or disables a user, if that is not so already. The directory does not say who did it: the state is read, and
 * what was read is durable, before anything is sent.
 */
export async function setAccountEnabled(
  enabled: boolean,
  input: UserInput,
  ctx: ActionContext,
): Promise<RunResult<AccountStateOutput> | Looked> {
  const user = await readUser(input.objectId, ctx);
  if (!ctx.looked && isEnabled(user) !== enabled) {
    return { state: 'looked', evidence: { before: word(!enabled) } };
  }
  return changeAccount(enabled, input, user, ctx);
}

/** After a lost answer, or in a call that is repeated, it may be our own doing that is found done. */
export async function changeAccount(
  enabled: boolean,
  { objectId, upn }: UserInput,
  user: DirectoryUser,
  ctx: ActionContext,
): Promise<RunResult<AccountStateOutput>> {
  const before = { accountEnabled: isEnabled(user) };
  const synced = user.onPremisesSyncEnabled === true;
  const isDone = before.accountEnabled === enabled;
  const changed = isDone && (ctx.mayHaveActed || ctx.looked) ? ('unknown' as const) : !isDone;
  const output = { objectId, upn, changed, before, synced };
  const evidence = {
    before: `${word(before.accountEnabled)}${changed === 'unknown' ? ', by us or by somebody else' : ''}`,
    ...(synced ? { synced: 'the on-premises directory may overwrite this at its next synchronisation' } : {}),
  };
  // It was looked at before, and was otherwise then.
  const began = ctx.looked ? { began: true as const } : {};
  if (isDone)
    return { state: changed === 'unknown' ? 'requested' : 'already-done', output, evidence, ...began };
  const from = isoTime(ctx);
  const sent = () => ({ ...output, changedAt: { from, to: isoTime(ctx) } });
  try {
    const where = path`/v1.0/users/${objectId}`;
    const { requestId } = await ctx.clients.graph.patch(where, { accountEnabled: enabled }, z.unknown(), {
      signal: ctx.signal,
    });
    const ids = requestId ? { requestId } : {};
    return { state: 'requested', output: sent(), evidence: { ...evidence, ...ids }, began: true };
  } catch (error) {
    if (!(error instanceof ResponderError)) throw error;
    if (error.info.httpStatus === 403) throw explained(error);
    const after = await readAfterLostAnswer(error, () => readUser(objectId, ctx));
    if (isEnabled(after) !== enabled) throw error;
    return {
      state: 'requested',
      output: sent(),
      evidence: { ...evidence, answer: 'lost, the effect was read back' },
      began: true,
    };
  }
}

export async function confirmAccountEnabled(
  enabled: boolean,
  { objectId, upn }: UserInput,
  ctx: ActionContext,
): Promise<Confirmation> {
  const user = await readUser(objectId, ctx);
  if (isEnabled(user) === enabled) {
    const proof = `${upn} (${objectId}) was read back as ${word(enabled)} (accountEnabled ${enabled}).`;
    return { state: 'confirmed', proof, evidence: { accountEnabled: String(enabled) } };
  }
  const why = user.onPremisesSyncEnabled ? ' The on-premises directory may have overwritten it.' : '';
  return { state: 'pending', status: `${upn} (${objectId}) still reads as ${word(!enabled)}.${why}` };
}

/** Without the permission to see it the directory leaves it out: that does not mean that the user is disabled. */
export function isEnabled({ accountEnabled }: DirectoryUser): boolean {
  if (typeof accountEnabled === 'boolean') return accountEnabled;
  throw new ResponderError({
    code: 'bad-answer',
    message: 'The directory does not say whether the user is enabled.',
    blame: 'service',
    retry: 'no',
    place: 'accountEnabled',
    next: 'Grant User.Read.All, and look at the user in the Entra portal.',
  });
}

export const word = (enabled: boolean) => (enabled ? 'enabled' : 'disabled');
const isoTime = ({ clock }: ActionContext) => new Date(clock.now()).toISOString();

/** The permission alone is not enough for everybody, and the service's answer does not say so. */
function explained({ info }: ResponderError): ResponderError {
  return new ResponderError({
    ...info,
    message: `${info.message} Users with administrator roles can be changed only by an app that holds a higher Entra role itself.`,
    next: 'Check whether the user is an administrator: then disable the account by hand. Otherwise grant the permission.',
  });
}
