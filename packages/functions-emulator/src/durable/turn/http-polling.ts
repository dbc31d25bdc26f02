/**
 * The real host's polling after 202 Accepted:
 * https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-features#async-operation-tracking
 */
import type { DurableHttpRequest } from './orchestrator-state.js';

/** The pause if the response has no Retry-After. */
const DEFAULT_PAUSE_MS = 30_000;
/** Credentials: sent to the same scheme, host and port only. */
const CREDENTIALS = ['authorization', 'cookie'];

export interface DurableHttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
}

const headerOf = ({ headers }: DurableHttpResponse, name: string): string | undefined =>
  Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];

/** @throws Error if Retry-After is not a whole number of seconds */
export function retryAfterMs(answer: DurableHttpResponse): number {
  const seconds = headerOf(answer, 'retry-after');
  if (seconds === undefined) return DEFAULT_PAUSE_MS;
  if (!/^\s*[+-]?\d+\s*$/.test(seconds))
    throw new Error(`The input string '${seconds}' was not in a correct format.`);
  return Number(seconds) * 1000;
}

/**
 * The next request: a GET of the answer's Location with the first one's headers. The key of a function is never sent
 * again, credentials only to where they were meant to go.
 * @throws Error if there is no Location
 */
export function pollRequest(first: DurableHttpRequest, answer: DurableHttpResponse): DurableHttpRequest {
  const location = headerOf(answer, 'location');
  if (location === undefined) throw new Error("The given key 'Location' was not present in the dictionary.");
  const url = new URL(location, first.uri);
  const same = sameOrigin(url, new URL(first.uri));
  const forwarded = Object.entries(first.headers ?? {}).filter(([name]) => {
    const key = name.toLowerCase();
    return key !== 'x-functions-key' && (same || !CREDENTIALS.includes(key));
  });
  return {
    method: 'GET',
    uri: url.href,
    headers: Object.fromEntries(forwarded),
    ...(first.tokenSource === undefined ? {} : { tokenSource: first.tokenSource }),
    asynchronousPatternEnabled: true,
  };
}

export const sameOrigin = (a: URL, b: URL): boolean => a.protocol === b.protocol && a.host === b.host;
