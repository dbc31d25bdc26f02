/** The Bot Connector. https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference */

import { z } from 'zod';
import { readBody } from '../../body.js';
import { ServiceError } from '../../errors.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import type { ChannelMessage } from '../../tenant.js';
import { BOT_CONNECTOR } from './hosts.js';

const PATH = '/:region/v3/conversations';
/** https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages */
const LARGEST_BYTES = 100 * 1024;

const activitySchema = z.looseObject({
  type: z.literal('message'),
  text: z.string().optional(),
  attachments: z.array(z.looseObject({ contentType: z.string(), content: z.unknown() })).default([]),
});
const conversationSchema = z.looseObject({
  isGroup: z.literal(true),
  bot: z.looseObject({ id: z.string() }),
  tenantId: z.string(),
  channelData: z.looseObject({
    channel: z.looseObject({ id: z.string() }),
    tenant: z.looseObject({ id: z.string() }),
  }),
  activity: activitySchema,
});

function begin({ text, db, now }: RouteRequest): RouteResponse {
  const { tenantId, channelData, activity, bot } = readBody(text, conversationSchema, 'BadSyntax');
  const { tenant, app } = db.settings;
  if (tenantId !== tenant.id || channelData.tenant.id !== tenant.id || bot.id !== `28:${app.clientId}`) {
    throw new ServiceError(403, 'BotNotInConversationRoster', 'The bot is not part of this tenant.');
  }
  const channelId = channelData.channel.id;
  const team = db.all('teams').find(({ channels }) => channels.some(({ id }) => id === channelId));
  if (team === undefined || !team.botInstalled) {
    throw new ServiceError(
      403,
      'BotNotInConversationRoster',
      'The bot is not part of the conversation roster.',
    );
  }
  checkSize(text);
  const id = nextId(db.all('channelMessages'), now);
  const conversationId = `${channelId};messageid=${id}`;
  db.put('channelMessages', { id, conversationId, channelId, activity, versions: 1 });
  return { status: 201, body: { id: conversationId, activityId: id } };
}

function add(call: RouteRequest): RouteResponse {
  const { params, text, db, now } = call;
  const activity = readBody(text, activitySchema, 'BadSyntax');
  const conversationId = params.conversation ?? '';
  const first = db.all('channelMessages').find((message) => message.conversationId === conversationId);
  if (first === undefined) throw new ServiceError(404, 'ConversationNotFound', 'Conversation not found.');
  checkSize(text);
  const id = nextId(db.all('channelMessages'), now);
  db.put('channelMessages', { id, conversationId, channelId: first.channelId, activity, versions: 1 });
  return { status: 201, body: { id } };
}

function replace({ params, text, db }: RouteRequest): RouteResponse {
  const activity = readBody(text, activitySchema, 'BadSyntax');
  const message = db.get('channelMessages', params.activity ?? '');
  if (message === undefined || message.conversationId !== params.conversation) {
    throw new ServiceError(404, 'ActivityNotFoundInConversation', 'Activity not found in the conversation.');
  }
  checkSize(text);
  db.put('channelMessages', { ...message, activity, versions: message.versions + 1 });
  return { status: 200, body: { id: message.id } };
}

/** Teams counts in UTF-16. */
function checkSize(text: string): void {
  if (Buffer.byteLength(text, 'utf16le') > LARGEST_BYTES) {
    throw new ServiceError(413, 'MessageSizeTooBig', 'Message size too large.');
  }
}

/** Ids are times in milliseconds; two of the same moment get consecutive ones. */
function nextId(messages: readonly ChannelMessage[], now: number): string {
  const last = messages.reduce((latest, { id }) => Math.max(latest, Number(id)), 0);
  return String(Math.max(now, last + 1));
}

export const connectorRoutes: readonly Route[] = [
  { host: BOT_CONNECTOR, method: 'POST', path: PATH, anyOf: [], handle: begin },
  { host: BOT_CONNECTOR, method: 'POST', path: `${PATH}/:conversation/activities`, anyOf: [], handle: add },
  {
    host: BOT_CONNECTOR,
    method: 'PUT',
    path: `${PATH}/:conversation/activities/:activity`,
    anyOf: [],
    handle: replace,
  },
];
