import { connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { start, writeApp } from './app.js';

const app = `
  import { app } from '@azure/functions';
  if (process.env.STREAM) app.setup({ enableHttpStream: true });
  const length = async (request) => ({
    jsonBody: {
      length: (await request.text()).length,
      hasBody: request.body !== null,
      encoding: request.headers.get('transfer-encoding'),
      said: request.headers.get('content-length'),
    },
  });
  app.http('length', { methods: ['POST'], handler: length });
  app.http('secret', { methods: ['POST'], authLevel: 'function', handler: length });
  const held = [];
  app.http('hold', { methods: ['POST'], handler: async (request) => {
    await new Promise((resolve) => held.push(resolve));
    return { body: String((await request.text()).length) };
  } });
  app.timer('release', { schedule: '0 0 5 1 1 *', handler: async () => { held.splice(0).forEach((go) => go()); } });
  app.http('memory', { methods: ['GET'], handler: async () => ({ body: String(process.memoryUsage().rss) }) });
`;
const appDirectory = (): string => writeApp({ 'index.js': app });

/** A body without a length, which fetch sends in chunks. */
const inChunks = (...parts: string[]): RequestInit => ({
  method: 'POST',
  body: new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(Buffer.from(part));
      controller.close();
    },
  }),
  duplex: 'half',
});

function open(url: string): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).on('error', () => {});
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** The response received so far. */
function answerOf(socket: Socket): () => string {
  let answer = '';
  socket.on('data', (part) => {
    answer += String(part);
  });
  return () => answer;
}

/**
 * https://github.com/Azure/azure-functions-host/blob/v4.1037.0/src/WebJobs.Script.Grpc/MessageExtensions/GrpcMessageConversionExtensions.cs
 * hands a body on only if `request.ContentLength > 0`.
 */
describe('the body of a request', () => {
  test('arrives empty when it is chunked, with its transfer-encoding header', async () => {
    const host = await start({ appDirectory: appDirectory() });
    expect(await (await host.get('/api/length', inChunks('a', 'b'))).json()).toEqual({
      length: 0,
      hasBody: false,
      encoding: 'chunked',
      said: null,
    });
    expect(await (await host.get('/api/length', { method: 'POST', body: 'ab' })).json()).toEqual({
      length: 2,
      hasBody: true,
      encoding: null,
      said: '2',
    });
  });

  test('arrives whole in chunks with HTTP streaming', async () => {
    const host = await start({ appDirectory: appDirectory(), settings: { STREAM: '1' } });
    const answer = await host.get('/api/length', inChunks('a', 'b'));
    expect(await answer.json()).toMatchObject({ length: 2, hasBody: true });
  });

  test.each(['/api/secret', '/admin/functions/length', '/runtime/webhooks/eventgrid?functionName=x'])(
    'is not read when the caller may not call %s',
    async (path) => {
      const host = await start({ appDirectory: appDirectory(), authOff: false });
      for (const length of ['Content-Length: 90000000', 'Transfer-Encoding: chunked']) {
        const socket = open(host.url);
        socket.write(
          `POST ${path} HTTP/1.1\r\nHost: x\r\n${length}\r\nContent-Type: application/json\r\n\r\n`,
        );
        await expect
          .poll(answerOf(socket), { message: length, timeout: 10_000 })
          .toMatch(/^HTTP\/1\.1 40[14] /);
      }
    },
  );

  test('in chunks, or of an unauthorised caller, is not buffered: many at once take no memory', async () => {
    const host = await start({ appDirectory: appDirectory(), authOff: false });
    const memory = async (): Promise<number> => Number(await (await host.get('/api/memory')).text());
    const before = await memory();
    let most = before;
    let sent = 0;
    const piece = Buffer.alloc(1_000_000, 'x');
    const send = async (path: string, head: string, framed: Buffer): Promise<void> => {
      const socket = open(host.url);
      socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n`);
      for (let i = 0; i < 20 && !socket.destroyed; i++) {
        await new Promise((resolve) => socket.write(framed, resolve));
        sent += piece.length;
      }
    };
    const chunk = Buffer.concat([Buffer.from('F4240\r\n'), piece, Buffer.from('\r\n')]);
    const all = Promise.all([
      ...Array.from({ length: 8 }, () => send('/api/length', 'Transfer-Encoding: chunked', chunk)),
      ...Array.from({ length: 8 }, () => send('/api/secret', 'Content-Length: 90000000', piece)),
    ]);
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss);
    }, 5);
    await all;
    clearInterval(watch);
    expect(sent).toBeGreaterThan(100_000_000);
    expect(most - before).toBeLessThan(120_000_000);
  });

  /** https://learn.microsoft.com/azure/azure-functions/functions-app-settings#functions_request_body_size_limit */
  test('may be as long as FUNCTIONS_REQUEST_BODY_SIZE_LIMIT', async () => {
    const host = await start({
      appDirectory: appDirectory(),
      settings: { FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '1000' },
    });
    const status = async (length: number): Promise<number> =>
      (await host.get('/api/length', { method: 'POST', body: 'x'.repeat(length) })).status;
    expect([await status(1000), await status(1001)]).toEqual([200, 500]);
  });

  test('waits in the network while others of its size are in use, and is read later', async () => {
    const host = await start({
      appDirectory: appDirectory(),
      settings: { FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '1000000' },
    });
    const started = (): number => host.events.filter(({ kind }) => kind === 'invocation-started').length;
    const body = Buffer.alloc(900_000, 'x');
    const bodies = Array.from({ length: 9 }, async () =>
      (await host.get('/api/hold', { method: 'POST', body })).text(),
    );
    await expect.poll(started).toBeGreaterThan(0);
    // All that can arrive at once has arrived long before a small request is answered.
    for (let i = 0; i < 20; i++) await host.get('/api/memory');
    expect(started() - 20).toBeLessThanOrEqual(3);
    const headers = { 'content-type': 'application/json' };
    const all = Promise.all(bodies);
    let ended = false;
    void all.then(() => {
      ended = true;
    });
    while (!ended) await host.get('/admin/functions/release', { method: 'POST', headers, body: '{}' });
    expect(await all).toEqual(bodies.map(() => '900000'));
  });
});
