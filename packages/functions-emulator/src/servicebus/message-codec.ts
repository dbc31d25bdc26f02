/**
 * An AMQP message as the broker stores it. The sections that the broker rewrites (header, message annotations) are
 * decoded; the others (properties, application properties, body, footer) are passed on byte for byte, because decoding
 * and encoding them would lose number types. Only a section that changes is rebuilt.
 * Sections: https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-messaging-v1.0-os.html#section-message-format
 */
import type { Typed } from 'rhea';
import { decodeMessage, types } from './amqp.js';

const HEADER = 0x70;
const MESSAGE_ANNOTATIONS = 0x72;
const PROPERTIES = 0x73;
const APPLICATION_PROPERTIES = 0x74;
const DATA = 0x75;
const DELIVERY_COUNT_FIELD = 4;

export interface MessageSections {
  /** Fields of the header as the sender gave them. */
  readonly header: readonly Typed[];
  /** Keys and values of the sender's message annotations, one after the other. */
  readonly annotations: readonly Typed[];
  /** Encoded properties, application properties, body and footer. */
  readonly bare: Buffer;
}

/** The sender's fields that the broker acts on. */
export interface MessageFields {
  readonly messageId: string | undefined;
  /** Milliseconds. */
  readonly timeToLive: number | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly scheduledFor: number | undefined;
}

interface Section {
  readonly code: number;
  readonly start: number;
  readonly end: number;
  readonly typed: Typed;
}

function* sectionsOf(raw: Buffer): Generator<Section> {
  const reader = new types.Reader(raw);
  while (reader.remaining() > 0) {
    const start = reader.position;
    const typed = reader.read();
    const code = Number(typed.descriptor?.value);
    if (!(code >= HEADER && code <= 0x78)) throw new Error('The bytes are not an AMQP 1.0 message.');
    yield { code, start, end: reader.position, typed };
  }
}

function encodeSection(code: number, content: Typed): Buffer {
  const writer = new types.Writer();
  writer.write(types.described_nc(types.wrap_ulong(code), content));
  return Buffer.from(writer.toBuffer());
}

/** Splits an encoded message. Throws when the bytes are no AMQP message or have no body. */
export function splitMessage(raw: Buffer): MessageSections {
  let header: readonly Typed[] = [];
  let annotations: readonly Typed[] = [];
  let bareStart: number | undefined;
  let bodies = 0;
  for (const section of sectionsOf(raw)) {
    if (section.code === HEADER) header = section.typed.value as Typed[];
    else if (section.code === MESSAGE_ANNOTATIONS) annotations = section.typed.value as Typed[];
    else if (section.code >= PROPERTIES) bareStart ??= section.start;
    if (section.code >= DATA && section.code <= 0x77) bodies += 1;
  }
  if (bareStart === undefined || bodies === 0) throw new Error('The AMQP message has no body.');
  // A copy, so that a small message does not retain the whole chunk of the socket.
  return { header: [...header], annotations: [...annotations], bare: Buffer.from(raw.subarray(bareStart)) };
}

/** The encoded messages that a batch (message format 0x80013700) carries, one in each data section. */
export function readBatch(raw: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (const section of sectionsOf(raw))
    if (section.code === DATA) messages.push(section.typed.value as Buffer);
  return messages;
}

/** Encodes the message with a delivery count and the broker's annotations, which override the sender's. */
export function encodeMessage(
  sections: MessageSections,
  deliveryCount: number,
  annotations: Readonly<Record<string, Typed>>,
): Buffer {
  const header = [...sections.header];
  while (header.length <= DELIVERY_COUNT_FIELD) header.push(types.wrap(null));
  header[DELIVERY_COUNT_FIELD] = types.wrap_uint(deliveryCount);
  return Buffer.concat([
    encodeSection(HEADER, types.wrap_list(header)),
    encodeSection(MESSAGE_ANNOTATIONS, withEntries(sections.annotations, annotations, types.wrap_symbol)),
    sections.bare,
  ]);
}

/** Sets the message id of a message without one. */
export function setMessageId(sections: MessageSections, messageId: string): MessageSections {
  const id = types.wrap_string(messageId);
  const bare = rebuild(sections.bare, PROPERTIES, (old) => {
    const fields = old === undefined ? [] : [...(old.value as Typed[])];
    fields[0] = id;
    return types.wrap_list(fields);
  });
  return { ...sections, bare };
}

/** Adds or replaces application properties; the others keep their exact types. */
export function setApplicationProperties(
  sections: MessageSections,
  properties: Readonly<Record<string, unknown>>,
): MessageSections {
  const added = Object.entries(properties).filter(([, value]) => value !== undefined && value !== null);
  if (added.length === 0) return sections;
  const typed = Object.fromEntries(added.map(([name, value]) => [name, types.wrap(value)]));
  const bare = rebuild(sections.bare, APPLICATION_PROPERTIES, (old) =>
    withEntries((old?.value as Typed[] | undefined) ?? [], typed, types.wrap_string),
  );
  return { ...sections, bare };
}

/** Rebuilds one section of the bare message, or inserts a new one in the standard's order. */
function rebuild(bare: Buffer, code: number, make: (old: Typed | undefined) => Typed): Buffer {
  for (const section of sectionsOf(bare)) {
    if (section.code < code) continue;
    const same = section.code === code;
    const rebuilt = encodeSection(code, make(same ? section.typed : undefined));
    return Buffer.concat([
      bare.subarray(0, section.start),
      rebuilt,
      bare.subarray(same ? section.end : section.start),
    ]);
  }
  throw new Error('The AMQP message has no body.');
}

function withEntries(
  old: readonly Typed[],
  added: Readonly<Record<string, Typed>>,
  key: (name: string) => Typed,
): Typed {
  const entries = new Map<Typed, Typed>();
  for (let i = 0; i + 1 < old.length; i += 2) {
    const name = old[i] as Typed;
    if (!Object.hasOwn(added, String(name.value))) entries.set(name, old[i + 1] as Typed);
  }
  for (const [name, value] of Object.entries(added)) entries.set(key(name), value);
  return types.wrap_map_as_map(entries);
}

/** Decodes the fields that the broker needs. Throws if the bytes are not an AMQP message. */
export function readFields(raw: Buffer): MessageFields {
  const message = decodeMessage(raw);
  const annotations = (message.message_annotations ?? {}) as Record<string, unknown>;
  const scheduled = annotations['x-opt-scheduled-enqueue-time'];
  const timeToLive = message.ttl;
  return {
    messageId: asText(message.message_id),
    timeToLive: typeof timeToLive === 'number' ? timeToLive : undefined,
    scheduledFor: scheduled instanceof Date ? scheduled.getTime() : undefined,
  };
}

function asText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return Buffer.isBuffer(value) ? value.toString('hex') : String(value);
}
