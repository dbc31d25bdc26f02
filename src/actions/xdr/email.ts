import { z } from 'zod';
import { kql } from '../../domain/builders/kql.js';
import { lowerCase } from '../../domain/unicode-text.js';
import { visible } from '../../domain/visible.js';
import { defineEnrichment } from '../define.js';
import { optional } from '../enum-value.js';
import { knownCount } from '../lower-bound.js';
import { isInMailbox, type Place } from './emails/copies.js';
import { emailResolver } from './emails/email-resolver.js';
import { hunt } from './hunting/hunt.js';

const MOST_CLICKS = 1_000;
const MOST_NAMED = 50;
const QUERY = `UrlClickEvents
| where NetworkMessageId =~ tostring(params.message)
| project Timestamp, AccountUpn, ActionType, IsClickedThrough, ReportId
| take ${MOST_CLICKS + 1}`;

const clickSchema = z.looseObject({
  Timestamp: z.string(),
  AccountUpn: z.string().nullish(),
  ActionType: z.string().nullish(),
  IsClickedThrough: z.union([z.boolean(), z.number(), z.string()]).nullish(),
  ReportId: z.string().min(1),
});
const count = z.number().int().nonnegative();
const texts = z.array(z.string());

/** Who received a message, where its copies are, and who clicked its links. */
export default defineEnrichment({
  name: 'xdr.email',
  title: 'Read delivery, verdict and clicks of the message',
  docs: 'https://learn.microsoft.com/defender-xdr/advanced-hunting-emailevents-table',
  entity: 'mailMessage',
  resolver: emailResolver,
  output: z.object({
    networkMessageId: z.string(),
    subject: z.string(),
    sender: z.string(),
    threats: texts.describe('Verdicts, e.g. `Phish`, `Malware`; empty: none'),
    recipients: count,
    recipientAddresses: texts.optional().describe('Absent if there are more than 50'),
    inMailboxes: count.describe(
      'Copies that their recipients can open: in the inbox or a folder, junk, deleted items',
    ),
    removed: count.describe('Copies that were deleted by a remediation or a purge'),
    quarantined: count,
    notDelivered: count,
    outside: count.describe('Copies on premises or in another organisation'),
    clicks: count.optional().describe('Clicks on its links that Safe Links saw'),
    clickedThrough: count.optional().describe('Of these, those that were allowed, or continued to the page'),
    clickers: texts.optional().describe('Absent if there are more than 50'),
    lastClickAt: z.string().optional().describe('ISO 8601, UTC'),
    complete: z
      .boolean()
      .describe(
        'False: there are more clicks. Their numbers are lower bounds, and absent if nothing was found',
      ),
  }),
  permissions: [
    {
      api: 'Microsoft Graph',
      name: 'ThreatHunting.Read.All',
      why: 'query the tables about messages and clicks',
    },
  ],
  quota: 'xdr-hunting',
  calls: 1,
  async run({ networkMessageId, subject, sender, threats, copies }, ctx) {
    const rows = await hunt(kql(QUERY, { message: networkMessageId }), clickSchema, ctx);
    const complete = rows.length <= MOST_CLICKS;
    // A click that continues after the warning is another row of the same click.
    const clicks = new Set(rows.map(({ ReportId }) => ReportId));
    const through = new Set(rows.filter(isThrough).map(({ ReportId }) => ReportId));
    const clickers = [...new Set(rows.flatMap(({ AccountUpn }) => lowerCase(AccountUpn ?? '') || []))].sort();
    const at = (...places: readonly Place[]) => copies.filter(({ place }) => places.includes(place)).length;
    const lastClickAt = rows
      .map(({ Timestamp }) => Timestamp)
      .sort()
      .at(-1);
    return {
      networkMessageId,
      subject: visible(subject),
      sender: visible(sender),
      threats: [...threats],
      recipients: copies.length,
      ...optional('recipientAddresses', known(copies.map(({ recipient }) => recipient))),
      inMailboxes: copies.filter(isInMailbox).length,
      removed: at('soft-deleted', 'hard-deleted'),
      quarantined: at('quarantine'),
      notDelivered: at('not-delivered'),
      outside: at('outside'),
      clicks: knownCount(clicks.size, complete),
      clickedThrough: knownCount(through.size, complete),
      ...optional('clickers', complete ? known(clickers) : undefined),
      ...optional('lastClickAt', lastClickAt),
      complete,
    };
  },
});

/** `IsClickedThrough` is documented as a Boolean, and as 1 and 0. */
function isThrough({ ActionType, IsClickedThrough }: z.infer<typeof clickSchema>): boolean {
  return ActionType === 'ClickAllowed' || ['true', '1'].includes(String(IsClickedThrough).toLowerCase());
}

/** A part of a list would show that somebody is not in it. */
const known = (names: readonly string[]) => (names.length > MOST_NAMED ? undefined : [...names]);
