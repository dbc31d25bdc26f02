import { virtualClock } from 'functions-emulator';
import { describe, expect, test } from 'vitest';
import { start, toyApp, writeApp } from './app.js';

const appDirectory = toyApp('functions-events');
const settings = { SPAN: '7.00:00:00' };
const json = { 'content-type': 'application/json' };

describe('the admin API', () => {
  test('reports state and functions', async () => {
    const host = await start({ appDirectory, settings, clock: virtualClock(0) });
    expect(await (await host.get('/admin/host/status')).json()).toMatchObject({ state: 'Running' });
    const list = (await (await host.get('/admin/functions')).json()) as { name: string }[];
    expect(list.map(({ name }) => name)).toEqual([
      'atStart',
      'batch',
      'daily',
      'incident',
      'patient',
      'seen',
      'span',
    ]);
    expect(await (await host.get('/admin/functions/SEEN')).json()).toMatchObject({
      name: 'seen',
      invoke_url_template: `${host.url}/api/seen`,
      config: {
        bindings: [
          { type: 'httpTrigger', methods: ['GET'] },
          { type: 'http', name: '$return' },
        ],
      },
    });
    expect((await host.get('/admin/functions/nobody')).status).toBe(404);
  });

  test('runs a timer or an Event Grid function manually', async () => {
    const host = await start({ appDirectory, settings, clock: virtualClock(0) });
    const run = async (name: string, body: string): Promise<number> =>
      (await host.get(`/admin/functions/${name}`, { method: 'POST', headers: json, body })).status;
    const event = { id: 'by hand', data: {} };
    expect(await run('daily', '{}')).toBe(202);
    expect(await run('incident', JSON.stringify({ input: JSON.stringify(event) }))).toBe(202);
    expect(await run('incident', JSON.stringify({ input: event }))).toBe(400);
    expect(await run('daily', 'nonsense')).toBe(400);
    expect(await run('nobody', '{}')).toBe(404);
    const seen = async (): Promise<unknown[]> => (await (await host.get('/api/seen')).json()) as unknown[];
    await expect
      .poll(seen)
      .toEqual(
        expect.arrayContaining([
          expect.objectContaining({ timer: 'daily' }),
          expect.objectContaining({ id: 'by hand' }),
        ]),
      );
  });

  test('requires the master key, but the ping none', async () => {
    const host = await start({ appDirectory, settings, authOff: false, clock: virtualClock(0) });
    const status = async (path: string, code: string): Promise<number> =>
      (await host.get(`${path}?code=${code}`)).status;
    expect(await status('/admin/host/status', host.keys.master)).toBe(200);
    expect(await status('/admin/host/status', host.keys.function)).toBe(403);
    expect(await status('/admin/functions', 'wrong')).toBe(401);
    expect(await status('/admin/host/ping', '')).toBe(200);
  });

  /** https://learn.microsoft.com/aspnet/core/web-api/advanced/formatting */
  test.each([
    ['text/json', 202],
    ['application/merge-patch+json', 202],
    ['application/json; charset=utf-8', 202],
    ['application/json; charset=iso-8859-1', 415],
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    [undefined, 415],
  ])('answers a body of type %s with %s', async (type, status) => {
    const host = await start({ appDirectory, settings, clock: virtualClock(0) });
    const headers = type === undefined ? {} : { 'content-type': type };
    const body = Buffer.from('{}');
    const answer = await host.get('/admin/functions/daily', { method: 'POST', headers, body });
    expect([answer.status, await answer.text()]).toEqual([status, '']);
  });

  test.each([
    ['PUT', '/admin/host/ping', 404],
    ['POST', '/admin/host/status', 404],
    ['HEAD', '/admin/host/status', 404],
    ['DELETE', '/admin/functions', 404],
    ['GET', '/admin/host/drain/status', 200],
    ['GET', '/admin/host/config', 200],
    ['GET', '/admin/host/processes', 200],
    ['POST', '/admin/host/synctriggers', 500],
    ['PATCH', '/admin/warmup', 200],
  ])('answers %s %s with %i', async (method, path, status) => {
    const host = await start({ appDirectory, settings, clock: virtualClock(0) });
    expect((await host.get(path, { method })).status).toBe(status);
  });

  test('checks the key before it reports whether a function exists', async () => {
    const host = await start({ appDirectory, settings, authOff: false, clock: virtualClock(0) });
    const { master } = host.keys;
    for (const path of [
      '/admin/functions/nobody',
      '/admin/functions/nobody/status',
      '/admin/functions/nobody/keys',
    ]) {
      expect((await host.get(path)).status, path).toBe(401);
      expect((await host.get(`${path}?code=${master}`)).status, path).toBe(404);
    }
    expect((await host.get('/admin/nobody')).status).toBe(404);
  });

  test('shows the options of host.json over the defaults', async () => {
    const hostJson = {
      version: '2.0',
      extensions: {
        http: { routePrefix: 'v1', maxConcurrentRequests: 7 },
        durableTask: { hubName: 'Mine', tracing: { version: 2 } },
      },
    };
    const host = await start({
      appDirectory: writeApp({ 'index.js': '', 'host.json': JSON.stringify(hostJson) }),
    });
    const answer = await host.get('/admin/host/config');
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await answer.json()).toMatchObject({
      extensions: {
        http: { routePrefix: 'v1', maxConcurrentRequests: 7, maxOutstandingRequests: -1 },
        durableTask: {
          hubName: 'Mine',
          useAppLease: true,
          tracing: { version: 2, traceReplayEvents: false },
        },
      },
    });
  });

  test('creates, shows, renews and deletes keys, which work at once', async () => {
    const host = await start({ appDirectory, settings, authOff: false, clock: virtualClock(0) });
    let master = host.keys.master;
    const call = async (method: string, path: string, value?: unknown): Promise<[number, unknown]> => {
      const answer = await host.get(path, {
        method,
        headers: { 'x-functions-key': master, ...json },
        ...(value === undefined ? {} : { body: JSON.stringify(value) }),
      });
      const text = await answer.text();
      return [answer.status, text.startsWith('{') ? JSON.parse(text) : text];
    };
    const path = '/admin/host/functionkeys/mine';
    const links = [{ rel: 'self', href: host.url + path }];
    expect(await call('PUT', path, { name: 'mine', value: 'first' })).toEqual([
      201,
      { name: 'mine', value: 'first', links },
    ]);
    expect(await call('PUT', path, { value: 'second' })).toEqual([
      200,
      { name: 'mine', value: 'second', links },
    ]);
    expect(await call('GET', path)).toEqual([200, { name: 'mine', value: 'second', links }]);
    expect((await call('POST', path))[0]).toBe(200);
    expect(((await call('GET', path))[1] as { value: string }).value).toMatch(/^[\w-]{40,}$/);
    expect(await call('PUT', path, { name: 'mine' })).toEqual([400, 'Invalid key value']);
    expect(await call('DELETE', path)).toEqual([204, '']);
    expect(await call('DELETE', path)).toEqual([404, '']);
    expect(await call('DELETE', '/admin/host/systemkeys/_master')).toEqual([
      400,
      'Cannot delete System Key.',
    ]);
    expect(await call('PUT', '/admin/functions/nobody/keys/k', { value: 'v' })).toEqual([404, '']);

    expect(await call('PUT', '/admin/functions/seen/keys/own', { value: 'of-seen' })).toMatchObject([
      201,
      {},
    ]);
    expect(await call('GET', '/admin/functions/seen/keys/own')).toMatchObject([200, { value: 'of-seen' }]);

    expect(await call('PUT', '/admin/host/systemkeys/_master', { value: 'new-master' })).toMatchObject([
      200,
      {},
    ]);
    expect((await call('GET', '/admin/host/status'))[0]).toBe(401);
    master = 'new-master';
    expect((await call('GET', '/admin/host/status'))[0]).toBe(200);
  });
});
