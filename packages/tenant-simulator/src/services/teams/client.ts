/** A Teams client without storage: a page that opens a channel shows its messages, and then every change. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ChannelMessage } from '../../tenant.js';
import type { TenantDatabase } from '../../tenant-database.js';

export interface TeamsClientAddress {
  /** Address of the bot's messaging endpoint. */
  readonly bot: string;
  /** Base address of the client's own Bot Connector: messages of a channel are posted there. */
  readonly connector: string;
}
export interface AttachedClient {
  /** Address for the client's activities, which are signed and passed on to the bot. A caller who knows it acts as Teams. */
  readonly endpoint: string;
  stop(): Promise<void>;
}
/** The parts of a client's activity that use the client's own ids. */
interface Activity {
  readonly type?: string;
  readonly replyToId?: string;
  readonly conversation?: { readonly id: string };
  readonly channelData?: { readonly channel?: { readonly id: string } };
}
/** A message in the client. */
interface DisplayedMessage {
  readonly id: string;
  readonly conversationId: string;
  readonly versions: number;
}

const LARGEST_BYTES = 1024 * 1024;

/**
 * Activities that arrive here are signed as those of Teams, so only the attached client is accepted: it alone knows the
 * path. A page of another site does not know it, and its browser sends the page's origin.
 */
function refusalOf(
  { method, url, headers }: IncomingMessage,
  path: string,
  port: number,
): number | undefined {
  const [given, known] = [url ?? '', path].map((text) => createHash('sha256').update(text).digest());
  if (given === undefined || known === undefined || !timingSafeEqual(given, known)) return 404;
  if (headers.host !== `127.0.0.1:${port}` || headers.origin !== undefined) return 403;
  if (method !== 'POST') return 405;
  return /^application\/json\b/i.test(headers['content-type'] ?? '') ? undefined : 415;
}

export class TeamsClient {
  readonly #opened = new Set<string>();
  /** By the simulated Teams id of the message. */
  readonly #displayed = new Map<string, DisplayedMessage>();
  /** The message for each id that the client ever assigned to it. */
  readonly #botMessages = new Map<string, ChannelMessage>();
  #turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly db: () => TenantDatabase,
    private readonly connector: string,
    /** To the bot, signed. */
    private readonly send: (activity: object) => Promise<{ readonly status: number; readonly text: string }>,
  ) {}

  /** Updates the open channels. A client that is not connected gets all messages when it opens the channel again. */
  show(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#showAll()).catch(() => undefined);
    return this.#turn;
  }

  async attach(): Promise<AttachedClient> {
    const secret = randomBytes(32).toString('hex');
    const path = `/${secret}/api/messages`;
    const server = createServer((request, response) => {
      const { port } = server.address() as AddressInfo;
      const refusal = refusalOf(request, path, port);
      if (refusal !== undefined) {
        request.resume();
        response.writeHead(refusal, { connection: 'close' }).end();
        return;
      }
      this.#receive(request, response).catch((error: unknown) => {
        response.writeHead(502, { 'content-type': 'text/plain' }).end(String(error));
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return {
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
      stop: async () => {
        server.closeAllConnections();
        await new Promise<void>((resolve) => {
          server.close(() => resolve());
        });
      },
    };
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
      bytes += (chunk as Buffer).byteLength;
      if (bytes > LARGEST_BYTES) throw new Error('The activity is too large.');
    }
    const activity = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Activity;
    const answer = await this.send(this.#toBotActivity(activity));
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.text);
    const channel = activity.channelData?.channel?.id;
    if (activity.type === 'installationUpdate' && channel !== undefined) await this.#open(channel);
  }

  /** The client has its own ids; the bot knows those of Teams. */
  #toBotActivity(activity: Activity): object {
    const { conversation, replyToId } = activity;
    const [channel, root] = conversation?.id.split(';messageid=') ?? [];
    const first = root === undefined ? undefined : this.#botMessages.get(root);
    const message = replyToId === undefined ? undefined : this.#botMessages.get(replyToId);
    return {
      ...activity,
      ...(first === undefined
        ? {}
        : { conversation: { ...conversation, id: `${channel};messageid=${first.id}` } }),
      ...(message === undefined ? {} : { replyToId: message.id }),
    };
  }

  /** A page that opens the channel starts empty. */
  #open(channelId: string): Promise<void> {
    this.#opened.add(channelId);
    for (const message of this.#messages(channelId)) this.#displayed.delete(message.id);
    return this.show();
  }

  #messages(channelId: string): readonly ChannelMessage[] {
    return this.db()
      .all('channelMessages')
      .filter((message) => message.channelId === channelId)
      .sort((a, b) => Number(a.id) - Number(b.id));
  }

  async #showAll(): Promise<void> {
    for (const channelId of this.#opened) {
      for (const message of this.#messages(channelId)) await this.#showOne(message);
    }
  }

  async #showOne(message: ChannelMessage): Promise<void> {
    const { id, conversationId, versions, activity } = message;
    const shown = this.#displayed.get(id);
    if (shown?.versions === versions) return;
    if (shown !== undefined) {
      await this.#call(
        'PUT',
        `/${encodeURIComponent(shown.conversationId)}/activities/${shown.id}`,
        activity,
      );
      this.#displayed.set(id, { ...shown, versions });
      return;
    }
    const root = this.#displayed.get(conversationId.split(';messageid=')[1] ?? '');
    const made =
      root === undefined
        ? await this.#call('POST', '', this.#conversation(message))
        : await this.#call('POST', `/${encodeURIComponent(root.conversationId)}/activities`, activity);
    const now = { id: made.activityId ?? made.id, conversationId: root?.conversationId ?? made.id, versions };
    this.#displayed.set(id, now);
    this.#botMessages.set(now.id, message);
  }

  #conversation({ channelId, activity }: ChannelMessage): object {
    const { tenant, app } = this.db().settings;
    return {
      isGroup: true,
      bot: { id: `28:${app.clientId}` },
      tenantId: tenant.id,
      channelData: { channel: { id: channelId }, tenant: { id: tenant.id } },
      activity,
    };
  }

  async #call(method: string, path: string, body: object): Promise<{ id: string; activityId?: string }> {
    const response = await fetch(`${this.connector}/v3/conversations${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`The Teams client answered with ${response.status}.`);
    return (await response.json()) as { id: string; activityId?: string };
  }
}
