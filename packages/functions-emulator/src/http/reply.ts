/** Writes responses the way the real host's web server frames them. */
import type { ServerResponse } from 'node:http';
import { STATUS_CODES } from '../node-http.js';
import { acceptedType } from './content-negotiation.js';

/** Header names as the server spells them, whatever the function wrote. */
const knownNames = new Map(
  `Accept-Ranges Age Allow Alt-Svc Cache-Control Connection Content-Disposition Content-Encoding Content-Language
   Content-Length Content-Location Content-MD5 Content-Range Content-Security-Policy Content-Type Date ETag Expires Last-Modified Link
   Location Pragma Proxy-Authenticate Retry-After Server Set-Cookie Strict-Transport-Security Trailer Transfer-Encoding Upgrade Vary Via
   Warning WWW-Authenticate X-Content-Type-Options X-Frame-Options X-Powered-By X-UA-Compatible X-XSS-Protection
   Access-Control-Allow-Credentials Access-Control-Allow-Headers Access-Control-Allow-Methods Access-Control-Allow-Origin
   Access-Control-Expose-Headers Access-Control-Max-Age`
    .split(/\s+/)
    .map((name) => [name.toLowerCase(), name]),
);

export const canonicalHeaderName = (name: string): string => knownNames.get(name.toLowerCase()) ?? name;

/** An answer that is complete: an empty body has a length of 0, another one its own length. */
export function reply(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (hasBody(response, status) || body !== '') response.setHeader('Content-Length', Buffer.byteLength(body));
  writeHead(response, status).end(body);
}

/** A body that is sent in chunks, without its length. */
export function replyChunked(response: ServerResponse, status: number, body: Uint8Array | string): void {
  // HTTP/1.0 has no chunks: the end of the connection is the end of the body.
  if (hasBody(response, status) && response.req.httpVersion !== '1.0')
    response.setHeader('Transfer-Encoding', 'chunked');
  writeHead(response, status).end(body);
}

export function replyJson(response: ServerResponse, value: unknown, status = 200): void {
  const type = acceptedType(response.req.headers.accept, ['application/json', 'text/json']);
  reply(response, status, { 'Content-Type': `${type}; charset=utf-8` }, JSON.stringify(value));
}

/** Writes the head with the reason phrase of the real server: none for an unknown status. */
export function writeHead(response: ServerResponse, status: number): ServerResponse {
  return response.writeHead(status, status === 418 ? "I'm a teapot" : (STATUS_CODES[status] ?? ''));
}

export function hasBody(response: ServerResponse, status: number): boolean {
  return response.req.method !== 'HEAD' && status !== 204 && status !== 304;
}
