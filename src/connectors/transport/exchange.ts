/** The canonical form of an exchange: identifies a call independent of the order of its query and body. */
import { createHash } from 'node:crypto';
import type { Apis } from '../api.js';

/** Token calls are never recorded: they hold secrets, and their answers differ each time. */
export const SIGN_IN_HOST = 'login.microsoftonline.com';

/** JSON with sorted keys, so that equal values have equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** A body as it is compared and stored: JSON in canonical form, any other body unchanged. */
export function canonicalBody(text: string): string {
  try {
    return canonicalJson(JSON.parse(text));
  } catch {
    return text;
  }
}

/** Query parameters decoded and sorted by name, then value. */
export function canonicalQuery(url: URL): [name: string, value: string][] {
  return [...url.searchParams].sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1));
}

/** Equal for two equivalent requests to the same service. */
export function exchangeKey(method: string, address: string, body: string): string {
  const url = new URL(address);
  const query = canonicalQuery(url);
  return createHash('sha256')
    .update(
      canonicalJson([method.toUpperCase(), url.host, decodePath(url.pathname), query, canonicalBody(body)]),
    )
    .digest('hex');
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** True for calls that change nothing, so their last response may be returned again. */
export function isRead(apis: Apis, method: string, address: string): boolean {
  if (method === 'GET' || method === 'HEAD') return true;
  if (method !== 'POST') return false;
  const { host, pathname } = new URL(address);
  return Object.values(apis).some((api) => api.host === host && api.readingPosts?.test(pathname) === true);
}
