/** Removes a consent, and restores it as it was. */
import { z } from 'zod';
import { path } from '../../../domain/builders/path.js';
import { type ErrorInfo, ResponderError } from '../../../domain/errors.js';
import { type ChangePeriod, changeState } from '../../change-state.js';
import type {
  ActionContext,
  Confirmation,
  Permission,
  PrecheckResult,
  RunResult,
  UndoSkipped,
} from '../../define.js';
import { readAfterUnknownOutcome } from '../../unknown-outcome.js';
import { CLOCK_SKEW_MS, LOG_BEHIND_MS } from '../audits/last-author.js';
import { type ConsentChange, readConsentChanges } from './consent-changes.js';
import type { ConsentInput } from './consent-target.js';
import { type Grant, isOf, readGrants, scopesOf } from './grants.js';

export const consentOutputSchema = z.object({
  changed: z
    .union([z.boolean(), z.literal('unknown')])
    .describe('This action removed it; false: it was gone before; unknown: this action or someone else did'),
  changedAt: z
    .object({ from: z.string(), to: z.string() })
    .optional()
    .describe('Period (ISO 8601, UTC) of the removal, if this action made it'),
  before: z
    .object({
      clientId: z.string(),
      consentType: z.enum(['AllPrincipals', 'Principal']),
      principalId: z.string().optional(),
      resourceId: z.string(),
      scope: z.string(),
    })
    .optional()
    .describe('The whole consent before acting, as an undo restores it; absent: there was none'),
});
type ConsentOutput = z.infer<typeof consentOutputSchema>;

export const consentPermissions: readonly Permission[] = [
  {
    api: 'Microsoft Graph',
    name: 'DelegatedPermissionGrant.ReadWrite.All',
    why: 'read the consents of an app, remove one and restore it',
  },
  { api: 'Microsoft Graph', name: 'Application.Read.All', why: 'find the app and the API' },
  { api: 'Microsoft Graph', name: 'User.Read.All', why: 'name the user who consented' },
  {
    api: 'Microsoft Graph',
    name: 'AuditLog.Read.All',
    why: 'see before an undo whether somebody consented since',
  },
];

const words = (grant: Grant | undefined): string =>
  grant === undefined ? 'removed' : `there, with ${scopesOf(grant).join(' ') || 'no permission'}`;

async function readGrant(input: ConsentInput, ctx: ActionContext): Promise<Grant | undefined> {
  return (await readGrants(input.clientId, ctx)).find((grant) => isOf(grant, input));
}

export function removeConsent(
  input: ConsentInput,
  ctx: ActionContext,
): Promise<RunResult<ConsentOutput> | PrecheckResult> {
  return changeState(
    {
      read: () => readGrant(input, ctx),
      isInForce: (grant) => grant === undefined,
      words,
      send: () => send(input, ctx),
      output: (grant, changed, changedAt) => ({
        changed,
        ...(changedAt ? { changedAt } : {}),
        ...capturedOf(input, grant, changed),
      }),
    },
    ctx,
  );
}

/** A repeated call finds what was approved gone: it restores what was approved, if anything. */
function capturedOf(
  { clientId, principalId, resourceId, scope }: ConsentInput,
  grant: Grant | undefined,
  changed: ConsentOutput['changed'],
): Pick<ConsentOutput, 'before'> {
  if (changed === false) return {};
  const whose = principalId === undefined ? {} : { principalId };
  const consentType = principalId === undefined ? ('AllPrincipals' as const) : ('Principal' as const);
  return { before: { clientId, consentType, ...whose, resourceId, scope: grant?.scope ?? scope } };
}

/** https://learn.microsoft.com/graph/api/oauth2permissiongrant-delete */
async function send(input: ConsentInput, ctx: ActionContext): Promise<{ readonly requestId?: string }> {
  try {
    const { signal } = ctx;
    return await ctx.clients.graph.delete(path`/v1.0/oauth2PermissionGrants/${input.grantId}`, { signal });
  } catch (error) {
    if (!(error instanceof ResponderError) || error.info.code !== 'not-found') throw error;
    if ((await readGrant(input, ctx)) !== undefined) throw error;
    throw new ResponderError({ ...error.info, code: 'conflict', retry: 'check-before-retry' });
  }
}

const TOKENS = 'Access tokens that were already issued stay valid for their lifetime.';

export async function confirmConsentRemoved(input: ConsentInput, ctx: ActionContext): Promise<Confirmation> {
  const grant = await readGrant(input, ctx);
  const status = `The consent ${input.consent} (${input.grantId}) was read back as ${words(grant)}.`;
  if (grant !== undefined) return { state: 'pending', status };
  return { state: 'confirmed', proof: `${status} ${TOKENS}`, evidence: { grant: 'none' } };
}

/** The removal that is undone: of this incident, or of those that no longer rely on it. */
const ownRemoval = (outputs: readonly ConsentOutput[]) =>
  outputs.find(({ changed, before }) => changed === true && before !== undefined);

