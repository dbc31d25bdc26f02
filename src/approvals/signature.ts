/** Proves that one of the responder's own channels sent a message to an instance. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type InboxMessage, inboxMessageSchema, type UnsignedMessage } from '../domain/approval.js';
import { canonicalJson } from '../domain/canonical.js';

/** The first signs and all of them verify, which allows key rotation while messages are in flight. */
export type SigningKeys = readonly [string, ...string[]];

/** Signs a message with HMAC-SHA-256 over its canonical JSON. */
export function signMessage(message: UnsignedMessage, [key]: SigningKeys): InboxMessage {
  return { ...message, signature: { keyId: keyIdOf(key), mac: macOf(message, key) } };
}

/**
 * Returns the message if it is well formed, signed by one of the keys and meant for this instance; otherwise undefined.
 * Accepts any value, because anyone with the system key can raise an event.
 */
export function verifyMessage(
  raw: unknown,
  instanceId: string,
  keys: readonly string[],
): InboxMessage | undefined {
  const parsed = inboxMessageSchema.safeParse(raw);
  if (!parsed.success || parsed.data.instanceId !== instanceId) return undefined;
  const { signature, ...message } = parsed.data;
  const key = keys.find((one) => keyIdOf(one) === signature.keyId);
  return key !== undefined && same(macOf(message, key), signature.mac) ? parsed.data : undefined;
}

/** Eight hex digits that identify a key without revealing it. */
export function keyIdOf(key: string): string {
  return createHash('sha256').update(`key id of ${key}`, 'utf8').digest('hex').slice(0, 8);
}

function macOf(message: UnsignedMessage, key: string): string {
  return createHmac('sha256', key).update(canonicalJson(message), 'utf8').digest('hex');
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8')];
  return left.byteLength === right.byteLength && timingSafeEqual(left, right);
}
