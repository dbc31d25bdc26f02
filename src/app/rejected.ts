import { output } from '@azure/functions';
import type { RejectedDelivery } from '../intake/index.js';
import { clock } from './clock.js';
import { REJECTED_QUEUE, SERVICE_BUS_CONNECTION } from './config.js';
import type { Door } from './intake.js';

/** Where deliveries go that cannot be used, each with its reason. */
export const rejectedQueue = output.serviceBusQueue({
  queueName: REJECTED_QUEUE,
  connection: SERVICE_BUS_CONNECTION,
});

/** A standard namespace takes messages of 256 KB: https://learn.microsoft.com/azure/service-bus-messaging/service-bus-quotas */
const MAXIMUM_BODY = 180_000;

/** The message for the queue: the reason, and the body as it came, or its beginning when it is too large to pass on. */
export function rejectedMessage(rejection: RejectedDelivery, door: Door, body: unknown, messageId?: string) {
  const { code, reason, next, path } = rejection;
  const text = body === undefined ? '' : JSON.stringify(body);
  const bytes = Buffer.from(text, 'utf8');
  const kept =
    bytes.byteLength <= MAXIMUM_BODY
      ? { body }
      : { bodyBeginning: bytes.subarray(0, MAXIMUM_BODY / 2).toString('utf8'), bodyBytes: bytes.byteLength };
  return {
    code,
    reason,
    next,
    ...(path === '' ? {} : { path }),
    door,
    receivedAt: new Date(clock.now()).toISOString(),
    ...(messageId === undefined ? {} : { messageId }),
    ...kept,
  };
}
