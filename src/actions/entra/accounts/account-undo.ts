/** Reverts that the responder disabled or enabled a user, if the audit log shows that it made the last change. */
import { type ErrorInfo, ResponderError } from '../../../domain/errors.js';
import type { ActionContext, RunResult, UndoSkipped } from '../../define.js';
import { beginOf, LOG_BEHIND_MS, lastAuthor } from '../audits/last-author.js';
import { readUser } from '../users/users.js';
import { type AccountChange, readAccountChanges } from './account-changes.js';
import { type AccountStateOutput, changeAccount, enabledText, isEnabled } from './account-state.js';

const BY_HAND = 'Check the audit log of Entra, and change the user by hand if it was the responder.';

/**
 * Reverts a change to `enabled` by this incident or by those whose outputs are in `others`.
 * @throws ResponderError `undo-unclear` if the author of the current state is unknown, `audit-log-behind`.
 */
export async function undoAccountState(
  enabled: boolean,
  output: AccountStateOutput,
  ctx: ActionContext,
  others: readonly AccountStateOutput[],
): Promise<RunResult<unknown> | UndoSkipped> {
  const { objectId, upn } = output;
  const user = await readUser(objectId, ctx);
  if (isEnabled(user) !== enabled) {
    // A lost call of this undo may have done this.
    return {
      state: 'requested',
      output: {},
      evidence: { before: `${enabledText(!enabled)}, by us or by somebody else` },
    };
  }
  const ownChanges = [output, ...others].filter(({ changed }) => changed === true);
  if (ownChanges.length === 0) {
    if ([output, ...others].some(({ changed }) => changed === 'unknown')) throw undoUnclear(output, enabled);
    const reason = `${upn} (${objectId}) was left ${enabledText(enabled)}: it was so before, and nothing shows that the responder did it.`;
    return { state: 'not-ours', reason, evidence: {} };
  }
  const other = await changedByOthers(enabled, output, ownChanges, ctx);
  if (other) {
    const reason = `${upn} (${objectId}) was left ${enabledText(enabled)}: ${other.actor} ${other.what} the account at ${new Date(other.at).toISOString()}, after the responder.`;
    return { state: 'not-ours', reason, evidence: { changedBy: other.actor } };
  }
  return changeAccount(!enabled, output, user, ctx);
}

/** The last change in the audit log, if it is not the responder's. */
async function changedByOthers(
  enabled: boolean,
  output: AccountStateOutput,
  ownChanges: readonly AccountStateOutput[],
  ctx: ActionContext,
): Promise<AccountChange | undefined> {
  const periods = ownChanges.flatMap(({ changedAt }) => changedAt ?? []);
  const since = beginOf(periods);
  if (since === undefined) throw undoUnclear(output, enabled);
  const changes = await readAccountChanges(output.objectId, since, ctx).catch((error: unknown) => {
    const mayNotRead = error instanceof ResponderError && error.info.httpStatus === 403;
    throw mayNotRead ? undoUnclear(output, enabled, error.info) : error;
  });
  const last = lastAuthor(changes, periods, ({ what }) => what !== (enabled ? 'disabled' : 'enabled'));
  if (last.state === 'behind') throw auditLogBehind(output);
  if (last.state === 'unclear') throw undoUnclear(output, enabled);
  return last.state === 'somebody-else' ? last.change : undefined;
}

/** @param refused the app may not read the log. */
function undoUnclear(
  { objectId, upn }: AccountStateOutput,
  enabled: boolean,
  refused?: ErrorInfo,
): ResponderError {
  const grant = ' Grant AuditLog.Read.All, so that the responder can look itself.';
  return new ResponderError({
    code: 'undo-unclear',
    message: `Whether the responder or somebody else made ${upn} (${objectId}) ${enabledText(enabled)} is unknown.${refused ? ` ${refused.message}` : ''}`,
    fault: refused?.fault ?? 'service',
    retry: 'no',
    next: `${BY_HAND}${refused ? grant : ''}`,
    ...(refused?.httpStatus === undefined ? {} : { httpStatus: refused.httpStatus }),
  });
}

function auditLogBehind({ objectId, upn }: AccountStateOutput): ResponderError {
  return new ResponderError({
    code: 'audit-log-behind',
    message: `The audit log of Entra does not yet show who changed ${upn} (${objectId}) last.`,
    fault: 'service',
    retry: 'later',
    retryAfterMs: LOG_BEHIND_MS,
    next: BY_HAND,
  });
}
