/**
 * Mailboxes of users in Microsoft Graph: inbox rules and automatic replies.
 * https://learn.microsoft.com/graph/api/resources/messagerule
 */
import { z } from 'zod';
import { readBody } from '../../body.js';
import { ServiceError } from '../../errors.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import type { InboxRule, Mailbox } from '../../tenant.js';
import { GRAPH } from './host.js';
import { findUser } from './users.js';

const READ = ['MailboxSettings.Read', 'MailboxSettings.ReadWrite'];
const WRITE = ['MailboxSettings.ReadWrite'];
const USER = '/v1.0/users/:id';
const RULES = `${USER}/mailFolders/inbox/messageRules`;
const CONTEXT = `https://${GRAPH.name}/v1.0/$metadata#users`;

/** Exchange refuses in its own words, which name no permission. */
const permitted =
  (anyOf: readonly string[], handle: Route['handle']): Route['handle'] =>
  (request) => {
    if (anyOf.some((name) => request.db.settings.app.permissions.graph.includes(name)))
      return handle(request);
    throw new ServiceError(403, 'ErrorAccessDenied', 'Access is denied. Check credentials and try again.');
  };

function mailboxOf({ params, db }: RouteRequest): Mailbox {
  const user = findUser(db, params.id ?? '');
  const mailbox = db.get('mailboxes', user.id);
  if (mailbox !== undefined) return mailbox;
  const message = 'The mailbox is either inactive, soft-deleted, or is hosted on-premise.';
  throw new ServiceError(404, 'MailboxNotEnabledForRESTAPI', message);
}

function ruleOf({ messageRules }: Mailbox, { params }: RouteRequest): InboxRule {
  const rule = messageRules.find(({ id }) => id === params.rule);
  if (rule !== undefined) return rule;
  throw new ServiceError(404, 'ErrorItemNotFound', 'The specified object was not found in the store.');
}

const rulesContext = (mailbox: Mailbox) => `${CONTEXT}('${mailbox.id}')/mailFolders('inbox')/messageRules`;

function listRules(request: RouteRequest): RouteResponse {
  const mailbox = mailboxOf(request);
  const value = mailbox.messageRules.toSorted((a, b) => a.sequence - b.sequence);
  return { status: 200, body: { '@odata.context': rulesContext(mailbox), value } };
}

function getRule(request: RouteRequest): RouteResponse {
  const mailbox = mailboxOf(request);
  const rule = ruleOf(mailbox, request);
  return { status: 200, body: { '@odata.context': `${rulesContext(mailbox)}/$entity`, ...rule } };
}

const changesSchema = z.strictObject({
  displayName: z.string().optional(),
  sequence: z.int().optional(),
  isEnabled: z.boolean().optional(),
  conditions: z.looseObject({}).optional(),
  exceptions: z.looseObject({}).optional(),
  actions: z.looseObject({}).optional(),
});

function updateRule(request: RouteRequest): RouteResponse {
  const mailbox = mailboxOf(request);
  const rule = ruleOf(mailbox, request);
  const changes = readBody(request.text, changesSchema, 'RequestBodyRead');
  // Documented is only that such a rule cannot be modified.
  if (rule.isReadOnly) throw new ServiceError(400, 'ErrorInvalidOperation', 'The rule is read-only.');
  const changed = { ...rule, ...changes } as InboxRule;
  const messageRules = mailbox.messageRules.map((one) => (one === rule ? changed : one));
  request.db.put('mailboxes', { ...mailbox, messageRules });
  return { status: 200, body: { '@odata.context': `${rulesContext(mailbox)}/$entity`, ...changed } };
}

function getAutomaticReplies(request: RouteRequest): RouteResponse {
  const { id, automaticRepliesSetting } = mailboxOf(request);
  const context = `${CONTEXT}('${id}')/mailboxSettings/automaticRepliesSetting`;
  return { status: 200, body: { '@odata.context': context, ...automaticRepliesSetting } };
}

/** https://learn.microsoft.com/graph/api/domain-list */
function listDomains({ db }: RouteRequest): RouteResponse {
  const context = `https://${GRAPH.name}/v1.0/$metadata#domains`;
  return { status: 200, body: { '@odata.context': context, value: db.all('domains') } };
}

export const mailboxRoutes: readonly Route[] = [
  { host: GRAPH, method: 'GET', path: RULES, anyOf: [], handle: permitted(READ, listRules) },
  { host: GRAPH, method: 'GET', path: `${RULES}/:rule`, anyOf: [], handle: permitted(READ, getRule) },
  { host: GRAPH, method: 'PATCH', path: `${RULES}/:rule`, anyOf: [], handle: permitted(WRITE, updateRule) },
  {
    host: GRAPH,
    method: 'GET',
    path: `${USER}/mailboxSettings/automaticRepliesSetting`,
    anyOf: [],
    handle: permitted(READ, getAutomaticReplies),
  },
  {
    host: GRAPH,
    method: 'GET',
    path: '/v1.0/domains',
    anyOf: ['Domain.Read.All', 'Domain.ReadWrite.All', 'Directory.Read.All'],
    handle: listDomains,
  },
];
