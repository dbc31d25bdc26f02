/**
 * Requests that the real host's web server rejects before any other processing, with its default limits.
 * https://learn.microsoft.com/dotnet/api/microsoft.aspnetcore.server.kestrel.core.kestrelserverlimits
 */
import type { IncomingMessage } from 'node:http';

const maxRequestLineBytes = 8_192;
const maxHeaderBytes = 32_768;
const maxHeaders = 100;
/** The parser's own limit, high enough that the limits above decide. */
export const parserMaxHeaderBytes = 65_536;

/** The status that rejects the request, or undefined. */
export function checkRequest(request: IncomingMessage): number | undefined {
  const { rawHeaders, httpVersion, method = '', url = '' } = request;
  if (`${method} ${url} HTTP/1.1\r\n`.length > maxRequestLineBytes) return 414;
  const bytes = rawHeaders.reduce((sum, text) => sum + text.length + 2, 2);
  if (rawHeaders.length > 2 * maxHeaders || bytes > maxHeaderBytes + 2) return 431;
  if (!rawHeaders.every(isUtf8) || !hasOneHost(request)) return 400;
  const isEmpty =
    request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined;
  if (httpVersion === '1.0' && isEmpty && (method === 'POST' || method === 'PUT')) return 400;
  if (request.headers.host === undefined) return httpVersion === '1.0' ? 500 : 400;
  return undefined;
}

/** The status for a request that the parser rejects: an unknown method is one that no function has. */
export function parserErrorStatus(code: string | undefined): number {
  switch (code) {
    case 'HPE_INVALID_METHOD':
      return 404;
    case 'HPE_HEADER_OVERFLOW':
      return 431;
    case 'HPE_INVALID_VERSION':
      return 505;
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 408;
    default:
      return 400;
  }
}

/** One host, of characters that a host has, and the same as in an absolute address. */
function hasOneHost({ headersDistinct, url = '' }: IncomingMessage): boolean {
  const hosts = headersDistinct.host ?? [];
  const [, authority] = /^https?:\/\/([^/?]*)/i.exec(url) ?? [];
  return (
    hosts.length < 2 &&
    hosts.every((host) => /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?$/i.test(host)) &&
    (authority === undefined || hosts[0]?.toLowerCase() === authority.toLowerCase())
  );
}

/** The parser reads bytes as Latin-1; the real server takes UTF-8 only. */
function isUtf8(text: string): boolean {
  if (/^[\x20-\x7e\t]*$/.test(text)) return true;
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.from(bytes.toString('utf8')).equals(bytes);
}
