import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Host, startHost, virtualClock } from 'functions-emulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** A relative path, as people write it. */
const appDirectory = relative(process.cwd(), fileURLToPath(new URL('./apps/quick-start', import.meta.url)));

interface Status {
  runtimeStatus: string;
  output: unknown;
}

describe('an app written for Azure runs unchanged', () => {
  let host: Host;
  beforeAll(async () => {
    host = await startHost({
      appDirectory,
      port: 0,
      serviceBusPort: 0,
      clock: virtualClock(Date.UTC(2026, 2, 10)),
    });
  });
  afterAll(() => host.stop());

  async function finished(statusUrl: string): Promise<Status> {
    for (;;) {
      const response = await fetch(statusUrl);
      const status = (await response.json()) as Status;
      if (response.status !== 202) return status;
      await host.idle();
    }
  }
  async function run(name: string, input: unknown): Promise<Status> {
    const url = `${host.url}/runtime/webhooks/durabletask/orchestrators/${name}?code=${host.keys.system}`;
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(input) });
    expect(response.status).toBe(202);
    const { statusQueryGetUri } = (await response.json()) as { statusQueryGetUri: string };
    return finished(statusQueryGetUri);
  }

  it('has a start page at /, as on the real host', async () => {
    const response = await fetch(host.url, { redirect: 'manual' });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html']);
  });

  it('starts by HTTP, returns the management URLs, and says hello three times', async () => {
    const response = await fetch(`${host.url}/api/orchestrators/helloOrchestrator`, { method: 'POST' });
    expect(response.status).toBe(202);
    const uris = (await response.json()) as Record<string, string>;
    expect(Object.keys(uris)).toEqual(
      expect.arrayContaining([
        'id',
        'statusQueryGetUri',
        'sendEventPostUri',
        'terminatePostUri',
        'purgeHistoryDeleteUri',
      ]),
    );
    expect(response.headers.get('location')).toContain(`/instances/${uris.id}`);
    const status = await finished(uris.statusQueryGetUri ?? '');
    expect(status).toMatchObject({
      runtimeStatus: 'Completed',
      output: ['Hello, Tokyo', 'Hello, Seattle', 'Hello, Cairo'],
    });
  });

  it('chains activities', async () => {
    expect(await run('chaining', {})).toMatchObject({ runtimeStatus: 'Completed', output: { n: 40 } });
  });

  it('fans out and in', async () => {
    expect(await run('fanOut', { count: 20 })).toMatchObject({ runtimeStatus: 'Completed', output: 2470 });
  });

  it('polls with exponential back-off on durable timers, and minutes pass in virtual time only', async () => {
    const before = host.clock.now();
    const status = await run('monitor', { finalAfter: 7 });
    expect(status.output).toEqual({ waits: [5, 10, 20, 40, 80, 120], polls: 7 });
    expect(host.clock.now() - before).toBeGreaterThanOrEqual(275_000);
  });
});

it('/ leads to the page of the app, where its owner says so', async () => {
  const clock = virtualClock(Date.UTC(2026, 2, 10));
  const host = await startHost({
    appDirectory,
    port: 0,
    serviceBusPort: 0,
    clock,
    redirectRootTo: '/api/page',
  });
  const root = await fetch(host.url, { redirect: 'manual' });
  expect([root.status, root.headers.get('location')]).toEqual([302, '/api/page']);
  expect((await fetch(`${host.url}/other`, { redirect: 'manual' })).status).toBe(404);
  await host.stop();
});
