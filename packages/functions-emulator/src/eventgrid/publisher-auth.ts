/**
 * Who may publish: the topic's key, or a token signed with it.
 * https://learn.microsoft.com/azure/event-grid/authenticate-with-access-keys-shared-access-signatures
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../types.js';

/** Whether the request shows the key, or a token for this path that is signed with it and still valid. */
export function isAuthorised(request: IncomingMessage, path: string, key: string, clock: Clock): boolean {
  const { 'aeg-sas-key': givenKey, 'aeg-sas-token': token } = request.headers;
  if (typeof givenKey === 'string') return same(givenKey, key);
  return typeof token === 'string' && isValidToken(token, path, key, clock);
}

function isValidToken(token: string, path: string, key: string, clock: Clock): boolean {
  const place = token.lastIndexOf('&s=');
  if (place < 0) return false;
  const signed = token.slice(0, place);
  const parts = new URLSearchParams(signed);
  const expected = createHmac('sha256', Buffer.from(key, 'base64')).update(signed).digest('base64');
  if (!same(decodeURIComponent(token.slice(place + 3)), expected)) return false;
  const resource = URL.canParse(parts.get('r') ?? '') ? new URL(parts.get('r') ?? '').pathname : '';
  if (resource.toLowerCase() !== path.toLowerCase()) return false;
  // The client library writes a US date in UTC without a zone. It uses the system's time, which is unrelated to a
  // virtual clock.
  const expires = Date.parse(`${parts.get('e') ?? ''} UTC`);
  return clock.kind === 'virtual' || expires > clock.now();
}

function same(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
