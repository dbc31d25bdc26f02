import { connect } from 'node:net';
import { type Host, startHost } from 'functions-emulator';
import { beforeAll, describe, expect, test } from 'vitest';
import { toyApp } from './app.js';

let host: Host;
beforeAll(async () => {
  host = await startHost({ appDirectory: toyApp('functions-http'), port: 0, serviceBusPort: 0 });
  return () => host.stop();
});

/** Writes bytes on a separate connection and reads until the other side closes it. */
function converse(text: string): Promise<string> {
  const { hostname, port } = new URL(host.url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(text, 'latin1'));
    socket.setEncoding('latin1').on('data', (part) => {
      answer += part;
    });
    socket.on('close', () => resolve(answer)).on('error', reject);
  });
}

const get = (...lines: string[]): string =>
  ['GET /api/echo HTTP/1.1', 'Host: x', 'Connection: close', ...lines, '', ''].join('\r\n');

/**
 * https://learn.microsoft.com/dotnet/api/microsoft.aspnetcore.server.kestrel.core.kestrelserverlimits and
 * https://www.rfc-editor.org/rfc/rfc9112#section-3.2
 */
describe('the web server rejects', () => {
  test.each([
    ['nothing that is fine', get('X-A: 1'), 200],
    [
      'headers of more than 32 KB',
      get(...Array.from({ length: 40 }, (_, i) => `X-${i}: ${'a'.repeat(900)}`)),
      431,
    ],
    ['headers beyond all measure', get(`X-A: ${'a'.repeat(100_000)}`), 431],
    ['more than 100 headers', get(...Array.from({ length: 99 }, (_, i) => `X-${i}: a`)), 431],
    ['no 100 headers', get(...Array.from({ length: 98 }, (_, i) => `X-${i}: a`)), 200],
    ['a line of more than 8 KB', `GET /${'a'.repeat(8200)} HTTP/1.1\r\nHost: x\r\n\r\n`, 414],
    ['a header that is none', get('not a header'), 400],
    ['a header with bytes that are not UTF-8', get('X-A: \xe9'), 400],
    ['no header with UTF-8', get('X-A: \xc3\xa9'), 200],
    ['a host with other characters', 'GET /api/echo HTTP/1.1\r\nHost: a b\r\n\r\n', 400],
    ['two hosts', get('Host: y'), 400],
    [
      'another host than that of the address',
      'GET http://a.example/api/echo HTTP/1.1\r\nHost: b.example\r\n\r\n',
      400,
    ],
    ['a version that it does not speak', 'GET /api/echo HTTP/3.0\r\nHost: x\r\n\r\n', 505],
    ['a body without a length from an old caller', 'POST /api/echo HTTP/1.0\r\nHost: x\r\n\r\n', 400],
    ['a tunnel', 'CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\n\r\n', 404],
    ['no expectation that nobody knows', get('Expect: the-unexpected'), 200],
  ])('%s', async (_, text, status) => {
    const answer = await converse(text);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toContain('Server: Kestrel');
    if (status !== 200) expect(answer).toMatch(/Content-Length: 0\r\n[\s\S]*\r\n\r\n$/);
  });

  test('an HTTP/1.0 caller gets no chunks', async () => {
    const answer = await converse('GET /api/slow?ms=1 HTTP/1.0\r\nHost: x\r\n\r\n');
    expect(answer).not.toMatch(/transfer-encoding/i);
    expect(answer.endsWith('\r\n\r\nslow')).toBe(true);
  });
});
