import { describe, expect, test } from 'vitest';
import { virtualClock } from '#host';
import { start, toyApp } from './app.js';

const appDirectory = toyApp('functions-events');
const settings = { SPAN: '7.00:00:00' };

describe('the admin API', () => {
  test('tells state and functions', async () => {
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

  test('runs a timer or an Event Grid function by hand', async () => {
    const host = await start({ appDirectory, settings, clock: virtualClock(0) });
    const run = async (name: string, body: string): Promise<number> =>
      (await host.get(`/admin/functions/${name}`, { method: 'POST', body })).status;
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

  test('opens with the master key only, but the ping with none', async () => {
    const host = await start({ appDirectory, settings, authOff: false, clock: virtualClock(0) });
    const status = async (path: string, code: string): Promise<number> =>
      (await host.get(`${path}?code=${code}`)).status;
    expect(await status('/admin/host/status', host.keys.master)).toBe(200);
    expect(await status('/admin/host/status', host.keys.function)).toBe(403);
    expect(await status('/admin/functions', 'wrong')).toBe(401);
    expect(await status('/admin/host/ping', '')).toBe(200);
  });
});
