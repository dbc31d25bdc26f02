/** Posts and updates messages of the bot. https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference */
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { z } from 'zod';
import { path, withoutEndingSlashes } from '../../domain/builders/path.js';
import { ResponderError } from '../../domain/errors.js';
import type { RestClient } from '../clients.js';
import type { Clock } from '../config.js';
import { pipelineSend } from '../pipeline.js';
import { createRestClient } from '../rest.js';
import type { Sleep } from '../retry.js';
import { isServiceUrl, type TeamsCloud } from './cloud.js';
import { retryCall } from './retry.js';

/** A channel of a team in which the bot is installed. */
export interface ChannelAddress {
  readonly serviceUrl: string;
  readonly tenantId: string;
  /** `19:…@thread.tacv2`. */
  readonly channelId: string;
}
/** A message that the bot posted. */
export interface MessageAddress {
  readonly serviceUrl: string;
  /** Of the thread: `19:…;messageid=…`. */
  readonly conversationId: string;
  readonly activityId: string;
}
export interface CardMessage {
  /** What notifications show. */
  readonly summary: string;
  /** Adaptive Card. */
  readonly card: object;
}

/**
 * Throws the ResponderErrors of RestClient, and `service-url-refused` for an address that is not the Bot Connector's:
 * nothing is sent to it. 412, 429, 502 and 504 are retried before they are thrown.
 */
export interface TeamsClient {
  /** Starts a new thread in a channel. */
  post(to: ChannelAddress, message: CardMessage): Promise<MessageAddress>;
  /** Replaces the card of a message, for everybody in the channel. */
  update(at: MessageAddress, message: CardMessage): Promise<void>;
  /** Adds a text to the thread of a message. */
  reply(to: MessageAddress, text: string): Promise<MessageAddress>;
}

export interface TeamsClientParts {
  readonly cloud: TeamsCloud;
  /** App id of the bot. */
  readonly botId: string;
  readonly credential: TokenCredential;
  readonly httpClient: HttpClient;
  readonly clock: Clock;
  /** Longest time for one attempt, in milliseconds. */
  readonly timeoutMs: number;
  readonly sleep: Sleep;
}

const createdSchema = z.object({ id: z.string().min(1), activityId: z.string().min(1) });
const postedSchema = z.object({ id: z.string().min(1) });
const CARD = 'application/vnd.microsoft.card.adaptive';
/** For all attempts and pauses together. */
const LONGEST_MS = 60_000;

export function createTeamsClient(parts: TeamsClientParts): TeamsClient {
  const { cloud, botId } = parts;
  const clients = new Map<string, RestClient>();

  const clientFor = (serviceUrl: string): RestClient => {
    if (!isServiceUrl(serviceUrl, cloud)) throw refused();
    const known = clients.get(serviceUrl);
    if (known !== undefined) return known;
    const send = pipelineSend({ ...parts, origin: withoutEndingSlashes(serviceUrl), scope: cloud.scope });
    const client = createRestClient({ ...parts, service: 'Bot Connector', send });
    clients.set(serviceUrl, client);
    return client;
  };
  const call = <T>(serviceUrl: string, work: (client: RestClient) => Promise<T>): Promise<T> => {
    const client = clientFor(serviceUrl);
    return retryCall(() => work(client), parts.sleep, AbortSignal.timeout(LONGEST_MS));
  };

  return {
    async post({ serviceUrl, tenantId, channelId }, message) {
      const body = {
        isGroup: true,
        bot: { id: `28:${botId}` },
        tenantId,
        channelData: { channel: { id: channelId }, tenant: { id: tenantId } },
        activity: activityOf(message),
      };
      const { id, activityId } = await call(serviceUrl, async (client) => {
        return (await client.post(path`/v3/conversations`, body, createdSchema)).body;
      });
      return { serviceUrl, conversationId: id, activityId };
    },

    async update({ serviceUrl, conversationId, activityId }, message) {
      const address = path`/v3/conversations/${conversationId}/activities/${activityId}`;
      const body = { ...activityOf(message), id: activityId };
      await call(serviceUrl, (client) => client.put(address, body, z.unknown()));
    },

    async reply({ serviceUrl, conversationId, activityId }, text) {
      const address = path`/v3/conversations/${conversationId}/activities`;
      const body = { type: 'message', textFormat: 'plain', text, replyToId: activityId };
      const { id } = await call(serviceUrl, async (client) => {
        return (await client.post(address, body, postedSchema)).body;
      });
      return { serviceUrl, conversationId, activityId: id };
    },
  };
}

/** One attachment and no text: with both, Teams creates two messages and returns no id. */
function activityOf({ summary, card }: CardMessage) {
  return { type: 'message', summary, attachments: [{ contentType: CARD, content: card }] };
}

function refused(): ResponderError {
  return new ResponderError({
    code: 'service-url-refused',
    message: 'The service address is not one of the Bot Connector; the token of the bot was not sent there.',
    fault: 'responder',
    retry: 'no',
    next: 'Reinstall the app in the team, so that Teams sends its address again.',
  });
}
