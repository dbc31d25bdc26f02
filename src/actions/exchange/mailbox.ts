import { z } from 'zod';
import { path } from '../../domain/builders/path.js';
import { defineEnrichment } from '../define.js';
import { userResolver } from '../entra/users/user-resolver.js';
import { enumValueOf, optional } from '../enum-value.js';
import { knownCount } from '../lower-bound.js';
import { listInboxRules } from './rules/inbox-rules.js';
import { describeRule, divertsMessages, effectsOf, whereaboutsOf } from './rules/rule-effects.js';
import { readVerifiedDomains } from './rules/verified-domains.js';

const STATUSES = ['disabled', 'alwaysEnabled', 'scheduled'] as const;
const AUDIENCES = ['none', 'contactsOnly', 'all'] as const;
const MOST_NAMED = 10;

const repliesSchema = z.looseObject({ status: z.string().nullish(), externalAudience: z.string().nullish() });
const count = z.number().int().nonnegative();

/** The rules and automatic replies of a user's mailbox. */
export default defineEnrichment({
  name: 'exchange.mailbox',
  title: "Read the mailbox's rules and automatic replies",
  docs: 'https://learn.microsoft.com/graph/api/mailfolder-list-messagerules',
  entity: 'account',
  resolver: userResolver,
  output: z.object({
    objectId: z.string(),
    rules: count
      .optional()
      .describe('Inbox rules. Hidden ones, and those that only run in Outlook, do not count'),
    enabledRules: count.optional(),
    forwardingOutside: count
      .optional()
      .describe(
        'Enabled rules that forward or redirect to an address outside the verified domains of the tenant',
      ),
    forwardingUnclear: count
      .optional()
      .describe(
        'Enabled rules that forward or redirect to an entry of the address list without a mail address',
      ),
    deleting: count.optional().describe('Enabled rules that delete messages'),
    hiding: count
      .optional()
      .describe('Enabled rules that move messages and mark them as read, or move all messages, or by words'),
    byWords: count
      .optional()
      .describe('Of all these rules, those that apply by words of the subject or the body'),
    diverting: z
      .array(z.string())
      .optional()
      .describe(
        'Enabled rules that send messages outside, delete or hide them, with what they do. Absent if there are more than 10',
      ),
    automaticReplies: z.enum(STATUSES).optional(),
    automaticRepliesOutside: z.enum(AUDIENCES).optional().describe('Who outside gets automatic replies'),
    mailboxForwarding: z
      .literal('unknown')
      .describe('Forwarding of the mailbox itself (`ForwardingSmtpAddress`), which Graph does not show'),
    complete: z
      .boolean()
      .describe(
        'False: the list of rules was cut. Numbers and lists are lower bounds, and absent if nothing was found',
      ),
  }),
  permissions: [
    { api: 'Microsoft Graph', name: 'MailboxSettings.Read', why: 'read rules and automatic replies' },
    { api: 'Microsoft Graph', name: 'Domain.Read.All', why: 'see which addresses are outside' },
    { api: 'Microsoft Graph', name: 'User.Read.All', why: 'find the user' },
  ],
  quota: 'graph-outlook',
  // One of them reads the domains.
  calls: 3,
  async run({ id: objectId }, ctx) {
    const where = path`/v1.0/users/${objectId}/mailboxSettings/automaticRepliesSetting`;
    const [list, replies, domains] = await Promise.all([
      listInboxRules(objectId, ctx),
      ctx.clients.graph.get(where, repliesSchema, { signal: ctx.signal }),
      readVerifiedDomains(ctx),
    ]);
    const complete = !list['@odata.nextLink'];
    const enabled = list.value
      .filter(({ isEnabled }) => isEnabled)
      .map((rule) => {
        const effects = effectsOf(rule);
        const sends = new Set(effects.sendsTo.map((one) => whereaboutsOf(one, domains)));
        return {
          ...effects,
          sends,
          diverts: divertsMessages(effects, domains),
          words: describeRule(rule),
        };
      });
    const number = (of: (one: (typeof enabled)[number]) => boolean) =>
      knownCount(enabled.filter(of).length, complete);
    const diverting = enabled.filter(({ diverts }) => diverts).map(({ words }) => words);
    const isCut = !complete || diverting.length > MOST_NAMED;
    return {
      objectId: objectId.toLowerCase(),
      rules: knownCount(list.value.length, complete),
      enabledRules: number(() => true),
      forwardingOutside: number(({ sends }) => sends.has('outside')),
      forwardingUnclear: number(({ sends }) => sends.has('unclear')),
      deleting: number(({ deletes }) => deletes),
      hiding: number(({ hides }) => hides),
      byWords: number(({ diverts, byWords }) => diverts && byWords),
      ...optional('diverting', isCut ? undefined : diverting),
      ...optional('automaticReplies', enumValueOf(STATUSES, replies.body.status)),
      ...optional('automaticRepliesOutside', enumValueOf(AUDIENCES, replies.body.externalAudience)),
      mailboxForwarding: 'unknown' as const,
      complete,
    };
  },
});
