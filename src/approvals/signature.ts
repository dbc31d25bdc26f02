/** Proof that a message to an instance came through one of the responder's own doors. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type InboxMessage, inboxMessageSchema, type UnsignedMessage } from '../domain/approval.js';
import { canonicalJson } from '../domain/canonical.js';

/** The first signs; all of them verify, so that a key can be replaced while messages are on their way. */
export type SigningKeys = readonly [string, ...string[]];

/** Signs a message with HMAC-SHA-256 over its canonical JSON. */
export function signMessage(message: UnsignedMessage, [key]: SigningKeys): InboxMessage {
  return { ...message, signature: { keyId: keyIdOf(key), mac: macOf(message, key) } };
}

/**
 * The message, when it has the right form, is signed by one of the keys and is meant for this instance; otherwise
 * undefined. Takes whatever anybody may have raised as an event.
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

/** Eight hex digits that tell keys apart and say nothing of the key. */
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
