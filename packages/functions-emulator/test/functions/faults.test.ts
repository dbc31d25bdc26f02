import { describe, expect, test } from 'vitest';
import { type Started, start, toyApp, writeApp } from './app.js';

const appDirectory = toyApp('functions-http');

async function calls(host: Started): Promise<number> {
  return ((await (await host.get('/api/count')).json()) as { calls: number }).calls;
}

describe('when the app’s process ends', () => {
  test.each([
    ['/api/exit?code=3', 'exit code 3'],
    ['/api/frozen', 'Cannot redefine property: message'],
    ['/api/reject', 'nobody awaits me'],
    ['/api/uncaught', 'nobody catches me'],
  ])('by %s, all calls in it fail at once, and later ones run in a new process', async (path, said) => {
    const host = await start({ appDirectory });
    expect(await calls(host)).toBe(1);
    const other = host.get('/api/slow?ms=4000&id=other');
    const dying = host.get(path);
    expect([(await dying).status, (await other).status]).toEqual([500, 500]);
    expect(await calls(host)).toBe(1);
    expect(host.logged('error').join()).toContain(said);
  });

  test('with exit code 0 is not detected: in-flight and later calls wait, and the host logs it', async () => {
    const host = await start({ appDirectory });
    const under = new AbortController();
    const ends: string[] = [];
    const call = (path: string): void =>
      void host.get(path, { signal: under.signal }).then(
        () => ends.push(path),
        () => {},
      );
    call('/api/slow?ms=300&id=other');
    call('/api/exit?code=0');
    await expect.poll(() => host.logged('error').join()).toContain('not detected');
    call('/api/count');
    for (let i = 0; i < 20; i++) expect((await host.get('/admin/host/status')).status).toBe(200);
    expect(ends).toEqual([]);
    under.abort();
  });

  test('with streamed requests in flight, later ones go to the new process', async () => {
    const host = await start({ appDirectory, settings: { STREAM: '1' } });
    expect(await calls(host)).toBe(1);
    expect((await host.get('/api/exit?code=1')).status).toBe(500);
    // The order of two concurrent requests is not defined.
    expect((await Promise.all([calls(host), calls(host)])).sort()).toEqual([1, 2]);
  });

  test('three times, the host fails and closes its port', async () => {
    const host = await start({ appDirectory });
    for (let i = 0; i < 3; i++) expect((await host.get('/api/exit?code=1')).status).toBe(500);
    await expect
      .poll(() =>
        host.get('/api/count').then(
          () => 'open',
          () => 'closed',
        ),
      )
      .toBe('closed');
    expect(host.logged('critical').join()).toContain('Exceeded language worker restart retry count');
  });

  test('while it is being loaded, it is loaded again', async () => {
    const host = await start({
      appDirectory: writeApp({
        'index.js': `
          import { existsSync, writeFileSync } from 'node:fs';
          import { app } from '@azure/functions';
          const been = new URL('been-here', import.meta.url);
          if (!existsSync(been)) { writeFileSync(been, ''); process.exit(1); }
          app.http('up', { handler: async () => ({ body: 'up' }) });`,
      }),
    });
    expect(await (await host.get('/api/up')).text()).toBe('up');
  });
});

describe('functionTimeout', () => {
  const slowApp = (handler: string): string =>
    writeApp({
      'host.json': JSON.stringify({ version: '2.0', functionTimeout: '00:00:01' }),
      'index.js': `
        import { setTimeout as sleep } from 'node:timers/promises';
        import { app } from '@azure/functions';
        let calls = 0;
        app.http('hangs', { handler: async () => { ${handler} } });
        app.http('slow', { handler: async () => { await sleep(900); return { body: 'slow' }; } });
        app.http('count', { handler: async () => ({ jsonBody: { calls: ++calls } }) });`,
    });

  test('fails the call that takes too long, lets the others end, and replaces the app’s process', async () => {
    const host = await start({ appDirectory: slowApp('await sleep(60000);') });
    expect(await calls(host)).toBe(1);
    const hanging = host.get('/api/hangs');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const other = host.get('/api/slow');
    expect([(await hanging).status, await (await other).text()]).toEqual([500, 'slow']);
    expect(await calls(host)).toBe(1);
    expect(host.logged('error').join()).toContain(
      'Timeout value of 00:00:01 was exceeded by function: Functions.hangs',
    );
  });

  test('also ends a handler that blocks the thread', async () => {
    const host = await start({ appDirectory: slowApp('for (;;);') });
    expect(await calls(host)).toBe(1);
    expect((await host.get('/api/hangs')).status).toBe(500);
    expect(await calls(host)).toBe(1);
  });
});
