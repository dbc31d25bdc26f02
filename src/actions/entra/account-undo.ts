/** Taking back that the responder disabled or enabled a user, where the audit log shows that it did so last. */
import { type ErrorInfo, ResponderError } from '../../domain/errors.js';
import type { ActionContext, NotOurs, RunResult } from '../define.js';
import { type AccountChange, readAccountChanges } from './account-changes.js';
import { type AccountStateOutput, changeAccount, isEnabled, word } from './account-state.js';
import { readUser } from './users.js';

/** The directory's clock and ours may differ by so much. */
const CLOCKS_DIFFER_MS = 2 * 60_000;
const BY_HAND = 'Look into the audit log of Entra, and change the user by hand if it was the responder.';
/** Entra shows most entries of its audit log within minutes. */
const LOG_BEHIND_MS = 5 * 60_000;

/**
 * Reverts a change that was made to `enabled`, by this incident or by those that `others` are the outputs of.
 * @throws ResponderError `undo-unclear` where it cannot be known whose change is in force, `audit-log-behind`.
 */
export async function undoAccountState(
  enabled: boolean,
  output: AccountStateOutput,
  ctx: ActionContext,
  others: readonly AccountStateOutput[],
): Promise<RunResult<unknown> | NotOurs> {
  const { objectId, upn } = output;
  const user = await readUser(objectId, ctx);
  if (isEnabled(user) !== enabled) {
    // A lost call of this undo may have done it.
    return {
      state: 'requested',
      output: {},
      evidence: { before: `${word(!enabled)}, by us or by somebody else` },
    };
  }
  const ours = [output, ...others].filter(({ changed }) => changed === true);
  if (ours.length === 0) {
    if ([output, ...others].some(({ changed }) => changed === 'unknown')) throw unclear(output, enabled);
    const reason = `${upn} (${objectId}) was left ${word(enabled)}: it was so before, and nothing shows that the responder did it.`;
    return { state: 'not-ours', reason, evidence: {} };
  }
  const other = await changedByOthers(enabled, output, ours, ctx);
  if (other) {
    const reason = `${upn} (${objectId}) was left ${word(enabled)}: ${other.by} ${other.what} the account at ${new Date(other.at).toISOString()}, after the responder.`;
    return { state: 'not-ours', reason, evidence: { changedBy: other.by } };
  }
  return changeAccount(!enabled, output, user, ctx);
}

/** The last change in the audit log where it is not one of ours. */
async function changedByOthers(
  enabled: boolean,
  output: AccountStateOutput,
  ours: readonly AccountStateOutput[],
  ctx: ActionContext,
): Promise<AccountChange | undefined> {
  const times = ours.flatMap(({ changedAt }) =>
    changedAt ? [{ from: Date.parse(changedAt.from), to: Date.parse(changedAt.to) }] : [],
  );
  if (times.length === 0) throw unclear(output, enabled);
  const since = Math.min(...times.map(({ from }) => from)) - CLOCKS_DIFFER_MS;
  const changes = await readAccountChanges(output.objectId, since, ctx).catch((error: unknown) => {
    const mayNotRead = error instanceof ResponderError && error.info.httpStatus === 403;
    throw mayNotRead ? unclear(output, enabled, error.info) : error;
  });
  const [last] = changes;
  if (last === undefined) throw behind(output);
  const mayBeOurs = ({ at, byApp, what }: AccountChange) =>
    byApp &&
    what !== (enabled ? 'disabled' : 'enabled') &&
    times.some(({ from, to }) => at >= from - CLOCKS_DIFFER_MS && at <= to + CLOCKS_DIFFER_MS);
  if (!mayBeOurs(last)) return last;
  // Each of ours is one entry, and the log names apps by names that others may have: one more is another app's.
  if (changes.filter(mayBeOurs).length > times.length) throw unclear(output, enabled);
  return undefined;
}

/** `refused`: the log may not be read. */
function unclear(
  { objectId, upn }: AccountStateOutput,
  enabled: boolean,
  refused?: ErrorInfo,
): ResponderError {
  const grant = ' Grant AuditLog.Read.All, so that the responder can look itself.';
  return new ResponderError({
    code: 'undo-unclear',
    message: `Whether the responder or somebody else made ${upn} (${objectId}) ${word(enabled)} is not known.${refused ? ` ${refused.message}` : ''}`,
    blame: refused?.blame ?? 'service',
    retry: 'no',
    next: `${BY_HAND}${refused ? grant : ''}`,
    ...(refused?.httpStatus === undefined ? {} : { httpStatus: refused.httpStatus }),
  });
}

function behind({ objectId, upn }: AccountStateOutput): ResponderError {
  return new ResponderError({
    code: 'audit-log-behind',
    message: `The audit log of Entra does not show yet who changed ${upn} (${objectId}) last.`,
    blame: 'service',
    retry: 'later',
    retryAfterMs: LOG_BEHIND_MS,
    next: BY_HAND,
  });
}
