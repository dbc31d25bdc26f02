/**
 * The one inbox rule of a user's mailbox that diverts messages. Neither incidents nor Graph say which rule an attacker
 * made, or when: if several rules may be meant, none is the target.
 */
import { z } from 'zod';
import { recordWords, type TargetRecord } from '../../../domain/target.js';
import { visible } from '../../../domain/visible.js';
import type { ActionContext, Refusal, Resolver, ResponseTarget } from '../../define.js';
import { type UserQuery, userQuerySchema } from '../../entra/users/user-query.js';
import { userResolver } from '../../entra/users/user-resolver.js';
import type { DirectoryUser } from '../../entra/users/users.js';
import { sha256Hex } from '../../hash.js';
import { completeList } from '../../odata-list.js';
import { type InboxRule, listInboxRules, readInboxRule } from './inbox-rules.js';
import { describeRule, divertsMessages, effectsOf, sendsOutside } from './rule-effects.js';
import { readVerifiedDomains } from './verified-domains.js';

export interface FoundRule {
  readonly user: DirectoryUser;
  readonly rule: InboxRule;
}

const MOST_NAMED = 5;

/** @param wanted which rules come first if several divert messages: those that are enabled, or those that are not */
function inboxRuleResolver(wanted: 'enabled' | 'disabled'): Resolver<'account', UserQuery, FoundRule> {
  return {
    kind: 'exchange.inbox-rule',
    query: userQuerySchema,
    identify: userResolver.identify,
    async resolve(query, ctx) {
      const resolved = await userResolver.resolve(query, ctx);
      if (!resolved.ok) return resolved;
      const { found: user, record } = resolved;
      const [list, domains] = await Promise.all([listInboxRules(user.id, ctx), readVerifiedDomains(ctx)]);
      const rules = completeList(list, 'The mailbox');
      const inState = (enabled: boolean) => rules.filter(({ isEnabled }) => isEnabled === enabled);
      const diverts = (rule: InboxRule) => divertsMessages(effectsOf(rule), domains);
      const first = inState(wanted === 'enabled');
      const among = first.some(diverts) ? first : inState(wanted !== 'enabled');
      const [rule, ...more] = among.filter(diverts);
      if (rule === undefined) return noRule(record);
      if (more.length > 0) return severalRules(record, [rule, ...more]);
      // Owners have rules that delete or move, too: among others it may be one of those.
      const isOwners = among.length > 1 && !sendsOutside(effectsOf(rule), domains);
      if (isOwners) return severalRules(record, among);
      return { ok: true, found: { user, rule }, record: await recordOf(record, rule) };
    },
    async read(id, ctx) {
      const [userId = '', ruleId = ''] = parts(id);
      const resolved = await userResolver.read(userId, ctx);
      if (!resolved.ok) return resolved;
      const rule = await readInboxRule({ userId, ruleId }, ctx);
      const record = await recordOf(resolved.record, rule);
      return { ok: true, found: { user: resolved.found, rule }, record };
    },
  };
}

/** The id of a rule may have slashes; that of a user has none. */
function parts(id: string): [string, string] {
  const at = id.indexOf('/');
  return [id.slice(0, at), id.slice(at + 1)];
}

async function recordOf(user: TargetRecord, rule: InboxRule): Promise<TargetRecord> {
  const id = `${user.id}/${rule.id}`;
  return {
    ...user,
    kind: 'exchange.inbox-rule',
    id,
    name: `${user.name}: ${describeRule(rule)}`,
    ids: { ...user.ids, key: (await sha256Hex(id)).slice(0, 40) },
    partOf: { kind: user.kind, id: user.id },
    notes: [...(user.notes ?? []), 'Hidden rules, and those that only run in Outlook, are not visible here.'],
  };
}

const noRule = (user: TargetRecord): Refusal => ({
  ok: false,
  code: 'not-found',
  reason: `The mailbox of ${recordWords(user)} has no inbox rule that sends messages outside, deletes them, or hides them. Hidden rules are not visible here.`,
});

function severalRules(user: TargetRecord, rules: readonly InboxRule[]): Refusal {
  const named = rules.slice(0, MOST_NAMED).map((rule) => `${describeRule(rule)} ${visible(rule.id)}`);
  const more = rules.length > MOST_NAMED ? `; and ${rules.length - MOST_NAMED} more` : '';
  const reason = `${rules.length} inbox rules of ${recordWords(user)} may be meant, and which one is unknown: ${named.join('; ')}${more}.`;
  return { ok: false, code: 'ambiguous-target', reason };
}

export const ruleInputSchema = z.object({
  objectId: z.string().min(1).describe('Object id of the user in Entra'),
  ruleId: z.string().min(1).describe("Graph's id of the rule"),
  rule: z.string().describe('Mailbox and rule, for people'),
});
export type RuleInput = z.infer<typeof ruleInputSchema>;

/** The rule, unless Graph cannot change it. */
export const ruleTarget = (wanted: 'enabled' | 'disabled'): ResponseTarget<RuleInput, FoundRule> => ({
  resolver: inboxRuleResolver(wanted),
  accept({ rule }, record) {
    if (rule.isReadOnly === true) return readOnly(rule);
    const [objectId, ruleId] = parts(record.id);
    return { ok: true, input: { objectId, ruleId, rule: record.name } };
  },
});

const readOnly = (rule: InboxRule): Refusal => ({
  ok: false,
  code: 'unsupported-target',
  reason: `The ${describeRule(rule)} is read-only: Microsoft Graph cannot change it. Change it in Outlook, or with the cmdlets Disable-InboxRule and Enable-InboxRule.`,
});

export const readRule = ({ objectId, ruleId }: RuleInput, ctx: ActionContext): Promise<InboxRule> =>
  readInboxRule({ userId: objectId, ruleId }, ctx);
