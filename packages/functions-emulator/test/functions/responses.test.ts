import { connect } from 'node:net';
import { type Host, startHost } from 'functions-emulator';
import { describe, expect, onTestFinished, test } from 'vitest';
import { writeApp } from './app.js';

const cases = `{
  text: { body: 'neg', enableContentNegotiation: true, headers: { 'x-own': '1' } },
  json: { jsonBody: { a: 1 }, enableContentNegotiation: true },
  bytes: { body: Buffer.from('neg'), enableContentNegotiation: true, status: 201 },
  xml: { body: '<a/>', headers: { 'content-type': 'text/xml' }, enableContentNegotiation: true },
  cookies: { cookies: [
    { name: 'a', value: "é(1)*'!" },
    { name: 'b', value: 'v', maxAge: 1.9, expires: new Date(86_400_000) },
  ] },
  badCookie: { cookies: [{ name: 'a b', value: 'v' }], body: 'x' },
  framed: { headers: { 'transfer-encoding': 'chunked' }, body: 'hello' },
  length: { headers: { 'content-length': '3' }, body: 'hello' },
}`;

async function withCases(): Promise<Host> {
  const app = `
    import { app } from '@azure/functions';
    const cases = ${cases};
    app.http('give', { methods: ['GET', 'HEAD'], route: 'give/{what}', handler: async (request) => cases[request.params.what] });`;
  const started = await startHost({
    appDirectory: writeApp({ 'index.js': app }),
    port: 0,
    serviceBusPort: 0,
  });
  onTestFinished(() => started.stop());
  return started;
}

const base64 = Buffer.from('neg').toString('base64');
const asXml = `<base64Binary xmlns="http://schemas.microsoft.com/2003/10/Serialization/">${base64}</base64Binary>`;

/** https://learn.microsoft.com/aspnet/core/web-api/advanced/formatting#content-negotiation */
describe('a function with content negotiation', () => {
  test.each([
    ['bytes', undefined, 201, 'application/json; charset=utf-8', `"${base64}"`],
    ['bytes', 'application/xml', 201, 'application/xml; charset=utf-8', asXml],
    ['bytes', 'text/json;q=0.5, text/xml', 201, 'text/xml; charset=utf-8', asXml],
    [
      'bytes',
      'text/html, application/xml;q=0.9, */*;q=0.8',
      201,
      'application/json; charset=utf-8',
      `"${base64}"`,
    ],
    ['bytes', 'image/png', 201, 'application/json; charset=utf-8', `"${base64}"`],
    ['json', 'application/xml', 200, 'application/json; charset=utf-8', '"eyJhIjoxfQ=="'],
    ['text', undefined, 406, 'text/plain;charset=UTF-8', ''],
    [
      'xml',
      undefined,
      200,
      'text/xml; charset=utf-8',
      asXml.replace(base64, Buffer.from('<a/>').toString('base64')),
    ],
  ])(
    'that returns %s is formatted for the accepted type %s as on the real host',
    async (what, accept, status, type, body) => {
      const { url } = await withCases();
      const answer = await fetch(`${url}/api/give/${what}`, {
        headers: accept === undefined ? { accept: '' } : { accept },
      });
      expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
        status,
        type,
        body,
      ]);
      expect(answer.headers.get('x-own')).toBe(what === 'text' ? '1' : null);
    },
  );
});

describe('a function’s response', () => {
  /** https://github.com/dotnet/aspnetcore/blob/main/src/Http/Headers/src/SetCookieHeaderValue.cs */
  test('has its cookies escaped and their parts in the real order', async () => {
    const { url } = await withCases();
    expect((await fetch(`${url}/api/give/cookies`)).headers.getSetCookie()).toEqual([
      'a=%C3%A9%281%29%2A%27%21; path=/',
      'b=v; expires=Fri, 02 Jan 1970 00:00:00 GMT; max-age=1; path=/',
    ]);
    const bad = await fetch(`${url}/api/give/badCookie`);
    expect([bad.status, await bad.text()]).toEqual([500, '']);
  });

  test('with its own transfer encoding is sent unframed, and with a wrong length not at all', async () => {
    const { url } = await withCases();
    const { hostname, port } = new URL(url);
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(Number(port), hostname, () =>
        socket.write('GET /api/give/framed HTTP/1.1\r\nHost: x\r\n\r\n'),
      );
      socket.setEncoding('latin1').on('data', (part) => {
        text += part;
      });
      socket.on('close', () => resolve(text));
    });
    expect(answer).toMatch(/Transfer-Encoding: chunked\r\n[\s\S]*\r\n\r\nhello$/);
    expect((await fetch(`${url}/api/give/length`)).status).toBe(500);
    const head = await fetch(`${url}/api/give/length`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '3']);
  });
});
