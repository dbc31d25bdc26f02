import { describe, expect, test } from 'vitest';
import { type Started, start, writeApp } from './app.js';

const app = `
  import { app } from '@azure/functions';
  const waiting = [];
  let most = 0;
  let running = 0;
  app.http('wait', { handler: async (request) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => waiting.push(resolve));
    running--;
    return { body: request.query.get('id') };
  } });
  // Through the admin API, which is not limited.
  app.timer('release', { schedule: '0 0 5 1 1 *', handler: async () => { waiting.splice(0).forEach((go) => go()); } });
  app.http('most', { handler: async () => ({ body: String(most) }) });
`;

async function startWith(http: object): Promise<Started> {
  const hostJson = JSON.stringify({ version: '2.0', extensions: { http } });
  return start({ appDirectory: writeApp({ 'index.js': app, 'host.json': hostJson }) });
}
const release = async (host: Started): Promise<void> => {
  const headers = { 'content-type': 'application/json' };
  await host.get('/admin/functions/release', { method: 'POST', headers, body: '{}' });
};
/** The response; undefined for a request that is not rejected and waits in the queue. */
const orWaits = (host: Started, path: string): Promise<Response | undefined> =>
  host.get(path, { signal: AbortSignal.timeout(10_000) }).catch(() => undefined);
const started = (host: Started): number =>
  host.events.filter((event) => event.kind === 'invocation-started' && event.name === 'wait').length;

/**
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook#hostjson-settings and
 * https://github.com/Azure/azure-functions-host/blob/v4.1037.0/src/WebJobs.Script.WebHost/Middleware/HttpThrottleMiddleware.cs
 */
describe('HTTP requests', () => {
  test('beyond maxOutstandingRequests are answered 429; those within wait for maxConcurrentRequests', async () => {
    const host = await startWith({
      maxConcurrentRequests: 1,
      maxOutstandingRequests: 2,
      customHeaders: { 'x-a': '1' },
    });
    const first = host.get('/api/wait?id=1');
    await expect.poll(() => started(host)).toBe(1);
    const second = host.get('/api/wait?id=2');
    // The rejection shows that the second is in the queue: requests are accepted in order.
    let refused = await orWaits(host, '/api/nobody');
    while (refused !== undefined && refused.status !== 429) refused = await orWaits(host, '/api/nobody');
    expect(refused?.status).toBe(429);
    expect([refused?.headers.get('x-function-scaleout'), refused?.headers.get('x-a')]).toEqual(['1', null]);
    expect(await refused?.text()).toBe('');
    for (const path of [
      '/',
      '/runtime/webhooks/eventgrid?functionName=x',
      '/runtime/webhooks/durabletask/instances',
    ])
      expect((await host.get(path)).status, path).toBe(429);
    expect((await host.get('/admin/host/status')).status).toBe(200);
    expect(started(host)).toBe(1);

    await release(host);
    expect(await (await first).text()).toBe('1');
    await expect.poll(() => started(host)).toBe(2);
    await release(host);
    expect(await (await second).text()).toBe('2');
    expect(await (await host.get('/api/most')).text()).toBe('1');
  });

  test('all run at the same time without limits, or with -1', async () => {
    const host = await startWith({ maxConcurrentRequests: -1, dynamicThrottlesEnabled: true });
    const all = Promise.all(Array.from({ length: 30 }, (_, id) => host.get(`/api/wait?id=${id}`)));
    await expect.poll(() => started(host)).toBe(30);
    await release(host);
    expect((await all).every(({ status }) => status === 200)).toBe(true);
  });

  test('a slot is free again when a handler has failed or its caller has disconnected', async () => {
    const host = await startWith({ maxConcurrentRequests: 1, maxOutstandingRequests: 1 });
    const left = new AbortController();
    const gone = host.get('/api/wait?id=1', { signal: left.signal }).catch(() => 'left');
    await expect.poll(() => started(host)).toBe(1);
    left.abort();
    expect(await gone).toBe('left');
    await release(host);
    await expect.poll(async () => (await host.get('/api/most')).status).toBe(200);
  });
});
