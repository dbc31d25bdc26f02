/** What the simulated Bot Connector sends to the bot: signed activities, of its own or of a Teams client. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { World } from '../world.js';
import { ConnectorKeys, type KeyRole } from './keys.js';

export const TEAMS_ISSUER = 'https://api.botframework.com';
export const SERVICE_URL = 'https://smba.trafficmanager.net/teams/';
const TOKEN_SECONDS = 3600;

/** What is to be different about a token; undefined takes a claim out. */
export interface TokenChange {
  readonly key?: KeyRole;
  readonly claims?: Readonly<Record<string, unknown>>;
}
export interface BotAnswer {
  readonly status: number;
  readonly text: string;
}
export interface TeamsClientAddress {
  /** Address of the bot's messaging endpoint. */
  readonly bot: string;
  /** Base address of the client's own Bot Connector: what the bot posts is passed on to it. */
  readonly connector: string;
}
export interface AttachedClient {
  /** Where the client sends its activities: they are signed and passed on to the bot. */
  readonly endpoint: string;
  /** Resolves when somebody has opened a channel: only from then on what is posted there is seen. */
  readonly channelOpened: Promise<void>;
  stop(): Promise<void>;
}

/** The sender's side of the Bot Connector. */
export interface SimulatedTeams {
  /** `https://smba.trafficmanager.net/teams/` */
  readonly serviceUrl: string;
  /** A token as the Bot Connector signs it for its calls of the bot. */
  token(change?: TokenChange): string;
  /** Sends an activity. Service address, channel, time and recipient are filled in where they are missing. */
  send(bot: string, activity: object, authorization?: string): Promise<BotAnswer>;
  rotateKeys(): void;
  /** From now on the client takes what the bot posts, and speaks to the bot. */
  attachClient(address: TeamsClientAddress): Promise<AttachedClient>;
}

export class TeamsService implements SimulatedTeams {
  readonly serviceUrl = SERVICE_URL;
  readonly keys = new ConnectorKeys();
  /** Base address of the attached client's Bot Connector. */
  connector: string | undefined;

  constructor(
    private readonly world: () => World,
    private readonly clock: { now(): number },
  ) {}

  token({ key = 'msteams', claims }: TokenChange = {}): string {
    const now = Math.floor(this.clock.now() / 1000);
    return this.keys.sign(key, {
      aud: this.world().settings.app.clientId,
      iss: TEAMS_ISSUER,
      nbf: now,
      exp: now + TOKEN_SECONDS,
      serviceurl: SERVICE_URL,
      ...claims,
    });
  }

  async send(bot: string, activity: object, authorization = `Bearer ${this.token()}`): Promise<BotAnswer> {
    const { app } = this.world().settings;
    const body = {
      channelId: 'msteams',
      serviceUrl: SERVICE_URL,
      timestamp: new Date(this.clock.now()).toISOString(),
      recipient: { id: `28:${app.clientId}`, name: app.displayName },
      ...activity,
    };
    const headers = {
      'content-type': 'application/json',
      ...(authorization === '' ? {} : { authorization }),
    };
    const response = await fetch(bot, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: response.status, text: await response.text() };
  }

  rotateKeys(): void {
    this.keys.rotate();
  }

  async attachClient({ bot, connector }: TeamsClientAddress): Promise<AttachedClient> {
    let opened = (): void => undefined;
    const channelOpened = new Promise<void>((resolve) => {
      opened = resolve;
    });
    const server = createServer((request, response) => {
      this.#fromClient(bot, opened, request, response).catch((error: unknown) => {
        response.writeHead(502, { 'content-type': 'text/plain' }).end(String(error));
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    this.connector = connector.replace(/\/+$/, '');
    return {
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/messages`,
      channelOpened,
      stop: async () => {
        this.connector = undefined;
        server.closeAllConnections();
        await new Promise<void>((resolve) => {
          server.close(() => resolve());
        });
      },
    };
  }

  async #fromClient(
    bot: string,
    opened: () => void,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const activity = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
    // The client knows its own address; the bot speaks to Teams only.
    const answer = await this.send(bot, { ...activity, serviceUrl: SERVICE_URL });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.text);
    const { type, channelData } = activity as { type?: unknown; channelData?: { channel?: unknown } };
    if (/Update$/.test(String(type)) && channelData?.channel !== undefined) opened();
  }
}
