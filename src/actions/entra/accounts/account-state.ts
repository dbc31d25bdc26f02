/** Disables and enables a user. https://learn.microsoft.com/graph/api/user-update */
import { z } from 'zod';
import { path } from '../../../domain/builders/path.js';
import { ResponderError } from '../../../domain/errors.js';
import type { ActionContext, Confirmation, Permission, PrecheckResult, RunResult } from '../../define.js';
import { readAfterUnknownOutcome } from '../../unknown-outcome.js';
import { assertNoAdministrator } from '../roles/administrators.js';
import { rolePermissions } from '../roles/roles.js';
import type { UserInput } from '../users/user-resolver.js';
import { type DirectoryUser, readUser } from '../users/users.js';

export const accountStateOutputSchema = z.object({
  objectId: z.string(),
  upn: z.string(),
  changed: z
    .union([z.boolean(), z.literal('unknown')])
    .describe(
      'This action changed it; false: it was so before, and undo does not revert it; unknown: this action or someone else did',
    ),
  changedAt: z
    .object({ from: z.string(), to: z.string() })
    .optional()
    .describe('Period (ISO 8601, UTC) of the change, if this action made it'),
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
  ...rolePermissions,
];

/**
 * Enables or disables a user, unless already done. The directory does not record who did it: the state is read, and the
 * result is in the history, before anything is sent.
 */
export async function setAccountEnabled(
  enabled: boolean,
  input: UserInput,
  ctx: ActionContext,
): Promise<RunResult<AccountStateOutput> | PrecheckResult> {
  const user = await readUser(input.objectId, ctx);
  if (!ctx.prechecked && isEnabled(user) !== enabled) {
    await assertNoAdministrator(input.objectId, ctx);
    return { state: 'prechecked', evidence: { before: enabledText(!enabled) } };
  }
  return changeAccount(enabled, input, user, ctx);
}

/** Sends the one request. */
export async function sendEnabled(enabled: boolean, objectId: string, ctx: ActionContext) {
  const where = path`/v1.0/users/${objectId}`;
  const { signal } = ctx;
  try {
    return await ctx.clients.graph.patch(where, { accountEnabled: enabled }, z.unknown(), { signal });
  } catch (error) {
    const isRefused = error instanceof ResponderError && error.info.httpStatus === 403;
    throw isRefused ? withRoleHint(error) : error;
  }
}

/** After a lost response, or in a repeated call, the state in force may be the responder's own change. */
async function changeAccount(
  enabled: boolean,
  { objectId, upn }: UserInput,
  user: DirectoryUser,
  ctx: ActionContext,
): Promise<RunResult<AccountStateOutput>> {
  const before = { accountEnabled: isEnabled(user) };
  const synced = user.onPremisesSyncEnabled === true;
  const isDone = before.accountEnabled === enabled;
  const changed = isDone && (ctx.outcomeUnknown || ctx.prechecked) ? ('unknown' as const) : !isDone;
  const output = { objectId, upn, changed, before, synced };
  const evidence = {
    before: `${enabledText(before.accountEnabled)}${changed === 'unknown' ? ', by us or by somebody else' : ''}`,
    ...(synced ? { synced: 'the on-premises directory may overwrite this at its next synchronisation' } : {}),
  };
  // The precheck read the opposite state.
  const began = ctx.prechecked ? { began: true as const } : {};
  if (isDone)
    return { state: changed === 'unknown' ? 'requested' : 'already-done', output, evidence, ...began };
  const from = isoTime(ctx);
  const sent = () => ({ ...output, changedAt: { from, to: isoTime(ctx) } });
  try {
    const { requestId } = await sendEnabled(enabled, objectId, ctx);
    const ids = requestId ? { requestId } : {};
    return { state: 'requested', output: sent(), evidence: { ...evidence, ...ids }, began: true };
  } catch (error) {
    const after = await readAfterUnknownOutcome(error, () => readUser(objectId, ctx));
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
    const proof = `${upn} (${objectId}) was read back as ${enabledText(enabled)} (accountEnabled ${enabled}).`;
    return { state: 'confirmed', proof, evidence: { accountEnabled: String(enabled) } };
  }
  const why = user.onPremisesSyncEnabled ? ' The on-premises directory may have overwritten it.' : '';
  return { state: 'pending', status: `${upn} (${objectId}) still reads as ${enabledText(!enabled)}.${why}` };
}

/** Without the permission to read it, the directory omits it: that does not mean that the user is disabled. */
export function isEnabled({ accountEnabled }: DirectoryUser): boolean {
  if (typeof accountEnabled === 'boolean') return accountEnabled;
  throw new ResponderError({
    code: 'bad-answer',
    message: 'The directory does not report whether the user is enabled.',
    fault: 'service',
    retry: 'no',
    place: 'accountEnabled',
    next: 'Grant User.Read.All, and check the user in the Entra portal.',
  });
}

export const enabledText = (enabled: boolean) => (enabled ? 'enabled' : 'disabled');
const isoTime = ({ clock }: ActionContext) => new Date(clock.now()).toISOString();

/** The permission alone is not enough for administrators, and the service's response does not mention it. */
function withRoleHint({ info }: ResponderError): ResponderError {
  return new ResponderError({
    ...info,
    message: `${info.message} Users with administrator roles can be changed only by an app that holds a higher Entra role itself.`,
    next: 'Check whether the user is an administrator: then disable the account by hand. Otherwise grant the permission.',
  });
}
