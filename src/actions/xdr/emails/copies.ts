/** Where the copies of a message are, by the tables of Defender. Pure. */
import { z } from 'zod';
import { canonicalJson } from '../../../domain/canonical.js';
import { lowerCase } from '../../../domain/unicode-text.js';

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
const common = { Timestamp: z.string(), RecipientEmailAddress: z.string().min(1), DeliveryLocation: text };
/** https://learn.microsoft.com/defender-xdr/advanced-hunting-emailevents-table */
const deliverySchema = z.looseObject({
  Source: z.literal('EmailEvents'),
  ...common,
  NetworkMessageId: z.string(),
  InternetMessageId: text,
  SenderFromAddress: text,
  Subject: text,
  LatestDeliveryLocation: text,
  ThreatTypes: text,
});
/** https://learn.microsoft.com/defender-xdr/advanced-hunting-emailpostdeliveryevents-table */
const laterSchema = z.looseObject({
  Source: z.literal('EmailPostDeliveryEvents'),
  ...common,
  Action: text,
  ActionType: text,
  ActionResult: text,
});
export const emailRowSchema = z.discriminatedUnion('Source', [deliverySchema, laterSchema]);
export type EmailRow = z.infer<typeof emailRowSchema>;
type Delivery = z.infer<typeof deliverySchema>;
type Later = z.infer<typeof laterSchema>;

export const placeSchema = z.enum([
  // Its recipient can open it. `unknown`: e.g. in a folder that a rule moved it to.
  ...(['inbox', 'junk', 'deleted-items', 'unknown'] as const),
  // A remediation or a purge took it from the mailbox. Only what was soft-deleted can be restored.
  ...(['soft-deleted', 'hard-deleted', 'quarantine'] as const),
  'not-delivered',
  // On premises or in another organisation.
  'outside',
]);
export type Place = z.infer<typeof placeSchema>;

/** What succeeded on a copy after its delivery. */
export interface CopyEvent {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Where the copy is afterwards. */
  readonly place: Place;
}
/** A message in the mailbox of one recipient. */
export interface Copy {
  /** In lower case. */
  readonly recipient: string;
  readonly place: Place;
  readonly delivered: Place;
  /** When something was done to it last, or attempted. */
  readonly lastAttemptAt?: number;
  /** The oldest first. */
  readonly events: readonly CopyEvent[];
}
export interface Email {
  readonly networkMessageId: string;
  readonly internetMessageId: string;
  readonly subject: string;
  readonly sender: string;
  readonly threats: readonly string[];
  /** Sorted by recipient. */
  readonly copies: readonly Copy[];
}

export const isInMailbox = ({ place }: Pick<Copy, 'place'>): boolean =>
  ['inbox', 'junk', 'deleted-items', 'unknown'].includes(place);
/** Whether there is, or was, a copy in a mailbox of the organisation. */
export const isInReach = ({ place }: Copy): boolean => !['not-delivered', 'outside'].includes(place);

/** Undefined: the tables have no delivery of it. */
export function emailOf(rows: readonly EmailRow[]): Email | undefined {
  const byTime = rows.toSorted(inTime);
  const deliveries = byTime.filter((row) => row.Source === 'EmailEvents');
  const [first] = deliveries;
  if (first === undefined) return undefined;
  // Of several rows about one recipient the latest counts.
  const latest = new Map(deliveries.map((row) => [lowerCase(row.RecipientEmailAddress), row]));
  const later = distinct(byTime.filter((row) => row.Source === 'EmailPostDeliveryEvents'));
  const threats = deliveries.flatMap(({ ThreatTypes }) => ThreatTypes.split(',').map((one) => one.trim()));
  return {
    networkMessageId: lowerCase(first.NetworkMessageId),
    internetMessageId: first.InternetMessageId,
    subject: first.Subject,
    sender: first.SenderFromAddress,
    threats: [...new Set(threats.filter((one) => one !== ''))].sort(),
    copies: [...latest]
      .map(([recipient, row]) => copyOf(recipient, row, later))
      .sort((a, b) => (a.recipient < b.recipient ? -1 : 1)),
  };
}

const distinct = <T>(rows: readonly T[]): T[] => [
  ...new Map(rows.map((row) => [canonicalJson(row), row])).values(),
];

/** Of two rows of the same time the one that says less of a removal comes last. */
function inTime(a: EmailRow, b: EmailRow): number {
  const rank = (row: EmailRow) =>
    row.Source === 'EmailPostDeliveryEvents' && isInMailbox({ place: placeAfter(row) }) ? 1 : 0;
  const text = (row: EmailRow) => canonicalJson(row);
  const by = Date.parse(a.Timestamp) - Date.parse(b.Timestamp) || rank(a) - rank(b);
  return by || (text(a) < text(b) ? -1 : 1);
}

function copyOf(recipient: string, delivery: Delivery, later: readonly Later[]): Copy {
  const attempts = later.filter((row) => lowerCase(row.RecipientEmailAddress) === recipient);
  const last = attempts.at(-1);
  const events = attempts
    .filter(({ ActionResult }) => lowerCase(ActionResult) === 'success')
    .map((row): CopyEvent => ({ at: Date.parse(row.Timestamp), place: placeAfter(row) }));
  const delivered = placeOf(delivery.DeliveryLocation);
  // Where nothing was done to it, its recipient, or a rule, may have moved it.
  const now = placeOf(delivery.LatestDeliveryLocation);
  const place = events.at(-1)?.place ?? (now === 'unknown' ? delivered : now);
  const attempted = last === undefined ? {} : { lastAttemptAt: Date.parse(last.Timestamp) };
  return { recipient, place, delivered, events, ...attempted };
}

/** Where it was at that time, by what was done to it; a move by its recipient is not known. */
export function placeBefore({ delivered, events }: Copy, at: number): Place {
  return events.filter((event) => event.at < at).at(-1)?.place ?? delivered;
}

/** The tables name no location for what was deleted: the action says it. */
function placeAfter({ Action: action, DeliveryLocation: location }: Later): Place {
  if (/soft[ -]?delete/i.test(action)) return 'soft-deleted';
  if (/hard[ -]?delete/i.test(action)) return 'hard-deleted';
  return placeOf(location);
}

function placeOf(location: string): Place {
  const named = lowerCase(location);
  if (named.startsWith('inbox')) return 'inbox';
  if (named.startsWith('junk')) return 'junk';
  if (named.startsWith('deleted items')) return 'deleted-items';
  if (named.startsWith('quarantine')) return 'quarantine';
  if (named === 'failed' || named === 'dropped') return 'not-delivered';
  return /^on-prem(ises)?\/external$/.test(named) ? 'outside' : 'unknown';
}
