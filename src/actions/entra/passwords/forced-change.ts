/** Whether a user must change the password at the next sign-in. https://learn.microsoft.com/graph/api/resources/passwordprofile */
import { z } from 'zod';
import { path } from '../../../domain/builders/path.js';
import { ResponderError } from '../../../domain/errors.js';
import { changeState } from '../../change-state.js';
import type { ActionContext, Confirmation, PrecheckResult, RunResult, UndoSkipped } from '../../define.js';
import { readAfterUnknownOutcome } from '../../unknown-outcome.js';
import { assertNoAdministrator } from '../roles/administrators.js';
import type { UserInput } from '../users/user-resolver.js';

export const forcedChangeOutputSchema = z.object({
  objectId: z.string(),
  upn: z.string(),
  changed: z
    .union([z.boolean(), z.literal('unknown')])
    .describe('This action forced it; false: it was so before; unknown: this action or someone else did'),
  before: z
    .object({ forced: z.boolean(), passwordChangedAt: z.string().optional() })
    .describe('State before acting; time in ISO 8601, UTC'),
});
export type ForcedChangeOutput = z.infer<typeof forcedChangeOutputSchema>;

const passwordSchema = z.looseObject({
  // With less permissions the directory hides it, and the profile.
  accountEnabled: z.boolean(),
  lastPasswordChangeDateTime: z.string().nullish(),
  passwordProfile: z.looseObject({ forceChangePasswordNextSignIn: z.boolean().nullish() }).nullish(),
});
type Password = ForcedChangeOutput['before'];

async function readPassword(objectId: string, ctx: ActionContext): Promise<Password> {
  const { body } = await ctx.clients.graph.get(
    path`/v1.0/users/${objectId}?$select=accountEnabled,lastPasswordChangeDateTime,passwordProfile`,
    passwordSchema,
    { signal: ctx.signal },
  );
  const { lastPasswordChangeDateTime: passwordChangedAt, passwordProfile } = body;
  // It is false if it was never set.
  const forced = passwordProfile?.forceChangePasswordNextSignIn === true;
  return { forced, ...(passwordChangedAt ? { passwordChangedAt } : {}) };
}

async function setForced(forced: boolean, objectId: string, ctx: ActionContext) {
  const body = { passwordProfile: { forceChangePasswordNextSignIn: forced } };
  return ctx.clients.graph.patch(path`/v1.0/users/${objectId}`, body, z.unknown(), { signal: ctx.signal });
}

const wordsOf = ({ forced, passwordChangedAt }: Password): string =>
  `${forced ? 'must' : 'need not'} change the password, which was last changed at ${passwordChangedAt ?? 'an unknown time'}`;

export function forceChange(
  { objectId, upn }: UserInput,
  ctx: ActionContext,
): Promise<RunResult<ForcedChangeOutput> | PrecheckResult> {
  return changeState(
    {
      read: () => readPassword(objectId, ctx),
      isInForce: ({ forced }) => forced,
      words: wordsOf,
      check: () => assertNoAdministrator(objectId, ctx),
      send: () => setForced(true, objectId, ctx),
      output: (before, changed) => ({ objectId, upn, changed, before }),
    },
    ctx,
  );
}

/** A password that was changed since is the effect, too. */
export async function confirmForced(
  { objectId, upn }: UserInput,
  { before }: ForcedChangeOutput,
  ctx: ActionContext,
): Promise<Confirmation> {
  const now = await readPassword(objectId, ctx);
  const status = `${upn} (${objectId}) was read back: the user ${wordsOf(now)}.`;
  if (!now.forced && !isChangedSince(before, now)) return { state: 'pending', status };
  return { state: 'confirmed', proof: status, evidence: { forced: String(now.forced) } };
}

/** @throws ResponderError `undo-unclear` if it is unknown who forced the change. */
export async function undoForced(
  output: ForcedChangeOutput,
  ctx: ActionContext,
  others: readonly ForcedChangeOutput[],
): Promise<RunResult<unknown> | UndoSkipped> {
  const { objectId, upn } = output;
  const now = await readPassword(objectId, ctx);
  if (!now.forced) return { state: 'requested', output: {}, evidence: { before: wordsOf(now) } };
  const own = [output, ...others].filter(({ changed }) => changed === true);
  if (own.length === 0) {
    if ([output, ...others].some(({ changed }) => changed === 'unknown')) throw undoUnclear(output);
    const reason = `${upn} (${objectId}) must still change the password: it was so before the responder acted.`;
    return { state: 'not-ours', reason, evidence: {} };
  }
  // Each password that was set since ended the changes before it: one that is later than all of them is somebody else's.
  if (own.every(({ before }) => isChangedSince(before, now))) {
    const reason = `${upn} (${objectId}) must still change the password: somebody has set it again since, at ${now.passwordChangedAt}.`;
    return { state: 'not-ours', reason, evidence: {} };
  }
  try {
    await setForced(false, objectId, ctx);
  } catch (error) {
    const after = await readAfterUnknownOutcome(error, () => readPassword(objectId, ctx));
    if (after.forced) throw error;
  }
  return { state: 'requested', output: {}, evidence: { before: wordsOf(now) } };
}

export async function confirmNotForced(
  { objectId, upn }: UserInput,
  ctx: ActionContext,
): Promise<Confirmation> {
  const now = await readPassword(objectId, ctx);
  const status = `${upn} (${objectId}) was read back: the user ${wordsOf(now)}.`;
  if (now.forced) return { state: 'pending', status };
  return { state: 'confirmed', proof: status, evidence: { forced: 'false' } };
}

/** Unknown times are no proof of a change. */
function isChangedSince(before: Password, now: Password): boolean {
  return Date.parse(now.passwordChangedAt ?? '') > Date.parse(before.passwordChangedAt ?? '');
}

function undoUnclear({ objectId, upn }: ForcedChangeOutput): ResponderError {
  return new ResponderError({
    code: 'undo-unclear',
    message: `Whether the responder or somebody else forces ${upn} (${objectId}) to change the password is unknown.`,
    fault: 'service',
    retry: 'no',
    next: 'Check the audit log of Entra, and change the user by hand if it was the responder.',
  });
}
