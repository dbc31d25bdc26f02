/**
 * The parts of rhea 3.0.5 that its type declarations leave out, and the places where a broker needs other
 * behaviour. All knowledge of rhea's internals is in this file.
 */
import type { Socket } from 'node:net';
import rhea, {
  type Connection,
  type ConnectionOptions,
  type Delivery,
  type Receiver,
  type Sender,
  type Session,
  type Typed,
} from 'rhea';
import type { BrokerError } from './broker-errors.js';

interface AmqpReader {
  readonly position: number;
  remaining(): number;
  read(): Typed;
  read_size_count(width: number): { readonly size: number; readonly count: number };
}
interface AmqpTypes {
  readonly Reader: { new (bytes: Buffer): AmqpReader; readonly prototype: AmqpReader };
  readonly Writer: new () => { write(value: Typed): void; toBuffer(): Buffer };
  described_nc(descriptor: Typed, value: Typed): Typed;
  unwrap(value: Typed): unknown;
  wrap(value: unknown): Typed;
  wrap_ulong(value: number): Typed;
  wrap_long(value: number): Typed;
  wrap_uint(value: number): Typed;
  wrap_int(value: number): Typed;
  wrap_string(value: string): Typed;
  wrap_symbol(value: string): Typed;
  wrap_timestamp(value: number): Typed;
  wrap_list(values: readonly Typed[]): Typed;
  wrap_map_as_map(entries: ReadonlyMap<Typed, Typed>): Typed;
  wrap_array(values: readonly unknown[], code: number): Typed;
}

export const types = rhea.types as unknown as AmqpTypes;
/** Type codes for `wrap_array`. */
export const TIMESTAMP = 0x83;
export const LONG = 0x81;

/** Elements of an array may have no bytes of their own, such as nulls: as many are accepted. */
const EMPTY_ELEMENTS = 1_000;

// rhea creates as many elements as a frame announces: one frame of 24 bytes would use up all memory.
const { prototype } = types.Reader;
const readSizeAndCount = prototype.read_size_count;
prototype.read_size_count = function (width) {
  const announced = readSizeAndCount.call(this, width);
  if (announced.count > Math.max(this.remaining(), EMPTY_ELEMENTS))
    throw new RangeError(`${announced.count} elements are announced, and ${this.remaining()} bytes follow`);
  return announced;
};

const messages = rhea.message as unknown as {
  decode(bytes: Buffer): Record<string, unknown>;
  encode(message: object): Buffer;
  accepted(): { described(): unknown };
  rejected(fields: object): { described(): unknown };
};

export const decodeMessage = (bytes: Buffer): Record<string, unknown> => messages.decode(bytes);

/** Options of each client connection; the broker settles, accepts and replies itself. */
export const CONNECTION_OPTIONS = {
  autoaccept: false,
  autosettle: false,
  treat_modified_as_released: false,
  credit_window: 500,
  max_frame_size: 65_536,
  tcp_no_delay: true,
  reconnect: false,
};

const STANDARD_FORMAT = 0;
const RAW_FORMAT = 1;
/** A batch: https://learn.microsoft.com/azure/service-bus-messaging/service-bus-amqp-protocol-guide */
export const BATCH_FORMAT = 0x80013700;

/** Starts a connection on a socket that a client has opened. */
export function acceptConnection(socket: Socket): Connection {
  const container = rhea.create_container({ id: 'embedded-service-bus' });
  const connection = container.create_connection(CONNECTION_OPTIONS as unknown as ConnectionOptions);
  const inner = connection as unknown as { accept(socket: Socket): void; eof(): void };
  inner.accept(socket);
  // rhea does not detect a destroyed socket, and would keep its heartbeat running.
  socket.once('close', () => inner.eof());
  return connection;
}

/**
 * Makes a session deliver messages as bytes. rhea decodes messages of the standard format, which loses number types;
 * messages of any other format it passes through.
 */
