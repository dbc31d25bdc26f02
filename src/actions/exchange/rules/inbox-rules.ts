/** Inbox rules of a mailbox. https://learn.microsoft.com/graph/api/resources/messagerule */
import { z } from 'zod';
import { path } from '../../../domain/builders/path.js';
import type { ActionContext } from '../../define.js';
import { odataListSchema } from '../../odata-list.js';

const text = z.string().nullish();
const flag = z.boolean().nullish();
const texts = z.array(z.string()).nullish();
const recipientSchema = z.looseObject({
  emailAddress: z.looseObject({ name: text, address: text }).nullish(),
});
/** The documentation has one recipient for `redirectTo`, and its other properties and the service lists of them. */
const recipientsSchema = z.union([z.array(recipientSchema), recipientSchema]).nullish();

const inboxRuleSchema = z.looseObject({
  id: z.string().min(1),
  displayName: text,
  isEnabled: z.boolean(),
  isReadOnly: flag,
  hasError: flag,
  conditions: z
    .looseObject({ subjectContains: texts, bodyContains: texts, bodyOrSubjectContains: texts })
    .nullish(),
  actions: z
    .looseObject({
      forwardTo: recipientsSchema,
      forwardAsAttachmentTo: recipientsSchema,
      redirectTo: recipientsSchema,
      delete: flag,
      permanentDelete: flag,
      moveToFolder: text,
      markAsRead: flag,
    })
    .nullish(),
});
export type InboxRule = z.infer<typeof inboxRuleSchema>;
export type Recipients = z.infer<typeof recipientsSchema>;

/** Hidden rules, and those that only run in Outlook, are not in the list. */
export async function listInboxRules(userId: string, { clients, signal }: ActionContext) {
  const where = path`/v1.0/users/${userId}/mailFolders/inbox/messageRules`;
  return (await clients.graph.get(where, odataListSchema(inboxRuleSchema), { signal })).body;
}

/** @throws ResponderError of the client, `not-found` without the rule, or without the mailbox. */
export async function readInboxRule(
  { userId, ruleId }: RuleId,
  { clients, signal }: ActionContext,
): Promise<InboxRule> {
  return withoutAnnotations(
    (await clients.graph.get(pathOf({ userId, ruleId }), inboxRuleSchema, { signal })).body,
  );
}

export async function patchInboxRule(
  rule: RuleId,
  isEnabled: boolean,
  { clients, signal }: ActionContext,
): Promise<{ readonly requestId?: string }> {
  return clients.graph.patch(pathOf(rule), { isEnabled }, inboxRuleSchema, { signal });
}

/** A rule is known only in its mailbox. */
export interface RuleId {
  readonly userId: string;
  readonly ruleId: string;
}

const pathOf = ({ userId, ruleId }: RuleId) =>
  path`/v1.0/users/${userId}/mailFolders/inbox/messageRules/${ruleId}`;

/** What Graph writes about the answer is no part of the rule. */
function withoutAnnotations(rule: InboxRule): InboxRule {
  return Object.fromEntries(
    Object.entries(rule).filter(([name]) => !name.startsWith('@odata.')),
  ) as InboxRule;
}
