import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { virtualClock } from 'functions-emulator';
import { describe, expect, test } from 'vitest';
import { start, toyApp } from './app.js';

const appDirectory = toyApp('functions-http');

/** Writes bytes on a separate connection and reads until the other side closes it. */
function converse(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.setEncoding('latin1').on('data', (part) => {
      answer += part;
    });
    socket.on('close', () => resolve(answer)).on('error', reject);
  });
}

describe('HTTP triggers', () => {
  test('pass method, URL, route and query parameters and body to the function, and its response back', async () => {
    const host = await start({ appDirectory });
    const response = await host.get('/api/echo?a=1&b=x%20y', { method: 'POST', body: 'héllo' });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      method: 'POST',
      url: `${host.url}/api/echo?a=1&b=x%20y`,
      params: {},
      query: { a: '1', b: 'x y' },
      body: 'héllo',
    });
    expect(host.events).toContainEqual(
      expect.objectContaining({ kind: 'invocation-ended', trigger: 'httpTrigger', name: 'echo', ok: true }),
    );
  });

  test('use the first matching route by function name, and respond with 404 if none matches', async () => {
    const host = await start({ appDirectory });
    const params = async (path: string): Promise<unknown> =>
      ((await (await host.get(path)).json()) as { params: unknown }).params;
    // `anyItem` comes before `item`, whose route is the more specific one.
    expect(await (await host.get('/api/items/7')).text()).toBe('any item');
    expect(await params('/api/ITEMS/7/lid')).toEqual({ id: '7', part: 'lid' });
    expect(await params('/api/files/a/b%20c.txt')).toEqual({ path: 'a/b c.txt' });
    expect(await (await host.get('/api/items/0')).text()).toBe('any item');
    for (const [method, path] of [
      ['DELETE', '/api/echo'],
      ['HEAD', '/api/echo'],
      ['GET', '/api/items'],
      ['GET', '/echo'],
    ]) {
      expect((await host.get(path ?? '', { method: method ?? '' })).status, `${method} ${path}`).toBe(404);
    }
  });

  test('require the key for the function’s level, and do not tell a wrong key from a missing one', async () => {
    const host = await start({ appDirectory, authOff: false });
    const status = async (path: string, key?: string): Promise<number> =>
      (await host.get(path, key === undefined ? {} : { headers: { 'x-functions-key': key } })).status;
    const { master, function: key } = host.keys;
    expect(await status('/api/echo')).toBe(200);
    expect([await status('/api/secret'), await status('/api/secret', 'wrong')]).toEqual([401, 401]);
    expect([await status('/api/secret', key), await status(`/api/secret?code=${key}`)]).toEqual([200, 200]);
    expect([await status('/api/deepSecret', key), await status('/api/deepSecret', master)]).toEqual([
      401, 200,
    ]);
    expect(await status('/api/secret', host.keys.system)).toBe(401);
  });

  test('accept the key of one function for that function only', async () => {
    const host = await start({ appDirectory, authOff: false });
    const answer = await host.get(`/admin/functions/secret/keys?code=${host.keys.master}`);
    const { keys } = (await answer.json()) as { keys: [{ value: string }] };
    const code = keys[0].value;
    expect((await host.get(`/api/secret?code=${code}`)).status).toBe(200);
    expect((await host.get(`/api/secrets?code=${code}`)).status).toBe(401);
  });

  test('answer a throwing handler with an empty 500 and continue', async () => {
    const host = await start({ appDirectory });
    const response = await host.get('/api/fails');
    expect([response.status, await response.text()]).toEqual([500, '']);
    expect(host.logged('error').join()).toContain('it went wrong');
    expect((await host.get('/api/echo')).status).toBe(200);
  });

  test('write cookies as the real host does', async () => {
    const host = await start({ appDirectory });
    const response = await host.get('/api/cookies');
    expect([response.status, response.headers.getSetCookie()]).toEqual([201, ['a=x%20y; path=/; secure']]);
  });

  test('give the app the time of the host’s clock', async () => {
    const at = Date.UTC(2031, 4, 6);
    const host = await start({ appDirectory, clock: virtualClock(at) });
    expect(await (await host.get('/api/clock')).json()).toBe(at);
  });

  test('reject invalid requests without affecting others', async () => {
    const host = await start({ appDirectory });
    const running = host.get('/api/slow?ms=200&id=other');
    expect(await converse(host.url, 'AMQP\0\u0001\0\0')).toMatch(/^HTTP\/1\.1 40[04] /);
    expect(await converse(host.url, 'GET /api/echo HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await converse(host.url, 'GET / HTTP/1.1\r\nHost: x\r\nnot a header\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 /,
    );
    expect(
      await converse(host.url, 'POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 104857601\r\n\r\n'),
    ).toMatch(/^HTTP\/1\.1 500 /);
    expect(await (await running).text()).toBe('slow');
  });

  test('let a handler end whose caller has disconnected, even in the middle of its body', async () => {
    const host = await start({ appDirectory });
    await expect(host.get('/api/slow?ms=150&id=left', { signal: AbortSignal.timeout(50) })).rejects.toThrow();
    const { hostname, port } = new URL(host.url);
    const socket = connect(Number(port), hostname);
    socket.end('POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf');
    let ended: string[] = [];
    for (let i = 0; i < 100 && ended.length === 0; i++) {
      ({ ended } = (await (await host.get('/api/count')).json()) as { ended: string[] });
      await sleep(10);
    }
    expect(ended).toEqual(['left']);
  });
});

