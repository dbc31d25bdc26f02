import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { start, toyApp, writeApp } from './app.js';

const appDirectory = toyApp('functions-http');

describe('stopping the host', () => {
  test('refuses new calls, lets running ones end, and runs the appTerminate hooks', async () => {
    const host = await start({
      appDirectory: writeApp({
        'index.js': `
          import { setTimeout as sleep } from 'node:timers/promises';
          import { app } from '@azure/functions';
          app.http('slow', { handler: async () => { await sleep(300); return { body: 'done' }; } });
          app.hook.appTerminate(() => console.log('told to end'));`,
      }),
    });
    const running = host.get('/api/slow');
    await expect.poll(() => host.events.some(({ kind }) => kind === 'invocation-started')).toBe(true);
    const stopped = host.stop();
    await expect(host.get('/api/slow')).rejects.toThrow();
    expect(await (await running).text()).toBe('done');
    await stopped;
    expect(host.logged()).toContain('told to end');
  });

  test('leaves the durable client to running calls', async () => {
    const host = await start({
      appDirectory: writeApp({
        'index.js': `
          import { setTimeout as sleep } from 'node:timers/promises';
          import { app } from '@azure/functions';
          import * as df from 'durable-functions';
          df.app.orchestration('quick', function* () {});
          app.http('slow', {
            extraInputs: [df.input.durableClient()],
            handler: async (_, context) => {
              await sleep(300);
              return { body: await df.getClient(context).startNew('quick', { instanceId: 'late' }) };
            },
          });`,
      }),
    });
    const running = host.get('/api/slow');
    await expect.poll(() => host.events.some(({ kind }) => kind === 'invocation-started')).toBe(true);
    await host.stop();
    const answer = await running;
    expect([answer.status, await answer.text()]).toEqual([200, 'late']);
  });

  test('ends although a client keeps its connection', async () => {
    const host = await start({ appDirectory });
    const { hostname, port } = new URL(host.url);
    const client = connect(Number(port), hostname);
    onTestFinished(() => void client.destroy());
    client.write(`GET / HTTP/1.1\r\nHost: ${hostname}\r\nConnection: keep-alive\r\n\r\n`);
    await once(client, 'data');
    await host.stop();
  });

  test('is waited for by each caller', async () => {
    const directory = writeApp({
      'index.js': `
        import { app } from '@azure/functions';
        app.hook.appTerminate(() => new Promise((resolve) => setTimeout(resolve, 200)));`,
    });
    const dataDirectory = join(directory, 'data');
    const first = await start({ appDirectory: directory, dataDirectory });
    void first.stop();
    await first.stop();
    await start({ appDirectory: directory, dataDirectory });
  });

  test('frees the port for the next host', async () => {
    const first = await start({ appDirectory });
    const port = Number(new URL(first.url).port);
    await first.stop();
    const second = await start({ appDirectory, port });
    expect((await second.get('/api/echo')).status).toBe(200);
  });
});

test('a call that arrived before the app failed to load is answered, and does not delay the stop', async () => {
  const port = await freePort();
  const starting = start({
    port,
    appDirectory: writeApp({
      'index.js': `
        await new Promise((resolve) => setTimeout(resolve, 200));
        process.exit(7);`,
    }),
  });
  const refused = expect(starting).rejects.toMatchObject({ code: 'app-failed' });
  let early: Response | undefined;
  while (early === undefined)
    early = await fetch(`http://127.0.0.1:${port}/api/early`).catch(() => undefined);
  expect(early.status).toBe(503);
  await refused;
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('a port in use is refused with its number', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const starting = start({ appDirectory, port });
  await expect(starting).rejects.toMatchObject({
    code: 'port-in-use',
    message: expect.stringContaining(String(port)),
  });
  server.close();
});
