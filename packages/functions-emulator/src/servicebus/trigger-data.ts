/** A received message as the Functions host hands it to a JavaScript worker. */
import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { bindingDataOf, mergeBindingData } from '../json/binding-data.js';
import type { TypedData } from '../worker/worker-types.js';

/** .NET's TimeSpan.MaxValue: no time to live. */
const NO_LIMIT = '10675199.02:48:05.4775807';
const DOTNET_MAX_DATE = '9999-12-31T23:59:59.9999999Z';
const STATES = { active: 0, deferred: 1, scheduled: 2 } as const;

/**
 * The bytes of a message's body. AMQP values must be text; sequences have no bytes.
 * @throws Error where the real extension rejects the message.
 */
export function bodyOf(message: ServiceBusReceivedMessage): Buffer {
  const { body } = message as { body: unknown };
  if (Buffer.isBuffer(body)) return body;
  // Several data sections arrive as a list of their contents.
  if (Array.isArray(body) && body.every((part) => Buffer.isBuffer(part))) return Buffer.concat(body);
  if (typeof body === 'string') return Buffer.from(body);
  throw new Error(
    `The message with id '${String(message.messageId)}' has a body that is neither bytes nor text and cannot be bound.`,
  );
}

/** The trigger's input for cardinality one. The worker parses text as JSON where it can. */
export function inputOf(message: ServiceBusReceivedMessage, binary: boolean): TypedData {
  const body = bodyOf(message);
  return binary ? { bytes: body } : { string: body.toString('utf8') };
}

/** The trigger's input for cardinality many. */
export function inputsOf(messages: readonly ServiceBusReceivedMessage[]): TypedData {
  return { collectionString: { string: messages.map((message) => bodyOf(message).toString('utf8')) } };
}

/** The body as watchers of the host see it. */
export function observedBody(message: ServiceBusReceivedMessage): unknown {
  const text = bodyOf(message).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * `context.triggerMetadata`; the library lowers the case of first letters. Members of a JSON body are included and
 * override the message's own: `messageId` may come from the body.
 */
export function metadataOf(message: ServiceBusReceivedMessage, binary: boolean): Record<string, TypedData> {
  const metadata = typed(valuesOf(message));
  return binary ? metadata : mergeBindingData(metadata, bindingDataOf(bodyOf(message).toString('utf8')));
}

/** The same for a batch: each value becomes a list whose name ends in `Array`. */
export function batchMetadataOf(messages: readonly ServiceBusReceivedMessage[]): Record<string, TypedData> {
  const all = messages.map(valuesOf);
  const names = Object.keys(all[0] ?? {});
  return typed(
    Object.fromEntries(names.map((name) => [`${name}Array`, all.map((one) => one[name] ?? null)])),
  );
}

function valuesOf(message: ServiceBusReceivedMessage): Record<string, unknown> {
  const properties = message.applicationProperties ?? {};
  const expires = message.timeToLive === undefined ? DOTNET_MAX_DATE : iso(message.expiresAtUtc);
  return {
    MessageId: message.messageId,
    CorrelationId: message.correlationId,
    ContentType: message.contentType,
    Subject: message.subject,
    Label: message.subject,
    To: message.to,
    ReplyTo: message.replyTo,
    ReplyToSessionId: message.replyToSessionId,
    SessionId: message.sessionId,
    PartitionKey: message.partitionKey,
    LockToken: message.lockToken,
    // The host counts this delivery, the client library only those before it.
    DeliveryCount: (message.deliveryCount ?? 0) + 1,
    SequenceNumber: numberOf(message.sequenceNumber),
    EnqueuedSequenceNumber: numberOf(message.enqueuedSequenceNumber),
    EnqueuedTimeUtc: iso(message.enqueuedTimeUtc),
    EnqueuedTime: iso(message.enqueuedTimeUtc),
    ExpiresAtUtc: expires,
    ExpiresAt: expires,
    LockedUntil: iso(message.lockedUntilUtc),
    ScheduledEnqueueTime: iso(message.scheduledEnqueueTimeUtc),
    ScheduledEnqueueTimeUtc: iso(message.scheduledEnqueueTimeUtc),
    TimeToLive: message.timeToLive === undefined ? NO_LIMIT : timeSpan(message.timeToLive),
    State: STATES[message.state],
    DeadLetterSource: message.deadLetterSource,
    DeadLetterReason: message.deadLetterReason,
    DeadLetterErrorDescription: message.deadLetterErrorDescription,
    ApplicationProperties: properties,
    UserProperties: properties,
  };
}

function typed(values: Readonly<Record<string, unknown>>): Record<string, TypedData> {
  const data: Record<string, TypedData> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === null) continue;
    data[name] = typeof value === 'string' ? { string: value } : { json: JSON.stringify(value) };
  }
  return data;
}

const iso = (date: Date | undefined): string | undefined => date?.toISOString();

const numberOf = (value: number | { toNumber(): number } | undefined): number | undefined =>
  typeof value === 'object' ? value.toNumber() : value;

function timeSpan(ms: number): string {
  const pad = (value: number): string => String(value).padStart(2, '0');
  const seconds = Math.floor(ms / 1000);
  const days = Math.floor(seconds / 86_400);
  const clock = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60]
    .map(pad)
    .join(':');
  const rest = ms % 1000 === 0 ? '' : `.${String(ms % 1000).padStart(3, '0')}0000`;
  return `${days === 0 ? '' : `${days}.`}${clock}${rest}`;
}
