/** With --teams, anyone who reaches the client can decide as any user of the simulated tenant, so no one else may reach it. */
import { type IncomingHttpHeaders, request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Running, startResponder, temporaryDirectory } from './run-cli.js';

const LONG = 120_000;
let data: ReturnType<typeof temporaryDirectory>;
let responder: Running;
let url: URL;
beforeAll(async () => {
  data = temporaryDirectory();
  responder = startResponder(data.path, '--teams', '--teams-port', '0');
  url = new URL(String((await responder.kind('teams-client')).url));
}, LONG);
afterAll(async () => {
  responder.child.kill('SIGINT');
  await responder.ended;
  data.remove();
}, LONG);

interface Call {
  readonly address?: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}
/** The status, or the reason why there is none. */
function call({ address = '127.0.0.1', method = 'GET', path = '/', headers = {}, body }: Call = {}) {
  return new Promise<{ readonly status: number | string; readonly headers: IncomingHttpHeaders }>(
    (resolve) => {
      const sent = request({
        host: address,
        port: url.port,
        method,
        path,
        headers: { host: url.host, ...headers },
      });
      sent.on('response', (answer) => {
        answer.resume();
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers });
      });
      sent.on('upgrade', (answer, socket) => {
        socket.destroy();
        resolve({ status: 101, headers: answer.headers });
      });
      sent.on('error', (error: NodeJS.ErrnoException) => resolve({ status: error.code ?? '', headers: {} }));
      sent.end(body);
    },
  );
}
const status = async (of: Call) => (await call(of)).status;
/** A click, as the client's own page sends it. */
const invoke = (headers: Readonly<Record<string, string>>): Call => ({
  method: 'POST',
  path: '/_conversation/v1/invoke',
  headers: { 'content-type': 'application/json', ...headers },
  body: '{}',
});
const stream = (headers: Readonly<Record<string, string>>): Call => ({
  path: '/_ws_conversation/v1/conversations/stream',
  headers: {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    ...headers,
  },
});

describe('the Teams client', () => {
  it('accepts its own pages, by any name of this machine', async () => {
    expect(url.hostname).toBe('127.0.0.1');
    expect(await status({})).toBe(200);
    const named = `localhost:${url.port}`;
    expect(await status({ headers: { host: named, origin: `http://${named}` } })).toBe(200);
    expect(await status(stream({ origin: url.origin }))).toBe(101);
  });

  it('answers at no other address of this machine', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ internal, address }) => !internal && !address.startsWith('fe80'))
      .map(({ address }) => address);
    // On Linux, all of 127.0.0.0/8 is this machine.
    const tried = [...others, ...(process.platform === 'linux' ? ['127.0.0.2'] : []), '::1'];
    for (const address of tried) {
      expect([address, await status({ address })]).toEqual([address, expect.stringMatching(/^E[A-Z]+$/)]);
    }
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ['under a name of another site for this address', { host: 'rebound.fabrikam.com' }],
    ['under the address without the port', { host: '127.0.0.1' }],
    ['from a page of another site', { origin: 'https://fabrikam.com' }],
    ['from a page without an origin', { origin: 'null' }],
    ['from another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['from a page of another site, by a browser that names no origin', { 'sec-fetch-site': 'cross-site' }],
    ['from a page of the same site', { 'sec-fetch-site': 'same-site' }],
  ])('refuses a call %s', async (_how, headers) => {
    expect(await status({ headers })).toBe(403);
    expect(await status(invoke(headers))).toBe(403);
    expect(await status(stream(headers))).toBe(403);
  });

  it('refuses the same calls to its own Connector', async () => {
    const path = '/_connector/v3/conversations';
    expect(await status({ ...invoke({ origin: 'https://fabrikam.com' }), path })).toBe(403);
    expect(await status({ ...invoke({ host: 'rebound.fabrikam.com' }), path })).toBe(403);
  });
});
