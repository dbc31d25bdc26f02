import { z } from 'zod';
import { path } from '../../domain/builders/path.js';
import { type ActionContext, defineResponse, irreversible } from '../define.js';
import { readAfterUnknownOutcome } from '../unknown-outcome.js';
import { accountTarget, assertNoGuest } from './users/account-target.js';
import { type UserInput, userInputSchema } from './users/user-resolver.js';
import { readUser } from './users/users.js';

const answerSchema = z.looseObject({ value: z.boolean().optional() });

const REVOKED_BY = 'revoked since this was decided, by an attempt of this response or by somebody else';

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
    before: z.string().optional().describe('The previous value: sessions were valid since then'),
  }),
  permissions: [
    { api: 'Microsoft Graph', name: 'User.RevokeSessions.All', why: 'revoke the sessions of a user' },
    { api: 'Microsoft Graph', name: 'User.Read.All', why: 'read since when sessions are valid' },
  ],
  quota: 'graph-directory',
  calls: 2,
  risk: 'disruptive',
  impact:
    'The user must sign in again everywhere; access tokens that were already issued stay valid for up to an hour.',
  takesUpTo: '15m',
  // A second request moves the time: sessions that began in between end, too.
  idempotent: false,
  captures: ['before'],
  target: accountTarget({
    guests:
      "Revoking the sessions of a guest has no effect: they belong to the guest's home tenant. Ask its administrators, or remove the guest's access here.",
  }),
  async run(input, ctx) {
    const user = await readUser(input.objectId, ctx);
    assertNoGuest(user);
    const before = user.signInSessionsValidFromDateTime ?? undefined;
    const now = ctx.clock.now();
    // An earlier attempt revoked them, or an equivalent call: later sessions need not be revoked. A revocation before the
    // decision is not enough: an attacker may have signed in since. The directory does not record who did it.
    if (before && isAtOrAfter(before, wholeSecond(ctx.decidedAt))) {
      const output = { objectId: input.objectId, requestedAt: wholeSecond(Date.parse(before)), before };
      const evidence = { signInSessionsValidFromDateTime: before, by: REVOKED_BY };
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
      if (!(await readAfterUnknownOutcome(error, () => areRevokedSince(input, requestedAt, ctx))))
        throw error;
      return {
        state: 'requested',
        output,
        evidence: { requestedAt, answer: 'lost, the effect was read back' },
      };
    }
  },
  async confirm(input, { requestedAt }, ctx) {
    const validFrom = (await readUser(input.objectId, ctx)).signInSessionsValidFromDateTime ?? '';
    if (!isAtOrAfter(validFrom, requestedAt)) {
      return { state: 'pending', status: `Sessions are valid from ${validFrom || 'an unknown time'} on.` };
    }
    const proof = `Sessions of ${input.upn} (${input.objectId}) are valid only from ${validFrom} on: all older ones are void.`;
    return { state: 'confirmed', proof, evidence: { signInSessionsValidFromDateTime: validFrom } };
  },
  undo: irreversible('Revoked sessions cannot be restored; the user signs in again.'),
});

async function areRevokedSince({ objectId }: UserInput, since: string, ctx: ActionContext): Promise<boolean> {
  return isAtOrAfter((await readUser(objectId, ctx)).signInSessionsValidFromDateTime ?? '', since);
}

function isAtOrAfter(validFrom: string, since: string): boolean {
  return Date.parse(validFrom) >= Date.parse(since);
}

/** The directory stores whole seconds. */
function wholeSecond(now: number): string {
  return new Date(Math.floor(now / 1000) * 1000).toISOString();
}