export function keepPayloads(session: Session): void {
  const inner = session as unknown as { on_transfer(frame: TransferFrame): void };
  const onTransfer = inner.on_transfer;
  inner.on_transfer = function (this: Session, frame) {
    if (frame.performative.message_format === STANDARD_FORMAT) frame.performative.message_format = RAW_FORMAT;
    onTransfer.call(this, frame);
  };
}
interface TransferFrame {
  readonly performative: { message_format?: number };
}

/** A delivery settled by our answer; `undefined` = accepted. */
export function settleDelivery(delivery: Delivery, error?: BrokerError): void {
  const state =
    error === undefined
      ? messages.accepted().described()
      : messages.rejected({ error: { condition: error.condition, description: error.message } }).described();
  const settle = (): void => {
    delivery.update(true, state);
    // The client settles second without a disposition; without this, rhea keeps the delivery until its buffer is full.
    (delivery as { remote_settled: boolean }).remote_settled = true;
  };
  // rhea may apply the first disposition of a tick to its neighbour as well, so a rejection gets a tick of its own.
  if (error === undefined) settle();
  else setImmediate(settle);
}

interface SenderInside {
  readonly local: { readonly attach: Record<string, unknown> };
  readonly session: { readonly outgoing: { available(): number } };
  credit: number;
  delivery_count: number;
  _draining: boolean;
  _get_drain(): boolean;
  set_drained(drained: boolean): void;
}

const inside = (sender: Sender): SenderInside => sender as unknown as SenderInside;

/** An outgoing link with its real remaining credit: rhea counts a message only once it is written. */
export class OutgoingLink {
  #sent = 0;
  #drained = 0;

  constructor(readonly sender: Sender) {
    const link = inside(sender);
    // rhea does not answer a drain when no credit is left, which would block the client.
    link._get_drain = () => {
      if (!link._draining) return false;
      this.#drained += link.credit;
      link.delivery_count += link.credit;
      link.credit = 0;
      return true;
    };
  }

  /** How many messages may be sent now: the client's credit, limited by rhea's buffer of unsettled deliveries. */
  get credit(): number {
    const link = inside(this.sender);
    const left = link.credit - (this.#sent - (link.delivery_count - this.#drained));
    return Math.min(left, link.session.outgoing.available());
  }

  get draining(): boolean {
    return inside(this.sender)._draining;
  }

  send(payload: Buffer, tag: Buffer): Delivery {
    this.#sent += 1;
    return this.sender.send(payload, tag, STANDARD_FORMAT);
  }

  answer(message: object): void {
    this.#sent += 1;
    const delivery = this.sender.send(messages.encode(message), undefined, STANDARD_FORMAT);
    (delivery as { settled: boolean }).settled = true;
  }

  endDrain(): void {
    inside(this.sender).set_drained(true);
    (this.sender.connection as unknown as { _register(): void })._register();
  }
}

/** Agrees to a link, before its attach is answered. */
export function acceptLink(link: Sender | Receiver, address: string, maxMessageBytes?: number): void {
  link.set_source({ address: link.source?.address ?? address });
  link.set_target({ address: link.target?.address ?? address });
  const { attach } = inside(link as Sender).local;
  for (const field of ['snd_settle_mode', 'rcv_settle_mode'] as const) attach[field] = link[field] ?? 0;
  if (maxMessageBytes !== undefined) attach.max_message_size = maxMessageBytes;
}

export function closeWithError(link: Sender | Receiver | Connection, error: BrokerError): void {
  link.close({ condition: error.condition, description: error.message });
}

/** The .NET order of a GUID's bytes, in which Service Bus gives lock tokens as delivery tags. */
export function guidBytes(guid: string): Buffer {
  const bytes = Buffer.from(guid.replaceAll('-', ''), 'hex');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

export function guidText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [0, 8, 12, 16, 20].map((from, i, all) => hex.slice(from, all[i + 1])).join('-');
}