/**
 * Restores the consent that this incident removed, or those whose outputs are in `others`, unless somebody has consented
 * since. https://learn.microsoft.com/graph/api/oauth2permissiongrant-post
 * @throws ResponderError `undo-unclear` if it is unknown who removed it, `audit-log-behind`; those of the client.
 */
export async function restoreConsent(
  input: ConsentInput,
  output: ConsentOutput,
  ctx: ActionContext,
  others: readonly ConsentOutput[],
): Promise<RunResult<unknown> | UndoSkipped> {
  const now = await readGrant(input, ctx);
  const evidence = { before: words(now) };
  const outputs = [output, ...others];
  const { before: own, changedAt } = ownRemoval(outputs) ?? {};
  if (now !== undefined) {
    // A lost call of this undo may have done this.
    if (own !== undefined && isSameScope(now, own)) return { state: 'requested', output: {}, evidence };
    const reason = `The consent ${input.consent} was left as it is: somebody has consented again since.`;
    return { state: 'not-ours', reason, evidence };
  }
  if (own === undefined || changedAt === undefined) {
    if (outputs.some(({ changed }) => changed !== false)) throw undoUnclear(input);
    const reason = `The consent ${input.consent} was left removed: it was gone before the responder acted.`;
    return { state: 'not-ours', reason, evidence };
  }
  const since = await consentedSince(input, changedAt, ctx);
  if (since) {
    const reason = `The consent ${input.consent} was left removed: ${since.actor} consented at ${new Date(since.at).toISOString()}, after the responder had removed it, and that consent is gone, too.`;
    return { state: 'not-ours', reason, evidence: { consentedBy: since.actor } };
  }
  try {
    const { signal } = ctx;
    await ctx.clients.graph.post(path`/v1.0/oauth2PermissionGrants`, own, z.unknown(), { signal });
  } catch (error) {
    const after = await readAfterUnknownOutcome(error, () => readGrant(input, ctx));
    if (after === undefined || !isSameScope(after, own)) throw error;
  }
  return { state: 'requested', output: {}, evidence };
}

/**
 * A consent to the app after the removal: then what is gone now was removed by somebody else.
 * @throws ResponderError `audit-log-behind` if the log does not show the removal yet, `undo-unclear` if it may not be read.
 */
async function consentedSince(
  input: ConsentInput,
  { from, to }: ChangePeriod,
  ctx: ActionContext,
): Promise<ConsentChange | undefined> {
  const since = Date.parse(from) - CLOCK_SKEW_MS;
  const changes = await readConsentChanges(input, since, ctx).catch((error: unknown) => {
    const mayNotRead = error instanceof ResponderError && error.info.httpStatus === 403;
    throw mayNotRead ? undoUnclear(input, error.info) : error;
  });
  const latest = Date.parse(to) + CLOCK_SKEW_MS;
  const removal = changes.find(({ granted, byApp, at }) => !granted && byApp && at <= latest);
  if (removal === undefined) throw auditLogBehind(input);
  return changes.find(({ granted, at }) => granted && at > removal.at);
}

const isSameScope = (one: Pick<Grant, 'scope'>, other: Pick<Grant, 'scope'>): boolean =>
  scopesOf(one).join(' ') === scopesOf(other).join(' ');

export async function confirmConsentRestored(
  input: ConsentInput,
  output: ConsentOutput,
  ctx: ActionContext,
  others: readonly ConsentOutput[],
): Promise<Confirmation> {
  const grant = await readGrant(input, ctx);
  const own = ownRemoval([output, ...others])?.before;
  const status = `The consent ${input.consent} was read back as ${words(grant)}.`;
  if (grant === undefined || own === undefined) return { state: 'pending', status };
  if (!isSameScope(grant, own)) return { state: 'failed', reason: `${status} That is not what was removed.` };
  return { state: 'confirmed', proof: status, evidence: { grantId: grant.id } };
}

const BY_HAND = 'Check the audit log of Entra, and grant the consent by hand if it was the responder.';

function auditLogBehind({ consent }: ConsentInput): ResponderError {
  return new ResponderError({
    code: 'audit-log-behind',
    message: `The audit log of Entra does not yet show that the consent ${consent} was removed.`,
    fault: 'service',
    retry: 'later',
    retryAfterMs: LOG_BEHIND_MS,
    next: BY_HAND,
  });
}

/** @param refused the app may not read the log. */
function undoUnclear({ consent }: ConsentInput, refused?: ErrorInfo): ResponderError {
  return new ResponderError({
    code: 'undo-unclear',
    message: `Whether the responder or somebody else removed the consent ${consent} is unknown.${refused ? ` ${refused.message}` : ''}`,
    fault: refused?.fault ?? 'service',
    retry: 'no',
    next: BY_HAND,
    ...(refused?.httpStatus === undefined ? {} : { httpStatus: refused.httpStatus }),
  });
}
