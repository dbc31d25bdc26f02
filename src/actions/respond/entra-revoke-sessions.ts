import { z } from 'zod';
import { path } from '../../domain/builders/path.js';
import { ResponderError } from '../../domain/errors.js';
import { type ActionContext, defineResponse, irreversible } from '../define.js';
import { type UserInput, userInputSchema, userTarget } from '../entra/user-resolver.js';
import { type DirectoryUser, isGuest, readUser } from '../entra/users.js';
import { readAfterLostAnswer } from '../lost-answer.js';

const answerSchema = z.looseObject({ value: z.boolean().optional() });

const BY_WHOM = 'revoked since this was decided, by an attempt of this response or by somebody else';

/** Voids a user's sign-in sessions: every application asks for a new sign-in, within minutes. */
export default defineResponse({
  name: 'entra.revoke-sessions',
  title: "Revoke the user's sessions",
  docs: 'https://learn.microsoft.com/graph/api/user-revokesigninsessions',
  entity: 'account',
  input: userInputSchema,
  output: z.object({
    objectId: z.string(),
    requestedAt: z.string().describe('ISO 8601, UTC, whole seconds: sessions older than this must be void'),
    before: z.string().optional().describe('Since when sessions were valid before'),
  }),
  permissions: [
    { api: 'Microsoft Graph', name: 'User.RevokeSessions.All', why: 'revoke the sessions of a user' },
    { api: 'Microsoft Graph', name: 'User.Read.All', why: 'read since when sessions are valid' },
  ],
  quota: 'graph-directory',
  risk: 'disruptive',
  impact:
    'The user must sign in again everywhere; access tokens that are already out live on for up to an hour.',
  target: {
    ...userTarget,
    accept(user: DirectoryUser, record, ctx) {
      if (!isGuest(user)) return userTarget.accept(user, record, ctx);
      const reason = 'Sessions of guests belong to their home tenant.';
      return { ok: false, code: 'unsupported-target', reason };
    },
  },
  async run(input, ctx) {
    const user = await readUser(input.objectId, ctx);
    if (isGuest(user)) throw guest();
    const before = user.signInSessionsValidFromDateTime ?? undefined;
    const now = ctx.clock.now();
    // Of an earlier attempt, or as good: any session that begins later was not to be revoked. One from before the
    // decision is not: an attacker may have signed in again since. The directory does not say who did it.
    if (before && reaches(before, wholeSecond(ctx.askedAt))) {
      const output = { objectId: input.objectId, requestedAt: wholeSecond(Date.parse(before)), before };
      const evidence = { signInSessionsValidFromDateTime: before, by: BY_WHOM };
      return { state: 'requested', output, evidence };
    }
    const requestedAt = wholeSecond(now);
    const output = { objectId: input.objectId, requestedAt, ...(before ? { before } : {}) };
    const where = path`/v1.0/users/${input.objectId}/revokeSignInSessions`;
    try {
      const { requestId } = await ctx.clients.graph.post(where, undefined, answerSchema, {
        signal: ctx.signal,
      });
      return { state: 'requested', output, evidence: { requestedAt, ...(requestId ? { requestId } : {}) } };
    } catch (error) {
      if (!(await readAfterLostAnswer(error, () => areVoid(input, requestedAt, ctx)))) throw error;
      return {
        state: 'requested',
        output,
        evidence: { requestedAt, answer: 'lost, the effect was read back' },
      };
    }
  },
  async confirm(input, { requestedAt }, ctx) {
    const validFrom = (await readUser(input.objectId, ctx)).signInSessionsValidFromDateTime ?? '';
    if (!reaches(validFrom, requestedAt)) {
      return { state: 'pending', status: `Sessions are valid from ${validFrom || 'an unknown time'} on.` };
    }
    const proof = `Sessions of ${input.upn} (${input.objectId}) are valid only from ${validFrom} on: all older ones are void.`;
    return { state: 'confirmed', proof, evidence: { signInSessionsValidFromDateTime: validFrom } };
  },
  undo: irreversible('A revoked session cannot be given back; the user signs in again.'),
});

async function areVoid({ objectId }: UserInput, since: string, ctx: ActionContext): Promise<boolean> {
  return reaches((await readUser(objectId, ctx)).signInSessionsValidFromDateTime ?? '', since);
}

function reaches(validFrom: string, since: string): boolean {
  return Date.parse(validFrom) >= Date.parse(since);
}

/** The directory keeps whole seconds. */
function wholeSecond(now: number): string {
  return new Date(Math.floor(now / 1000) * 1000).toISOString();
}

function guest(): ResponderError {
  return new ResponderError({
    code: 'unsupported-target',
    message: 'The user is a guest: revoking sessions here has no effect on them.',
    blame: 'caller',
    retry: 'no',
    next: "Ask the administrators of the user's home tenant, or remove the guest's access here.",
  });
}
