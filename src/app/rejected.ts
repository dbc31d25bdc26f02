/** Where deliveries go that cannot be used, each with its reason: a queue that the door can reach without another's extension. */
import { output } from '@azure/functions';
import type { RejectedDelivery } from '../intake/index.js';
import { clock } from './clock.js';
import { REJECTED_QUEUE, SERVICE_BUS_CONNECTION } from './config.js';
import type { Door } from './intake.js';

/** Of messages: a queue of their own namespace. */
export const rejectedMessages = output.serviceBusQueue({
  queueName: REJECTED_QUEUE,
  connection: SERVICE_BUS_CONNECTION,
});

/** Of events: a queue of the host's own storage account, which every app has. */
export const rejectedEvents = output.storageQueue({
  queueName: REJECTED_QUEUE,
  connection: 'AzureWebJobsStorage',
});

/**
 * With the bytes of a body that each takes. Service Bus (standard): messages of 256 KB,
 * https://learn.microsoft.com/azure/service-bus-messaging/service-bus-quotas. Storage: 64 KB, in base64,
 * https://learn.microsoft.com/rest/api/storageservices/put-message
 */
export const PUT_ASIDE = {
  'service-bus': { output: rejectedMessages, largest: 180_000 },
  'event-grid': { output: rejectedEvents, largest: 40_000 },
} as const;

/** Deeper than any body that is taken, and no danger to a recursion. */
const DEEPEST = 100;

/** The message for the queue: the reason, and the body as it came, or its beginning when it is too large to pass on. */
export function rejectedMessage(
  { code, reason, next, path }: RejectedDelivery,
  door: Door,
  body: unknown,
  largest: number,
  messageId?: string,
) {
  return {
    code,
    reason,
    next,
    ...(path === '' ? {} : { path }),
    door,
    receivedAt: new Date(clock.now()).toISOString(),
    ...(messageId === undefined ? {} : { messageId }),
    ...kept(body, largest),
  };
}

function kept(body: unknown, largest: number): object {
  const flat = cutAt(DEEPEST, body);
  // JSON writes half a character as an escape of six: what is kept is counted as it is sent.
  const text = JSON.stringify(flat.value) ?? '';
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes <= largest && !flat.isCut) return body === undefined ? {} : { body };
  const beginning = Buffer.from(text, 'utf8')
    .subarray(0, Math.floor(largest / 2))
    .toString('utf8');
  return { bodyBeginning: beginning, ...(flat.isCut ? { bodyCutAtDepth: DEEPEST } : { bodyBytes: bytes }) };
}

/** What is nested deeper would end the recursion of whatever writes or reads it. */
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
