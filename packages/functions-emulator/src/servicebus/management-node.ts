/**
 * The `$management` node of an entity: peek, lock renewal, schedule, settlement.
 * https://learn.microsoft.com/azure/service-bus-messaging/service-bus-amqp-request-response
 */
import { guidText, LONG, TIMESTAMP, types } from './amqp.js';
import { badRequest, messageNotFound, notSupported } from './broker-errors.js';
import { encodeMessage } from './message-codec.js';
import type { BrokerMessage } from './message-store.js';
import type { Namespace } from './namespace.js';
import type { Disposition } from './queue-types.js';

export interface ManagementReply {
  readonly status: number;
  readonly body?: Readonly<Record<string, unknown>>;
}

type Body = Readonly<Record<string, unknown>>;
type Operation = (
  namespace: Namespace,
  path: string,
  body: Body,
) => ManagementReply | Promise<ManagementReply>;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  'com.microsoft:peek-message': (namespace, path, body) => {
    const from = asNumber(body['from-sequence-number']);
    const found = namespace.queue(path).peek(from, asNumber(body['message-count']));
    if (found.length === 0) return { status: 204 };
    return {
      status: 200,
      body: { messages: found.map((message) => ({ message: encodeForReceiver(message) })) },
    };
  },

  'com.microsoft:renew-lock': (namespace, path, body) => {
    const queue = namespace.queue(path);
    const expirations = tokensOf(body).map((token) => queue.renew(token));
    return { status: 200, body: { expirations: types.wrap_array(expirations, TIMESTAMP) } };
  },

  'com.microsoft:schedule-message': async (namespace, path, body) => {
    const messages = asList(body.messages).map((entry) => (entry as { message: Buffer }).message);
    const numbers = await namespace.publish(namespace.sendTarget(path), messages);
    return { status: 200, body: { 'sequence-numbers': types.wrap_array(numbers, LONG) } };
  },

  'com.microsoft:cancel-scheduled-message': async (namespace, path, body) => {
    for (const sequence of asList(body['sequence-numbers']).map(asNumber)) {
      if (!(await namespace.cancelScheduled(namespace.sendTarget(path), sequence))) {
        throw messageNotFound(`No scheduled message has the sequence number ${sequence}.`);
      }
    }
    return { status: 200 };
  },

  'com.microsoft:update-disposition': async (namespace, path, body) => {
    const queue = namespace.queue(path);
    for (const token of tokensOf(body)) await queue.settle(token, dispositionOf(body));
    return { status: 200 };
  },
};

/** @throws BrokerError for a rejected or an unsupported operation. */
export async function handleManagementRequest(
  namespace: Namespace,
  path: string,
  operation: string,
  body: unknown,
): Promise<ManagementReply> {
  const run = OPERATIONS[operation];
  if (run === undefined) throw notSupported(`The operation '${operation}'`);
  return run(namespace, path, (body ?? {}) as Body);
}

/** The message with the broker's annotations, as a client receives it. */
export function encodeForReceiver(message: BrokerMessage, lockedUntil?: number): Buffer {
  const states = { active: 0, scheduled: 2 } as const;
  return encodeMessage(message.sections, message.deliveryCount, {
    'x-opt-sequence-number': types.wrap_long(message.sequence),
    'x-opt-enqueue-sequence-number': types.wrap_long(message.enqueuedSequence),
    'x-opt-enqueued-time': types.wrap_timestamp(message.enqueuedAt),
    'x-opt-message-state': types.wrap_int(states[message.state]),
    ...(lockedUntil === undefined ? {} : { 'x-opt-locked-until': types.wrap_timestamp(lockedUntil) }),
  });
}

export const DEFERRAL = 'To defer a message';

function dispositionOf(body: Body): Disposition {
  const properties = (body['properties-to-modify'] ?? {}) as Record<string, unknown>;
  switch (body['disposition-status']) {
    case 'completed':
      return { kind: 'complete' };
    case 'abandoned':
      return { kind: 'abandon', properties };
    case 'defered': // Spelled so on the wire.
      throw notSupported(DEFERRAL);
    case 'suspended':
      return {
        kind: 'dead-letter',
        reason: asText(body['deadletter-reason']),
        description: asText(body['deadletter-description']),
        properties,
      };
    default:
      throw badRequest(`Unknown disposition '${String(body['disposition-status'])}'.`);
  }
}

const tokensOf = (body: Body): string[] =>
  asList(body['lock-tokens']).map((bytes) => guidText(bytes as Buffer));
const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const asText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
/** A long arrives as a number, or as 8 bytes when it is too large for one. */
const asNumber = (value: unknown): number =>
  Buffer.isBuffer(value) ? Number(value.readBigInt64BE()) : Number(value ?? 0);
