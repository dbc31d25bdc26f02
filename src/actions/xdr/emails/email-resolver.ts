/** The message of an incident: all copies with its network message id, of all recipients. */
import { z } from 'zod';
import { kql } from '../../../domain/builders/kql.js';
import { clip } from '../../../domain/clip.js';
import type { EntityOf } from '../../../domain/entities.js';
import { ResponderError } from '../../../domain/errors.js';
import { found } from '../../../domain/found-by.js';
import { lowerCase } from '../../../domain/unicode-text.js';
import { visible } from '../../../domain/visible.js';
import type { ActionContext, InputOrRefusal, Refusal, Resolver } from '../../define.js';
import { AGREES, type Claim, claimsOf, DIFFERS, type FoundRecord, verifyClaims } from '../../identifiers.js';
import { HUNTING_DAYS, hunt } from '../hunting/hunt.js';
import { type Email, emailOf, emailRowSchema } from './copies.js';

/** A message to more recipients is no target, and a cut list of copies is no answer. */
const MOST_ROWS = 2_000;
const QUERY = `union
  (EmailEvents
  | where NetworkMessageId =~ tostring(params.message)
  | project Source = "EmailEvents", Timestamp, NetworkMessageId, InternetMessageId, RecipientEmailAddress,
      SenderFromAddress, Subject, DeliveryLocation, LatestDeliveryLocation, ThreatTypes),
  (EmailPostDeliveryEvents
  | where NetworkMessageId =~ tostring(params.message)
  | project Source = "EmailPostDeliveryEvents", Timestamp, NetworkMessageId, RecipientEmailAddress,
      DeliveryLocation, Action, ActionType, ActionResult)
| take ${MOST_ROWS + 1}`;

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const text = z.string().min(1).optional();
const querySchema = z.object({
  networkMessageId: z.string().regex(GUID).describe("Microsoft 365's id of the message"),
  internetMessageId: text.describe('Id that the sender gave the message'),
  recipient: text.describe('Mail address of a recipient'),
});
type EmailQuery = z.infer<typeof querySchema>;

export const emailResolver: Resolver<'mailMessage', EmailQuery, Email> = {
  kind: 'xdr.email',
  query: querySchema,
  identify({
    networkMessageId,
    internetMessageId,
    recipient,
  }: EntityOf<'mailMessage'>): InputOrRefusal<EmailQuery> {
    if (networkMessageId === undefined || !GUID.test(networkMessageId)) return NO_ID;
    const more = { ...(internetMessageId && { internetMessageId }), ...(recipient && { recipient }) };
    return { ok: true, input: { networkMessageId, ...more } };
  },
  async resolve({ networkMessageId, internetMessageId, recipient }, ctx) {
    const email = await readEmail(networkMessageId, ctx);
    if (email === undefined) return notFound(networkMessageId);
    const claims = claimsOf([
      ['networkMessageId', networkMessageId],
      ['internetMessageId', internetMessageId],
      ['recipient', recipient],
    ]);
    return verifyClaims(email, recordOf(email), claims, (claim) => (isOf(email, claim) ? AGREES : DIFFERS));
  },
  async read(id, ctx) {
    const email = await readEmail(id, ctx);
    if (email === undefined) return notFound(id);
    return { ok: true, found: email, record: { ...recordOf(email), agreed: [], unchecked: [] } };
  },
};

/**
 * Undefined: Defender has no delivery of it in the last thirty days.
 * @throws ResponderError `incomplete-answer`; those of the client.
 */
export async function readEmail(networkMessageId: string, ctx: ActionContext): Promise<Email | undefined> {
  const rows = await hunt(kql(QUERY, { message: networkMessageId }), emailRowSchema, ctx);
  if (rows.length > MOST_ROWS) throw tooManyRows();
  return emailOf(rows);
}

const NO_ID: Refusal = {
  ok: false,
  code: 'target-unknown',
  reason: 'Defender looks messages up by network message id; the message has none.',
};

function notFound(networkMessageId: string): Refusal {
  const reason = `Defender has no delivery of a message ${visible(networkMessageId)} in the last ${HUNTING_DAYS} days.`;
  return { ok: false, code: 'not-found', reason };
}

/** Angle brackets are not part of the id. */
const bare = (id: string) => lowerCase(id.trim().replaceAll(/^<|>$/g, ''));

function isOf(email: Email, { id, value }: Claim): boolean {
  if (id === 'networkMessageId') return lowerCase(value) === email.networkMessageId;
  if (id === 'internetMessageId') return bare(value) === bare(email.internetMessageId);
  return email.copies.some(({ recipient }) => recipient === lowerCase(value.trim()));
}

const LONGEST = { subject: 50, sender: 60 };

/** `“Invoice” from eve@fabrikam.com to 3 recipients`; the subject is the sender's text. */
export function describeEmail({ subject, sender, copies }: Email): string {
  const named = clip(visible(subject), LONGEST.subject).replaceAll(/[“”]/g, "'");
  const to = `${copies.length} recipient${copies.length === 1 ? '' : 's'}`;
  return `“${named}” from ${clip(visible(sender), LONGEST.sender) || 'an unknown sender'} to ${to}`;
}

function recordOf(email: Email): FoundRecord {
  const how = found('message-id');
  return { kind: 'xdr.email', id: email.networkMessageId, name: describeEmail(email), ...how, ids: {} };
}

function tooManyRows(): ResponderError {
  return new ResponderError({
    code: 'incomplete-answer',
    message: `Defender has more than ${MOST_ROWS} rows about the message; the responder does not act on a part of them.`,
    fault: 'service',
    retry: 'no',
    next: 'Look at the message in Explorer of the Defender portal.',
  });
}
