/** What the simulated Bot Connector sends to the bot: signed activities, of its own or of a Teams client. */
import type { KeptKeys } from '../store.js';
import type { World } from '../world.js';
import { type AttachedClient, TeamsClient, type TeamsClientAddress } from './client.js';
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
/** The sender's side of the Bot Connector. */
export interface SimulatedTeams {
  /** `https://smba.trafficmanager.net/teams/` */
  readonly serviceUrl: string;
  /** A token as the Bot Connector signs it for its calls of the bot. */
  token(change?: TokenChange): string;
  /** Sends an activity. Service address, channel, time and recipient are filled in where they are missing. */
  send(bot: string, activity: object, authorization?: string): Promise<BotAnswer>;
  rotateKeys(): void;
  /** From now on the client shows what the bot posts, and speaks to the bot. */
  attachClient(address: TeamsClientAddress): Promise<AttachedClient>;
}

export class TeamsService implements SimulatedTeams {
  readonly serviceUrl = SERVICE_URL;
  readonly keys: ConnectorKeys;
  /** Shows what stands in the channels. */
  client: TeamsClient | undefined;

  constructor(
    private readonly world: () => World,
    private readonly clock: { now(): number },
    kept: KeptKeys,
  ) {
    this.keys = new ConnectorKeys(kept);
  }

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
    // The client knows its own address; the bot speaks to Teams only.
    const client = new TeamsClient(this.world, connector, (activity) =>
      this.send(bot, { ...activity, serviceUrl: SERVICE_URL }),
    );
    const { endpoint, stop } = await client.attach();
    this.client = client;
    return {
      endpoint,
      stop: () => {
        this.client = undefined;
        return stop();
      },
    };
  }
}
