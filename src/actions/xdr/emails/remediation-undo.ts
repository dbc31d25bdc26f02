/** Moves back the copies that the responder removed, and no other. */
import { ResponderError } from '../../../domain/errors.js';
import type { ActionContext, Confirmation, RunResult, UndoSkipped } from '../../define.js';
import { readAfterUnknownOutcome } from '../../unknown-outcome.js';
import { type Copy, type Email, isInMailbox, type Place } from './copies.js';
import {
  type EmailInput,
  type EmailOutput,
  namesOf,
  readDelivered,
  requestRemediation,
} from './remediation.js';

/** The largest assumed difference between Defender's clock and ours. */
const CLOCK_SKEW_MS = 2 * 60_000;

/** Folders other than these are not named in the tables: what was in one goes to the inbox. */
const BACK = { junk: 'moveToJunk', 'deleted-items': 'moveToDeletedItems', inbox: 'moveToInbox' } as const;
type BackTo = keyof typeof BACK;
const backTo = (place: Place): BackTo => (place === 'junk' || place === 'deleted-items' ? place : 'inbox');

interface OwnCopy {
  readonly recipient: string;
  readonly to: BackTo;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** What the responder removed, by its outputs; each recipient once. */
function ownCopies(outputs: readonly EmailOutput[]): OwnCopy[] {
  const all = outputs.flatMap(({ changed, before, removedAfter }) =>
    changed === true && removedAfter !== undefined
      ? before.map(({ recipient, place }) => ({
          recipient,
          to: backTo(place),
          since: Date.parse(removedAfter) - CLOCK_SKEW_MS,
        }))
      : [],
  );
  return [...new Map(all.map((one) => [one.recipient, one])).values()];
}

/** Whether the last thing that happened to it is a soft delete since then: what others did later is theirs. */
function isRemovedByUs(copy: Copy | undefined, { since }: OwnCopy): boolean {
  return copy?.place === 'soft-deleted' && Date.parse(copy.last?.at ?? '') >= since;
}

const copyOf = ({ copies }: Email, { recipient }: OwnCopy) =>
  copies.find((one) => one.recipient === recipient);

/** @throws ResponderError `undo-unclear` if it is unknown who removed the message. */
export async function restoreEmail(
  input: EmailInput,
  output: EmailOutput,
  ctx: ActionContext,
  others: readonly EmailOutput[],
): Promise<RunResult<unknown> | UndoSkipped> {
  const own = ownCopies([output, ...others]);
  const email = await readDelivered(input, ctx);
  if (own.length === 0) {
    if ([output, ...others].some(({ changed }) => changed === 'unknown')) throw undoUnclear(input);
    return leftAsIs(input, 'the responder did not remove it');
  }
  const removed = own.filter((one) => isRemovedByUs(copyOf(email, one), one));
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
  const missing = own.filter((one) => isRemovedByUs(copyOf(email, one), one));
  if (missing.length > 0) {
    return { state: 'pending', status: `${input.email} is not back yet for ${namesOf(missing)}.` };
  }
  const back = own.filter((one) => isThere(email, one));
  const elsewhere = own.length - back.length;
  const rest = elsewhere === 0 ? '' : ` ${elsewhere} were moved or removed by others since, and are left so.`;
  const proof = `${input.email} was read back in ${back.length} of ${own.length} mailboxes from which the responder removed it.${rest}`;
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

function undoUnclear({ email }: EmailInput): ResponderError {
  return new ResponderError({
    code: 'undo-unclear',
    message: `Whether the responder or somebody else removed ${email} is unknown.`,
    fault: 'service',
    retry: 'no',
    next: 'Look in the Action center of the Defender portal who removed it, and move it back there.',
  });
}
