/** Soft-deletes the copies of a message, and moves them back. https://learn.microsoft.com/graph/api/security-analyzedemail-remediate */
import { z } from 'zod';
import { path } from '../../../domain/builders/path.js';
import { clip } from '../../../domain/clip.js';
import type { Duration } from '../../../domain/duration.js';
import { ResponderError } from '../../../domain/errors.js';
import { recordWords } from '../../../domain/target.js';
import { changeState } from '../../change-state.js';
import { commentOf, referenceOf } from '../../defender/machines/machine-requests.js';
import type {
  ActionContext,
  Confirmation,
  Permission,
  PrecheckResult,
  ResponseTarget,
  RunResult,
} from '../../define.js';
import { type Copy, type Email, isInMailbox, isInReach, placeBefore, placeSchema } from './copies.js';
import { emailResolver, readEmail } from './email-resolver.js';

/** The plan holds all of them, and an approver can still look at them. */
const MOST_RECIPIENTS = 100;
/** The largest assumed difference between Defender's clock and ours. */
export const CLOCK_SKEW_MS = 2 * 60_000;
/** How long Defender may take. */
export const TAKES_UP_TO: Duration = '4h';

export const emailInputSchema = z.object({
  networkMessageId: z.string().min(1).describe("Microsoft 365's id of the message"),
  email: z.string().describe('Subject, sender and number of recipients, for people'),
  recipients: z.array(z.string().min(1)).min(1).max(MOST_RECIPIENTS).describe('Whose mailboxes have a copy'),
});
export type EmailInput = z.infer<typeof emailInputSchema>;

export const emailOutputSchema = z.object({
  changed: z
    .union([z.boolean(), z.literal('unknown')])
    .describe('This action removed it; false: it was gone before; unknown: this action or someone else did'),
  before: z
    .array(
      z.object({
        recipient: z.string(),
        place: placeSchema,
        removed: z
          .union([z.literal(true), z.literal('unknown')])
          .describe('unknown: by this action or someone else'),
      }),
    )
    .describe('The copies that their recipients could open before acting, and where they were'),
  removedAfter: z.string().optional().describe('When the request was sent; ISO 8601, UTC'),
});
export type EmailOutput = z.infer<typeof emailOutputSchema>;

export const remediationPermissions: readonly Permission[] = [
  {
    api: 'Microsoft Graph',
    name: 'SecurityAnalyzedMessage.ReadWrite.All',
    why: 'remove messages and move them back',
  },
  { api: 'Microsoft Graph', name: 'ThreatHunting.Read.All', why: 'read where the copies of a message are' },
];

export const emailTarget: ResponseTarget<EmailInput, Email> = {
  resolver: emailResolver,
  accept(email, record) {
    const recipients = email.copies.filter(isInReach).map(({ recipient }) => recipient);
    const refuse = (reason: string) => ({ ok: false, code: 'unsupported-target', reason }) as const;
    if (recipients.length === 0) return refuse('No mailbox of the organisation received the message.');
    if (recipients.length > MOST_RECIPIENTS) {
      return refuse(
        `${recipients.length} mailboxes received the message, more than ${MOST_RECIPIENTS}. Remove it with Explorer of the Defender portal.`,
      );
    }
    return { ok: true, input: { networkMessageId: record.id, email: record.name, recipients } };
  },
};

const nameOf = ({ email: name, networkMessageId: id }: EmailInput) => recordWords({ name, id });
const ofInput = ({ recipients }: EmailInput, email: Email) =>
  email.copies.filter(({ recipient }) => recipients.includes(recipient));

/** One request for all copies that their recipients can open. */
export function removeEmail(
  input: EmailInput,
  ctx: ActionContext,
): Promise<RunResult<EmailOutput> | PrecheckResult> {
  return changeState(
    {
      read: () => readDelivered(input, ctx),
      isInForce: (email) => !ofInput(input, email).some(isInMailbox),
      words: (email) => placesOf(ofInput(input, email)),
      send: (email) =>
        requestRemediation('softDelete', input, ofInput(input, email).filter(isInMailbox), ctx),
      output: (email, changed, at) => ({
        changed,
        before: changed === false ? [] : removedFrom(ofInput(input, email), ctx),
        ...(at === undefined ? {} : { removedAfter: at.from }),
      }),
    },
    ctx,
  );
}

