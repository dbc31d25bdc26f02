/** Sends signed activities of the simulated Bot Connector to the bot, its own or those of a Teams client. */
import type { KeyStore } from '../../store.js';
import type { TenantDatabase } from '../../tenant-database.js';
import { type AttachedClient, TeamsClient, type TeamsClientAddress } from './client.js';
import { ConnectorKeys, type KeyRole } from './keys.js';

export const TEAMS_ISSUER = 'https://api.botframework.com';
export const SERVICE_URL = 'https://smba.trafficmanager.net/teams/';
const TOKEN_SECONDS = 3600;

/** Claims that differ from the default; undefined removes a claim. */
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
  /** A token as the Bot Connector signs it for calls to the bot. */
  token(change?: TokenChange): string;
  /** Sends an activity. Missing service address, channel, time and recipient are filled in. */
  send(bot: string, activity: object, authorization?: string): Promise<BotAnswer>;
  rotateKeys(): void;
  /** Connects a client: it shows the bot's messages, and its activities are sent to the bot. */
  attachClient(address: TeamsClientAddress): Promise<AttachedClient>;
}

export class TeamsService implements SimulatedTeams {
  readonly serviceUrl = SERVICE_URL;
  readonly keys: ConnectorKeys;
  /** Shows the messages of the channels. */
  client: TeamsClient | undefined;

  constructor(
    private readonly db: () => TenantDatabase,
    private readonly clock: { now(): number },
    keyStore: KeyStore,
  ) {
    this.keys = new ConnectorKeys(keyStore);
  }

  token({ key = 'msteams', claims }: TokenChange = {}): string {
    const now = Math.floor(this.clock.now() / 1000);
    return this.keys.sign(key, {
      aud: this.db().settings.app.clientId,
      iss: TEAMS_ISSUER,
      nbf: now,
      exp: now + TOKEN_SECONDS,
      serviceurl: SERVICE_URL,
      ...claims,
    });
  }

  async send(bot: string, activity: object, authorization = `Bearer ${this.token()}`): Promise<BotAnswer> {
    const { app } = this.db().settings;
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
    // The activity has the client's address; the bot accepts only that of Teams.
    const client = new TeamsClient(this.db, connector, (activity) =>
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