describe('HTTP streaming', () => {
  test('passes a body on as it arrives', async () => {
    const host = await start({ appDirectory, settings: { STREAM: '1' } });
    const response = await host.get('/api/pieces');
    const pieces: string[] = [];
    for await (const piece of response.body ?? []) pieces.push(Buffer.from(piece as Uint8Array).toString());
    expect(pieces).toEqual(['a', 'b', 'c']);
  });

  /** Recorded on a real host: its proxy times out after 240 s. Played in full by `npm run conformance`. */
  test('leaves the caller of a failed handler without a response, but not if the process ends', async () => {
    const host = await start({ appDirectory, settings: { STREAM: '1' } });
    const left = new AbortController();
    const failing = host.get('/api/fails', { signal: left.signal }).then(
      () => 'answered',
      () => 'left',
    );
    await expect.poll(() => host.events.some(({ kind }) => kind === 'invocation-ended')).toBe(true);
    for (let i = 0; i < 10; i++)
      expect((await host.get('/api/echo', { method: 'POST', body: 'x' })).status).toBe(200);
    left.abort();
    expect(await failing).toBe('left');
    expect((await host.get('/api/exit?code=1')).status).toBe(500);
  });

  test('adds the members of a JSON body and of the query to the parameters', async () => {
    const host = await start({ appDirectory, settings: { STREAM: '1' } });
    const body = JSON.stringify({ a: 1, b: true, c: 'text', d: null, e: [1], f: { g: 1 }, q: 'body' });
    const answer = await host.get('/api/echo?q=query&code=secret', { method: 'POST', body });
    const { params, body: echoed } = (await answer.json()) as { params: unknown; body: string };
    expect(params).toEqual({ a: '1', b: 'True', c: 'text', q: 'query' });
    expect(echoed).toBe(body);
  });

  test('ends the handler of a request whose body never ends', async () => {
    const host = await start({ appDirectory, settings: { STREAM: '1' } });
    const { hostname, port } = new URL(host.url);
    const socket = connect(Number(port), hostname);
    socket.write('POST /api/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n');
    const kinds = (): string[] =>
      host.events.flatMap(({ kind }) => (kind.startsWith('invocation') ? [kind] : []));
    await expect.poll(kinds).toEqual(['invocation-started']);
    await sleep(50); // so that the app has started to read
    socket.resetAndDestroy();
    await expect.poll(kinds).toEqual(['invocation-started', 'invocation-ended']);
    expect((await host.get('/api/echo', { method: 'POST', body: 'x' })).status).toBe(200);
  });
});
