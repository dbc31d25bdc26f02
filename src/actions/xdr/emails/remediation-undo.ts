/** Moves back the copies that the responder removed, and no other. */
import { durationMs } from '../../../domain/duration.js';
import { ResponderError } from '../../../domain/errors.js';
import type { ActionContext, Confirmation, RunResult, UndoSkipped } from '../../define.js';
import { readAfterUnknownOutcome } from '../../unknown-outcome.js';
import { type Copy, type Email, isInMailbox, type Place } from './copies.js';
import {
  CLOCK_SKEW_MS,
  type EmailInput,
  type EmailOutput,
  namesOf,
  readDelivered,
  requestRemediation,
  TAKES_UP_TO,
} from './remediation.js';

/** Folders other than these are not named in the tables: what was in one goes to the inbox. */
const BACK = { junk: 'moveToJunk', 'deleted-items': 'moveToDeletedItems', inbox: 'moveToInbox' } as const;
type BackTo = keyof typeof BACK;
const backTo = (place: Place): BackTo => (place === 'junk' || place === 'deleted-items' ? place : 'inbox');

interface OwnCopy {
  readonly recipient: string;
  readonly to: BackTo;
  readonly removed: true | 'unknown';
  /** When the request was sent, in milliseconds since the epoch. Undefined: unknown. */
  readonly since: number | undefined;
}

/** What the responder removed, by its outputs. */
function ownCopies(outputs: readonly EmailOutput[]): OwnCopy[] {
  return outputs.flatMap(({ before, removedAfter }) =>
    before.map(({ recipient, place, removed }) => ({
      recipient,
      to: backTo(place),
      removed,
      since: removedAfter === undefined ? undefined : Date.parse(removedAfter),
    })),
  );
}

/**
 * Whether all that happened to it since the request is one soft delete, in the time that Defender takes. If it came later,
 * or was moved and deleted again, someone else did it.
 */
function isRemovedByUs(copy: Copy | undefined, { removed, since }: OwnCopy): boolean {
  if (copy?.place !== 'soft-deleted' || removed !== true || since === undefined) return false;
  const [first, ...more] = copy.events.filter(({ at }) => at >= since - CLOCK_SKEW_MS);
  return (
    first !== undefined && more.length === 0 && first.at <= since + durationMs(TAKES_UP_TO) + CLOCK_SKEW_MS
  );
}

const copyOf = ({ copies }: Email, { recipient }: OwnCopy) =>
  copies.find((one) => one.recipient === recipient);
const isUnclear = (email: Email) => (one: OwnCopy) =>
  one.removed === 'unknown' && copyOf(email, one)?.place === 'soft-deleted';
/** Defender has accepted the removal, and may still carry it out: an undo now would be followed by the removal. */
function isUnderWay(copy: Copy | undefined, { removed, since }: OwnCopy, now: number): boolean {
  if (copy === undefined || !isInMailbox(copy) || removed !== true || since === undefined) return false;
  const isSettled = (copy.lastAttemptAt ?? 0) >= since - CLOCK_SKEW_MS;
  return !isSettled && now <= since + durationMs(TAKES_UP_TO);
}
const perRecipient = (copies: readonly OwnCopy[]) => [
  ...new Map(copies.map((one) => [one.recipient, one])).values(),
];

/** @throws ResponderError `undo-unclear` if it is unknown who removed the message, `undo-too-early`. */
export async function restoreEmail(
  input: EmailInput,
  output: EmailOutput,
  ctx: ActionContext,
  others: readonly EmailOutput[],
): Promise<RunResult<unknown> | UndoSkipped> {
  const own = ownCopies([output, ...others]);
  const email = await readDelivered(input, ctx);
  const unclear = own.filter(isUnclear(email));
  if (unclear.length > 0) throw undoUnclear(input, unclear);
  if (own.length === 0) return leftAsIs(input, 'the responder did not remove it');
  const underWay = own.filter((one) => isUnderWay(copyOf(email, one), one, ctx.clock.now()));
  if (underWay.length > 0) throw stillUnderWay(input, underWay);
  const removed = perRecipient(own.filter((one) => isRemovedByUs(copyOf(email, one), one)));
  if (removed.length === 0) {
    const isBack = own.every((one) => isThere(email, one));
    if (!isBack) return leftAsIs(input, 'someone else has moved or removed it since');
    return { state: 'requested', output: {}, evidence: { before: 'back, by us or by somebody else' } };
  }
  const ids: string[] = [];
  for (const [to, action] of Object.entries(BACK)) {
    const copies = removed.filter((one) => one.to === to);
    if (copies.length === 0) continue;
    try {
      const { requestId } = await requestRemediation(action, input, copies, ctx);
      if (requestId) ids.push(requestId);
    } catch (error) {
      const after = await readAfterUnknownOutcome(error, () => readDelivered(input, ctx));
      if (!copies.every((one) => isThere(after, one))) throw error;
    }
  }
  return {
    state: 'requested',
    output: {},
    evidence: { copies: namesOf(removed), requestIds: ids.join(' ') },
  };
}

/** Proves that no copy that the responder removed is left removed. */
export async function confirmRestored(
  input: EmailInput,
  output: EmailOutput,
  ctx: ActionContext,
  others: readonly EmailOutput[],
): Promise<Confirmation> {
  const own = ownCopies([output, ...others]);
  const email = await readDelivered(input, ctx);
  const missing = perRecipient(own.filter((one) => isRemovedByUs(copyOf(email, one), one)));
  if (missing.length > 0) {
    return { state: 'pending', status: `${input.email} is not back yet for ${namesOf(missing)}.` };
  }
  const all = perRecipient(own);
  const back = all.filter((one) => isThere(email, one));
  const elsewhere = all.length - back.length;
  const rest = elsewhere === 0 ? '' : ` ${elsewhere} were moved or removed by others since, and are left so.`;
  const proof = `${input.email} was read back in ${back.length} of ${all.length} mailboxes from which the responder removed it.${rest}`;
  return { state: 'confirmed', proof, evidence: { restored: String(back.length) } };
}

function isThere(email: Email, one: OwnCopy): boolean {
  const copy = copyOf(email, one);
  return copy !== undefined && isInMailbox(copy);
}

const leftAsIs = ({ email }: EmailInput, why: string): UndoSkipped => ({
  state: 'not-ours',
  reason: `${email} was left as it is: ${why}.`,
  evidence: {},
});

function undoUnclear({ email }: EmailInput, copies: readonly OwnCopy[]): ResponderError {
  return new ResponderError({
    code: 'undo-unclear',
    message: `Whether the responder or somebody else removed ${email} for ${namesOf(perRecipient(copies))} is unknown.`,
    fault: 'service',
    retry: 'no',
    next: 'Look in the Action center of the Defender portal who removed it, and move it back there.',
  });
}

const LOOK_AGAIN_MS = 5 * 60_000;

function stillUnderWay({ email }: EmailInput, copies: readonly OwnCopy[]): ResponderError {
  return new ResponderError({
    code: 'undo-too-early',
    message: `Defender has not yet removed ${email} for ${namesOf(perRecipient(copies))}, and may still do it: it cannot be moved back before.`,
    fault: 'service',
    retry: 'later',
    retryAfterMs: LOOK_AGAIN_MS,
    next: 'Look in the Action center of the Defender portal, and move it back there once it is removed.',
  });
}
