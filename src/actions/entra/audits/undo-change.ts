/** Reverts a change of which only the audit log of Entra says who made it. */
import { type ErrorInfo, ResponderError } from '../../../domain/errors.js';
import type { ChangedByUs, ChangePeriod } from '../../change-state.js';
import type { RunResult, UndoSkipped } from '../../define.js';
import { readAfterUnknownOutcome } from '../../unknown-outcome.js';
import type { AuditedChange } from './directory-audits.js';
import { beginOf, LOG_BEHIND_MS, lastAuthor } from './last-author.js';

/** The output of a response, as far as it says what it changed. */
export interface OwnChange {
  readonly changed: ChangedByUs;
  readonly changedAt?: ChangePeriod | undefined;
}

export interface ChangeToUndo<S, C> {
  /** For people: `Mail Reader (…)`. */
  readonly subject: string;
  /** What to change by hand, as the end of a sentence: `the app`. */
  readonly object: string;
  read(): Promise<S>;
  /** Whether the change is still there. */
  isInForce(state: S): boolean;
  words(state: S): string;
  /** Of this incident, and of those that no longer rely on the effect. */
  readonly outputs: readonly OwnChange[];
  /** Newest first, since then (milliseconds since the epoch). */
  changes(since: number): Promise<readonly C[]>;
  /** Whether an entry may be what the responder did, apart from author and time. */
  fits(change: C): boolean;
  /** Sends the one request. */
  send(): Promise<unknown>;
}

/** @throws ResponderError `undo-unclear` if it is unknown who made the change, `audit-log-behind`; those of the client. */
export async function undoChange<S, C extends AuditedChange>(
  change: ChangeToUndo<S, C>,
): Promise<RunResult<unknown> | UndoSkipped> {
  const now = await change.read();
  const words = change.words(now);
  // A lost call of this undo may have done this.
  if (!change.isInForce(now)) {
    const before = `${words}, by us or by somebody else`;
    return { state: 'requested', output: {}, evidence: { before } };
  }
  const evidence = { before: words };
  const left = `${change.subject} was left ${words}`;
  const own = change.outputs.filter(({ changed }) => changed === true);
  if (own.length === 0) {
    if (change.outputs.some(({ changed }) => changed === 'unknown')) throw undoUnclear(change, words);
    return { state: 'not-ours', reason: `${left}: it was so before the responder acted.`, evidence };
  }
  const other = await changedByOthers(change, words, own);
  if (other) {
    const reason = `${left}: ${other.actor} changed that at ${new Date(other.at).toISOString()}, after the responder.`;
    return { state: 'not-ours', reason, evidence: { changedBy: other.actor } };
  }
  try {
    await change.send();
  } catch (error) {
    if (change.isInForce(await readAfterUnknownOutcome(error, change.read))) throw error;
  }
  return { state: 'requested', output: {}, evidence };
}

/** The last change in the audit log, if it is not the responder's. */
async function changedByOthers<S, C extends AuditedChange>(
  change: ChangeToUndo<S, C>,
  words: string,
  own: readonly OwnChange[],
): Promise<C | undefined> {
  const periods = own.flatMap(({ changedAt }) => changedAt ?? []);
  const since = beginOf(periods);
  if (since === undefined) throw undoUnclear(change, words);
  const changes = await change.changes(since).catch((error: unknown) => {
    const mayNotRead = error instanceof ResponderError && error.info.httpStatus === 403;
    throw mayNotRead ? undoUnclear(change, words, error.info) : error;
  });
  const last = lastAuthor(changes, periods, change.fits);
  if (last.state === 'behind') throw auditLogBehind(change);
  if (last.state === 'unclear') throw undoUnclear(change, words);
  return last.state === 'somebody-else' ? last.change : undefined;
}

type Words = Pick<ChangeToUndo<unknown, unknown>, 'subject' | 'object'>;

const byHand = ({ object }: Words): string =>
  `Check the audit log of Entra, and change ${object} by hand if it was the responder.`;

function auditLogBehind(change: Words): ResponderError {
  return new ResponderError({
    code: 'audit-log-behind',
    message: `The audit log of Entra does not yet show who changed ${change.subject} last.`,
    fault: 'service',
    retry: 'later',
    retryAfterMs: LOG_BEHIND_MS,
    next: byHand(change),
  });
}

/** @param refused the app may not read the log. */
function undoUnclear(change: Words, words: string, refused?: ErrorInfo): ResponderError {
  return new ResponderError({
    code: 'undo-unclear',
    message: `Whether the responder or somebody else made ${change.subject} ${words} is unknown.${refused ? ` ${refused.message}` : ''}`,
    fault: refused?.fault ?? 'service',
    retry: 'no',
    next: `${byHand(change)}${refused ? ' Grant AuditLog.Read.All, and Directory.Read.All if that is not enough, so that the responder can look itself.' : ''}`,
    ...(refused?.httpStatus === undefined ? {} : { httpStatus: refused.httpStatus }),
  });
}
