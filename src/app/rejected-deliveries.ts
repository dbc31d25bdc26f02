/** The queues for rejected deliveries. Each trigger uses a queue that needs no extension of another trigger. */
import { output } from '@azure/functions';
import type { RejectedDelivery } from '../intake/index.js';
import { clock } from './clock.js';
import { REJECTED_QUEUE, SERVICE_BUS_CONNECTION } from './config.js';
import type { IntakeTrigger } from './intake.js';

/** For messages: a queue in the same namespace. */
export const rejectedMessages = output.serviceBusQueue({
  queueName: REJECTED_QUEUE,
  connection: SERVICE_BUS_CONNECTION,
});

/** For events: a queue in the host's storage account, which every app has. */
export const rejectedEvents = output.storageQueue({
  queueName: REJECTED_QUEUE,
  connection: 'AzureWebJobsStorage',
});

/**
 * The outputs, with the maximum body size in bytes. Service Bus (standard): messages of 256 KB,
 * https://learn.microsoft.com/azure/service-bus-messaging/service-bus-quotas. Storage: 64 KB, in base64,
 * https://learn.microsoft.com/rest/api/storageservices/put-message
 */
export const REJECTED_OUTPUTS = {
  'service-bus': { output: rejectedMessages, largest: 180_000 },
  'event-grid': { output: rejectedEvents, largest: 40_000 },
} as const;

/** Deeper than any accepted body, and safe for recursive code. */
const DEEPEST = 100;

/** The message for the queue: the reason, and the unchanged body, or its beginning if it is too large. */
export function rejectedMessage(
  { code, reason, next, path }: RejectedDelivery,
  trigger: IntakeTrigger,
  body: unknown,
  largest: number,
  messageId?: string,
) {
  return {
    code,
    reason,
    next,
    ...(path === '' ? {} : { path }),
    trigger,
    receivedAt: new Date(clock.now()).toISOString(),
    ...(messageId === undefined ? {} : { messageId }),
    ...storedBody(body, largest),
  };
}

function storedBody(body: unknown, largest: number): object {
  const flat = cutAt(DEEPEST, body);
  // JSON escapes a lone surrogate as six characters, so the size is measured on the serialised text.
  const text = JSON.stringify(flat.value) ?? '';
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes <= largest && !flat.isCut) return body === undefined ? {} : { body };
  const beginning = Buffer.from(text, 'utf8')
    .subarray(0, Math.floor(largest / 2))
    .toString('utf8');
  return { bodyBeginning: beginning, ...(flat.isCut ? { bodyCutAtDepth: DEEPEST } : { bodyBytes: bytes }) };
}

/** Cuts deeper nesting, which would overflow the stack of recursive readers and writers. */
function cutAt(depth: number, value: unknown): { readonly value: unknown; readonly isCut: boolean } {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array)
    return { value, isCut: false };
  if (depth === 0) return { value: '…', isCut: true };
  let isCut = false;
  const below = (part: unknown): unknown => {
    const flat = cutAt(depth - 1, part);
    isCut ||= flat.isCut;
    return flat.value;
  };
  const flat = Array.isArray(value)
    ? value.map(below)
    : Object.fromEntries(Object.entries(value).map(([key, part]) => [key, below(part)]));
  return { value: flat, isCut };
}