/** What this call removes; and what an earlier, lost one, or someone else, has removed since the decision. */
function removedFrom(copies: readonly Copy[], { decidedAt }: ActionContext): EmailOutput['before'] {
  const since = decidedAt - CLOCK_SKEW_MS;
  return copies.flatMap((copy): EmailOutput['before'] => {
    const { recipient, place, events } = copy;
    if (isInMailbox(copy)) return [{ recipient, place, removed: true }];
    const was = placeBefore(copy, since);
    const isOurs =
      place === 'soft-deleted' && isInMailbox({ place: was }) && (events.at(-1)?.at ?? 0) >= since;
    return isOurs ? [{ recipient, place: was, removed: 'unknown' }] : [];
  });
}

/** A message is removed if no recipient can open it: one that is left in a single mailbox, or outside, is not. */
export async function confirmRemoved(input: EmailInput, ctx: ActionContext): Promise<Confirmation> {
  const { copies } = await readDelivered(input, ctx);
  const left = copies.filter(isInMailbox);
  const outside = copies.filter(({ place }) => place === 'outside');
  const rest = [
    ...(left.length > 0
      ? [`${left.length} of ${copies.length} recipients can open it: ${namesOf(left)}`]
      : []),
    ...(outside.length > 0
      ? [`${outside.length} received it on premises or in another organisation: ${namesOf(outside)}`]
      : []),
  ];
  if (rest.length > 0) {
    return { state: 'pending', status: `${nameOf(input)} is not removed everywhere: ${rest.join('; ')}.` };
  }
  const proof = `${nameOf(input)} was read back as out of every mailbox: ${placesOf(copies)}.`;
  return { state: 'confirmed', proof, evidence: { copies: placesOf(copies) } };
}

type Remediation = 'softDelete' | 'moveToInbox' | 'moveToJunk' | 'moveToDeletedItems';

export async function requestRemediation(
  action: Remediation,
  { networkMessageId }: EmailInput,
  copies: readonly Pick<Copy, 'recipient'>[],
  ctx: ActionContext,
): Promise<{ readonly requestId?: string }> {
  const words = commentOf(ctx, await referenceOf(ctx));
  const body = {
    displayName: words,
    description: words,
    severity: 'high',
    action,
    // Only what was received: an attacker's own mailbox is another matter.
    remediateSendersCopy: false,
    analyzedEmails: copies.map(({ recipient: recipientEmailAddress }) => ({
      networkMessageId,
      recipientEmailAddress,
    })),
  };
  const where = path`/v1.0/security/collaboration/analyzedEmails/remediate`;
  return ctx.clients.graph.post(where, body, z.unknown(), { signal: ctx.signal });
}

/** @throws ResponderError `not-found` if Defender no longer has its delivery; those of the client. */
export async function readDelivered({ networkMessageId }: EmailInput, ctx: ActionContext): Promise<Email> {
  const email = await readEmail(networkMessageId, ctx);
  if (email !== undefined) return email;
  throw new ResponderError({
    code: 'not-found',
    message: `Defender no longer has a delivery of the message ${networkMessageId}.`,
    fault: 'service',
    retry: 'no',
    next: 'Look at the message in Explorer of the Defender portal.',
  });
}

const MOST_NAMED = 5;
const LONGEST_ADDRESS = 80;

export function namesOf(copies: readonly Pick<Copy, 'recipient'>[]): string {
  const named = copies.slice(0, MOST_NAMED).map(({ recipient }) => clip(recipient, LONGEST_ADDRESS));
  return copies.length > MOST_NAMED
    ? `${named.join(', ')} and ${copies.length - MOST_NAMED} more`
    : named.join(', ');
}

/** `2 soft-deleted, 1 quarantine`. */
function placesOf(copies: readonly Copy[]): string {
  const all = copies.map(({ place }) => place);
  return [...new Set(all)]
    .sort()
    .map((place) => `${all.filter((one) => one === place).length} ${place}`)
    .join(', ');
}
