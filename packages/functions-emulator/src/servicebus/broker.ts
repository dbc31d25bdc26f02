/** The embedded Service Bus: an AMQP 1.0 broker on 127.0.0.1 for the unmodified client libraries. */
import type { Socket } from 'node:net';
import type { Connection } from 'rhea';
import { withTimeout } from '../real-time.js';
import type { Clock } from '../types.js';
import { acceptConnection } from './amqp.js';
import { Claims } from './authorization.js';
import type { EntityName } from './bindings.js';
import type { BrokerPort } from './broker-port.js';
import { ClientConnection } from './client-connection.js';
import { createMessageStore, type MessageDatabase } from './message-store.js';
import { Namespace } from './namespace.js';
import type { QueueSettings } from './queue-types.js';

export interface BrokerOptions {
  readonly clock: Clock;
  readonly database: MessageDatabase;
  /** Of all queues and subscriptions. */
  readonly settings: QueueSettings;
  /** Called with protocol errors of a client and with failed writes that no caller awaits. */
  readonly onProblem: (message: string) => void;
}

/** How long a client may take to answer when the broker stops. */
const CLOSE_TIMEOUT_MS = 200;

export class Broker {
  readonly #namespace: Namespace;
  readonly #clients = new Map<Socket, ClientConnection>();

  constructor(
    private readonly port: BrokerPort,
    private readonly options: BrokerOptions,
  ) {
    const store = createMessageStore(options.database);
    const onFailure = (error: unknown): void => this.#report(error);
    this.#namespace = new Namespace({ clock: options.clock, store, onFailure }, options.settings);
    port.serve((socket) => this.#accept(socket));
  }

  get connectionString(): string {
    return this.port.connectionString;
  }

  /** Adds a queue, or a topic and its subscription, unless it exists. */
  declare(entity: EntityName): void {
    this.#namespace.declare(entity);
  }

  /** From now on each message in the queue holds the clock until it is settled. @throws BrokerError for an unknown queue. */
  watch(path: string): void {
    this.#namespace.queue(path).watch();
  }

  /** Whether no message of the queue waits or is being handled. */
  isIdle(path: string): boolean {
    return this.#namespace.queue(path).idle;
  }

  /** Closes the clients' connections, then the port. Messages stay in the store. */
  async stop(): Promise<void> {
    this.#namespace.stop();
    const closed = this.port.close();
    for (const client of this.#clients.values()) client.disconnect();
    await withTimeout(CLOSE_TIMEOUT_MS, closed);
    for (const socket of this.#clients.keys()) socket.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    const connection = acceptConnection(socket);
    const claims = new Claims(this.port.key, this.options.clock);
    const peer = new ClientConnection(connection, this.#namespace, claims, (error) => this.#report(error));
    this.#clients.set(socket, peer);
    this.#listen(connection);
    socket.once('close', () => {
      this.#clients.delete(socket);
      peer.end();
    });
  }

  #listen(connection: Connection): void {
    connection.on('disconnected', () => undefined);
    connection.on('connection_close', () => undefined);
    // The first is for bytes that are no AMQP at all, the second for AMQP that makes no sense.
    for (const event of ['protocol_error', 'error']) {
      connection.on(event, (error: unknown) =>
        this.options.onProblem(
          `A client's connection was closed (${textOf(error)}). The port accepts AMQP 1.0 over plain TCP; TLS, HTTP and AMQP over WebSockets are not supported.`,
        ),
      );
    }
  }

  #report(error: unknown): void {
    this.options.onProblem(textOf(error));
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
