/** One client connection: its links and their requests. */
import type { Connection, Delivery, EventContext, Receiver, Sender } from 'rhea';
import {
  acceptLink,
  BATCH_FORMAT,
  closeWithError,
  decodeMessage,
  keepPayloads,
  OutgoingLink,
  settleDelivery,
} from './amqp.js';
import type { Claims } from './authorization.js';
import { asBrokerError, BrokerError, badRequest, notSupported, tooLarge } from './broker-errors.js';
import { LinkConsumer } from './link-consumer.js';
import { handleManagementRequest, type ManagementReply } from './management-node.js';
import { readBatch } from './message-codec.js';
import { MAX_MESSAGE_BYTES, type Namespace } from './namespace.js';

const CBS = '$cbs';
const MANAGEMENT = '/$management';
const NOT_IMPLEMENTED = 501;
const SESSION_FILTER = 'com.microsoft:session-filter';

export class ClientConnection {
  readonly #consumers = new Set<LinkConsumer>();
  /** Links for the answers of `$cbs` and `$management`, by the address that the client gave them. */
  readonly #replies = new Map<string, OutgoingLink>();

  constructor(
    private readonly connection: Connection,
    private readonly namespace: Namespace,
    private readonly claims: Claims,
    private readonly onFailure: (error: unknown) => void,
  ) {
    connection.on('session_open', ({ session }: EventContext) => session && keepPayloads(session));
    connection.on(
      'receiver_open',
      ({ receiver }: EventContext) => receiver && this.#open(receiver, () => this.#openReceiver(receiver)),
    );
    connection.on(
      'sender_open',
      ({ sender }: EventContext) => sender && this.#open(sender, () => this.#openSender(sender)),
    );
    connection.on('sender_close', ({ sender }: EventContext) => this.#close((one) => one === sender));
    connection.on('session_close', ({ session }: EventContext) =>
      this.#close((one) => one.session === session),
    );
    // Both ends of a link may report an error before they close it; the close is what counts.
    for (const event of [
      'sender_error',
      'receiver_error',
      'session_error',
      'connection_error',
      'receiver_close',
    ]) {
      connection.on(event, () => undefined);
    }
  }

  /** Called when the socket has closed. */
  end(): void {
    this.#close(() => true);
  }

  /** Closes the connection because the broker stops. */
  disconnect(): void {
    this.end();
    closeWithError(
      this.connection,
      new BrokerError('amqp:connection:forced', 503, 'The embedded broker is stopping.'),
    );
  }

  #close(which: (sender: Sender) => boolean): void {
    for (const consumer of this.#consumers) {
      if (!which(consumer.sender)) continue;
      this.#consumers.delete(consumer);
      consumer.end();
    }
    for (const [address, link] of this.#replies) if (which(link.sender)) this.#replies.delete(address);
  }

  #open(link: Sender | Receiver, start: () => void): void {
    try {
      start();
    } catch (error) {
      const refusal = asBrokerError(error);
      if (refusal.status === NOT_IMPLEMENTED) this.onFailure(refusal);
      closeWithError(link, refusal);
    }
  }

  /** The client sends. */
  #openReceiver(receiver: Receiver): void {
    const address = receiver.target?.address;
    if (address === undefined || address === null)
      throw notSupported('A link without a target, as for transactions,');
    if (address === CBS || address.endsWith(MANAGEMENT)) {
      if (address !== CBS) this.#checkEntity(address);
      receiver.on('message', (context: EventContext) => this.#request(address, context));
      acceptLink(receiver, address);
      return;
    }
    this.claims.check(address);
    const target = this.namespace.sendTarget(address);
    receiver.on('message', (context: EventContext) => {
      const { delivery, format, message } = context as EventContext & { format: number };
      const raw = message as unknown as Buffer;
      if (delivery !== undefined)
        this.#settle(delivery, async () => {
          if (raw.length > MAX_MESSAGE_BYTES) throw tooLarge(raw.length, MAX_MESSAGE_BYTES);
          await this.namespace.publish(target, format === BATCH_FORMAT ? readBatch(raw) : [raw]);
        });
    });
    acceptLink(receiver, address, MAX_MESSAGE_BYTES);
  }

  /** The client receives. */
  #openSender(sender: Sender): void {
    const address = sender.source?.address;
    if (address === undefined || address === null) throw badRequest('The link has no source address.');
    if (address === CBS || address.endsWith(MANAGEMENT)) {
      if (address !== CBS) this.#checkEntity(address);
      acceptLink(sender, address);
      this.#replies.set(sender.target?.address ?? sender.name, new OutgoingLink(sender));
      return;
    }
    if (Object.hasOwn((sender.source.filter ?? {}) as object, SESSION_FILTER))
      throw notSupported('A session receiver');
    this.claims.check(address);
    const queue = this.namespace.queue(address);
    acceptLink(sender, address, MAX_MESSAGE_BYTES);
    this.#consumers.add(new LinkConsumer(sender, queue, this.onFailure));
  }

  #checkEntity(address: string): void {
    const path = address.slice(0, -MANAGEMENT.length);
    this.claims.check(path + MANAGEMENT);
    try {
      this.namespace.sendTarget(path);
    } catch {
      this.namespace.queue(path);
    }
  }

  #settle(delivery: Delivery, work: () => Promise<void>): void {
    work()
      .then(
        () => undefined,
        (error: unknown) => asBrokerError(error),
      )
      .then((error) => settleDelivery(delivery, error))
      .catch(this.onFailure);
  }

  #request(address: string, context: EventContext): void {
    const { delivery } = context;
    if (delivery !== undefined) settleDelivery(delivery);
    this.#respond(address, context.message as unknown as Buffer).catch(this.onFailure);
  }

  async #respond(address: string, raw: Buffer): Promise<void> {
    const request = decodeMessage(raw);
    const link = this.#replies.get(String(request.reply_to));
    const properties = (request.application_properties ?? {}) as Record<string, unknown>;
    let reply: ManagementReply;
    let error: BrokerError | undefined;
    try {
      reply = await this.#perform(address, String(properties.operation), properties, request.body);
    } catch (thrown) {
      error = asBrokerError(thrown);
      reply = { status: error.status };
    }
    const names =
      address === CBS ? ['status-code', 'status-description'] : ['statusCode', 'statusDescription'];
    link?.answer({
      correlation_id: request.message_id,
      application_properties: {
        [names[0] as string]: reply.status,
        [names[1] as string]: error?.message ?? 'OK',
        ...(error === undefined ? {} : { errorCondition: error.condition }),
      },
      body: reply.body ?? {},
    });
  }

  async #perform(
    address: string,
    operation: string,
    properties: Readonly<Record<string, unknown>>,
    body: unknown,
  ): Promise<ManagementReply> {
    if (address !== CBS)
      return handleManagementRequest(this.namespace, address.slice(0, -MANAGEMENT.length), operation, body);
    if (operation !== 'put-token') throw notSupported(`The operation '${operation}' of ${CBS}`);
    this.claims.add(body, properties.type);
    return { status: 202 };
  }
}
