/** Sends what a function returned to its HTTP caller. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { acceptedType } from '../http/content-negotiation.js';
import { canonicalHeaderName, hasBody, reply, replyChunked, writeHead } from '../http/reply.js';
import type { HttpData, InvocationResult, TypedData } from '../worker/worker-types.js';

/** A failed function or an invalid return value is a 500 without a body; no return value is a 204. */
export function sendResult(
  request: IncomingMessage,
  response: ServerResponse,
  result: InvocationResult,
): void {
  const http = result.kind === 'ok' ? httpOf(result.returnValue) : undefined;
  if (result.kind !== 'ok') reply(response, 500);
  else if (!http) reply(response, 204);
  else if (http.enableContentNegotiation === true) sendNegotiated(request, response, http);
  else send(response, http);
}

/**
 * The real host's formatters see bytes: JSON and XML write them as base64, and there is none for text. Cookies are left
 * out. https://learn.microsoft.com/aspnet/core/web-api/advanced/formatting
 */
function sendNegotiated(request: IncomingMessage, response: ServerResponse, http: HttpData): void {
  if (!setHeaders(response, http)) return;
  const base64 = Buffer.from(bytesOf(http.body)).toString('base64');
  const type = formatFor(http.headers?.['content-type'], request.headers.accept);
  if (type === undefined) {
    reply(response, 406);
    return;
  }
  const text = type.endsWith('json')
    ? JSON.stringify(base64)
    : `<base64Binary xmlns="http://schemas.microsoft.com/2003/10/Serialization/">${base64}</base64Binary>`;
  reply(response, statusOf(http), { 'Content-Type': `${type}; charset=utf-8` }, text);
}

const formats = ['application/json', 'text/json', 'application/xml', 'text/xml'];

/** The function's content type takes precedence over the Accept header, and must have a formatter. */
function formatFor(contentType: string | undefined, accept: string | undefined): string | undefined {
  if (contentType === undefined) return acceptedType(accept, formats);
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  return formats.includes(type) || /^application\/[^/]+\+(json|xml)$/.test(type) ? type : undefined;
}

function send(response: ServerResponse, http: HttpData): void {
  const body = bytesOf(http.body);
  const status = statusOf(http);
  const length = http.headers?.['content-length'];
  const full = hasBody(response, status);
  if (length !== undefined && full && Number(length) !== body.length) {
    reply(response, 500);
    return;
  }
  if (!setHeaders(response, http)) return;
  for (const cookie of http.cookies ?? []) {
    if (!/^[!#$%&'*+\-.^`|~\w]+$/.test(String(cookie.name))) {
      reply(response, 500);
      return;
    }
    response.appendHeader('Set-Cookie', cookieText(cookie));
  }
  if (http.headers?.['transfer-encoding'] !== undefined) {
    // The real server trusts that the function has framed the body itself: the caller gets a corrupt message.
    response.setHeader('Connection', 'close');
    writeHead(response, status).chunkedEncoding = false;
    response.end(full ? body : undefined);
  } else if (body.length > 0 && full && length === undefined) {
    replyChunked(response, status, body);
  } else {
    if (full) response.setHeader('Content-Length', body.length);
    writeHead(response, status).end(full ? body : undefined);
  }
}

/** Returns false if a value cannot be sent: the response is then a 500, with the headers set so far. */
function setHeaders(response: ServerResponse, http: HttpData): boolean {
  for (const [name, value] of Object.entries(http.headers ?? {})) {
    if (!/^[\t\x20-\x7e]*$/.test(value)) {
      reply(response, 500);
      return false;
    }
    if (name === 'set-cookie') response.appendHeader('Set-Cookie', value);
    else response.setHeader(canonicalHeaderName(name), value);
  }
  return true;
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
  const parts = [`${String(cookie.name)}=${escaped(String(cookie.value))}`];
  if (seconds !== undefined) parts.push(`expires=${new Date(seconds * 1000).toUTCString()}`);
  if (value('maxAge') !== undefined) parts.push(`max-age=${Math.trunc(Number(value('maxAge')))}`);
  if (value('domain')) parts.push(`domain=${String(value('domain'))}`);
  parts.push(`path=${String(value('path') || '/')}`);
  if (value('secure') === true) parts.push('secure');
  if (sameSite) parts.push(`samesite=${sameSite}`);
  if (value('httpOnly') === true) parts.push('httponly');
  return parts.join('; ');
}

/** Like .NET's `Uri.EscapeDataString`, which escapes more characters than JavaScript does. */
const escaped = (text: string): string =>
  encodeURIComponent(Buffer.from(text).toString()).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
