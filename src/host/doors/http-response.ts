/** Sends what a function returned to its HTTP caller. */
import type { ServerResponse } from 'node:http';
import type { HttpData, InvocationResult, TypedData } from '../worker/types.js';
import { begin, hasBody, reply, replyChunked, spelling } from './reply.js';

/** An error, of the function or of what it returned, is a 500 without a body; nothing returned is a 204. */
export function sendResult(response: ServerResponse, result: InvocationResult): void {
  const http = result.kind === 'ok' ? httpOf(result.returnValue) : undefined;
  if (result.kind !== 'ok') reply(response, 500);
  else if (!http) reply(response, 204);
  else if (http.enableContentNegotiation === true) sendNegotiated(response, http);
  else send(response, http);
}

/** The formatter of the real host writes bytes as base64 in a JSON text. */
function sendNegotiated(response: ServerResponse, http: HttpData): void {
  const text = JSON.stringify(Buffer.from(bytesOf(http.body)).toString('base64'));
  reply(response, statusOf(http), { 'Content-Type': 'application/json; charset=utf-8' }, text);
}

function send(response: ServerResponse, http: HttpData): void {
  const body = bytesOf(http.body);
  const status = statusOf(http);
  const length = http.headers?.['content-length'];
  if (length !== undefined && Number(length) !== body.length) {
    reply(response, 500);
    return;
  }
  for (const [name, value] of Object.entries(http.headers ?? {})) {
    if (name === 'transfer-encoding') continue; // would corrupt the message
    if (!/^[\t\x20-\x7e]*$/.test(value)) {
      reply(response, 500); // with the headers set so far
      return;
    }
    if (name === 'set-cookie') response.appendHeader('Set-Cookie', value);
    else response.setHeader(spelling(name), value);
  }
  for (const cookie of http.cookies ?? []) response.appendHeader('Set-Cookie', cookieText(cookie));
  if (body.length > 0 && hasBody(response, status) && length === undefined) {
    replyChunked(response, status, body);
    return;
  }
  const full = hasBody(response, status);
  if (full) response.setHeader('Content-Length', body.length);
  begin(response, status).end(full ? body : undefined);
}

const statusOf = (http: HttpData): number => Math.trunc(Number(http.statusCode ?? 200));

function httpOf(value: TypedData | undefined): HttpData | undefined {
  return value && 'http' in value ? (value.http as HttpData) : undefined;
}

function bytesOf(body: TypedData | undefined): Uint8Array {
  if (body && 'bytes' in body) return body.bytes as Uint8Array;
  return body && 'string' in body ? Buffer.from(String(body.string)) : new Uint8Array();
}

/** Attributes in the host's order and spelling, with `path=/` added and the value escaped. */
function cookieText(cookie: Readonly<Record<string, unknown>>): string {
  const value = (name: string): unknown => {
    const wrapped = cookie[name];
    return typeof wrapped === 'object' && wrapped !== null && 'value' in wrapped ? wrapped.value : undefined;
  };
  const expires = value('expires');
  const seconds =
    typeof expires === 'object' && expires !== null && 'seconds' in expires
      ? Number(expires.seconds)
      : undefined;
  const sameSite = { lax: 'lax', strict: 'strict', explicitNone: 'none' }[String(cookie.sameSite)];
  const parts = [`${String(cookie.name)}=${encodeURIComponent(String(cookie.value))}`];
  if (value('maxAge') !== undefined) parts.push(`max-age=${Number(value('maxAge'))}`);
  if (seconds !== undefined) parts.push(`expires=${new Date(seconds * 1000).toUTCString()}`);
  if (value('domain')) parts.push(`domain=${String(value('domain'))}`);
  parts.push(`path=${String(value('path') || '/')}`);
  if (value('secure') === true) parts.push('secure');
  if (sameSite) parts.push(`samesite=${sameSite}`);
  if (value('httpOnly') === true) parts.push('httponly');
  return parts.join('; ');
}
