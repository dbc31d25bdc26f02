/** The host's own activity behind `callHttp`: one request, its answer as status, headers and text. */

import { httpRequest, httpsRequest } from '../node-http.js';
import { withTimeout } from '../real-time.js';
import { sameOrigin } from './turn/http-polling.js';
import type { DurableHttpRequest } from './turn/orchestrator-state.js';

/** As .NET's HttpClient, which the real host uses. */
const MOST_REDIRECTS = 50;
const LIMIT_MS = 240_000;
const TIMED_OUT =
  'The request was canceled due to the configured HttpClient.Timeout of 240 seconds elapsing.';
const REDIRECTS = [300, 301, 302, 303, 307, 308];
/** To another origin these are not sent on, wherever they came from. */
const SECRETS = ['cookie', 'x-functions-key'];

/** `failed`: no response, or an invalid request; the message is .NET's where it is known. */
export type HttpOutcome =
  | { readonly kind: 'ok'; readonly text: string }
  | { readonly kind: 'failed'; readonly message: string };

interface Sent {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly content: string | undefined;
}
interface Received {
  readonly statusCode: number;
  readonly location: string | undefined;
  readonly text: string;
}

/** @param input JSON text of the request. @returns JSON text of `{statusCode, headers, content}` */
export async function callHttp(input: string): Promise<HttpOutcome> {
  const abort = new AbortController();
  let outcome: HttpOutcome = { kind: 'failed', message: TIMED_OUT };
  await withTimeout(
    LIMIT_MS,
    follow(input, abort.signal).then(
      (text) => {
        outcome = { kind: 'ok', text };
      },
      (error: unknown) => {
        outcome = { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
      },
    ),
  );
  const result = outcome;
  abort.abort();
  return result;
}

async function follow(input: string, signal: AbortSignal): Promise<string> {
  let sent = firstRequest(JSON.parse(input) as DurableHttpRequest);
  for (let redirects = 0; ; redirects += 1) {
    const received = await exchange(sent, signal);
    const next = redirects < MOST_REDIRECTS ? redirected(sent, received) : undefined;
    if (next === undefined) return received.text;
    sent = next;
  }
}

/** @throws Error for a request that the real host rejects, and for a token, which requires a managed identity. */
function firstRequest(request: DurableHttpRequest): Sent {
  refuseToken(request.tokenSource);
  if (!URL.canParse(request.uri))
    throw new Error(
      'An invalid request URI was provided. Either the request URI must be an absolute URI or BaseAddress must be set.',
    );
  const url = new URL(request.uri);
  if (!/^https?:$/.test(url.protocol))
    throw new Error(`The '${url.protocol.slice(0, -1)}' scheme is not supported.`);
  const headers = { ...request.headers };
  const typeHeader = Object.keys(headers).find((name) => name.toLowerCase() === 'content-type');
  const type = typeHeader === undefined ? 'text/plain' : String(headers[typeHeader]);
  if (type.includes('multipart')) throw new Error('Multipart content is not supported with CallHttpAsync.');
  if (typeHeader !== undefined) delete headers[typeHeader];
  const content =
    request.content === undefined || request.content === null ? undefined : String(request.content);
  if (content !== undefined) {
    headers['Content-Type'] =
      type.toLowerCase() === 'application/x-www-form-urlencoded' ? `${type}; charset=utf-8` : type;
  }
  return { url, method: request.method, headers, content };
}

function refuseToken(source: unknown): void {
  if (source === undefined || source === null) return;
  const { kind, resource } = source as { kind?: unknown; resource?: unknown };
  if (kind !== 'AzureManagedIdentity')
    throw new Error(`The token source kind '${JSON.stringify(kind)}' is not supported.`);
  throw new Error(
    `No managed identity is available to get a token for ${String(resource)}: nothing was sent. Call the service from an activity, or test this call in Azure.`,
  );
}

/** The redirected request, if any; never from https to http. */
function redirected(sent: Sent, { statusCode, location }: Received): Sent | undefined {
  if (!REDIRECTS.includes(statusCode) || location === undefined || !URL.canParse(location, sent.url.href))
    return undefined;
  const url = new URL(location, sent.url);
  if (!/^https?:$/.test(url.protocol) || (sent.url.protocol === 'https:' && url.protocol === 'http:'))
    return undefined;
  const { method } = sent;
  const becomesGet =
    statusCode === 303 ? method !== 'GET' && method !== 'HEAD' : statusCode < 303 && method === 'POST';
  const same = sameOrigin(url, sent.url);
  const headers = Object.entries(sent.headers).filter(([name]) => {
    const key = name.toLowerCase();
    if (key === 'authorization' || (becomesGet && key === 'content-type')) return false;
    return same || !SECRETS.includes(key);
  });
  return {
    url,
    method: becomesGet ? 'GET' : method,
    headers: Object.fromEntries(headers),
    content: becomesGet ? undefined : sent.content,
  };
}

function exchange({ url, method, headers, content }: Sent, signal: AbortSignal): Promise<Received> {
  const send = url.protocol === 'https:' ? httpsRequest() : httpRequest;
  return new Promise((resolve, reject) => {
    const call = send(url, { method, headers: { ...headers }, signal }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', (error) => reject(failure(error, url)));
      response.on('end', () => {
        const statusCode = response.statusCode ?? 0;
        const payload = {
          statusCode,
          headers: visibleHeaders(response.rawHeaders),
          content: Buffer.concat(parts).toString(),
        };
        resolve({ statusCode, location: response.headers.location, text: JSON.stringify(payload) });
      });
    });
    call.on('error', (error) => reject(failure(error, url)));
    call.end(content);
  });
}

const MESSAGES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Connection refused',
  ENOTFOUND: 'Name or service not known',
  ETIMEDOUT: 'Connection timed out',
};

function failure(error: NodeJS.ErrnoException, url: URL): Error {
  if (error.code === undefined) return error;
  const known = MESSAGES[error.code];
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return new Error(
    known === undefined
      ? 'An error occurred while sending the request.'
      : `${known} (${url.hostname}:${port})`,
    { cause: error },
  );
}

/** Headers of the connection and of the content do not reach the app on the real host. */
const HIDDEN = /^(connection|keep-alive|content-.*|expires|last-modified|allow)$/i;

function visibleHeaders(raw: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  const pairs: [string, string][] = [];
  for (let at = 0; at < raw.length; at += 2) pairs.push([raw[at] ?? '', raw[at + 1] ?? '']);
  pairs.sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  for (const [name, value] of pairs) {
    if (!HIDDEN.test(name)) headers[name] = name in headers ? `${headers[name]},${value}` : value;
  }
  return headers;
}
