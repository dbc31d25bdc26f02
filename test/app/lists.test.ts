/** With any number of handled incidents, a page reads little, and the list of pending requests reads no ended instances. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { InvocationContext } from '@azure/functions';
import { type Host, startHost, virtualClock } from 'functions-emulator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { queryInstances } from '../../src/app/instance-pages.ts';
import { repository } from '../rules/repository.js';

const ENDED = 2000;
const RUNNING = 45;
const MOST_BYTES = 100_000;

let host: Host;
let proxy: Server;
/** The size in bytes of each management API response. */
let read: number[] = [];

const idOf = (n: number) => `incident-${n.toString(16).padStart(40, '0')}`;

beforeAll(async () => {
  host = await startHost({
    appDirectory: repository('test/app/many-incidents'),
    port: 0,
    serviceBusPort: 0,
    clock: virtualClock(Date.parse('2026-03-10T08:12:00Z')),
    settings: {},
    onEvent: () => undefined,
  });
  const post = (path: string, body: unknown) =>
    fetch(`${host.url}/runtime/webhooks/durabletask/${path}&code=${host.keys.system}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  for (let n = 0; n < ENDED + RUNNING; n += 50) {
    await Promise.all(
      Array.from({ length: Math.min(50, ENDED + RUNNING - n) }, (_, i) =>
        post(`orchestrators/handleIncident/${idOf(n + i)}?x=1`, {
          waits: n + i >= ENDED,
          bulk: 'x'.repeat(5_000),
        }),
      ),
    );
  }
  for (let n = 0; n < 40; n++) await post(`entities/case/${idOf(n)}.1?op=keep`, 'x'.repeat(20_000));
  proxy = createServer(async (request, response) => {
    const answer = await fetch(
      `${host.url}/runtime/webhooks/durabletask${request.url}&code=${host.keys.system}`,
      { headers: { 'x-ms-continuation-token': String(request.headers['x-ms-continuation-token'] ?? '') } },
    );
    const body = Buffer.from(await answer.arrayBuffer());
    read.push(body.byteLength);
    const token = answer.headers.get('x-ms-continuation-token');
    response.writeHead(answer.status, {
      'content-type': 'application/json',
      ...(token === null ? {} : { 'x-ms-continuation-token': token }),
    });
    response.end(body);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => proxy.once('listening', resolve));
}, 120_000);
afterAll(async () => {
  proxy.close();
  await host.stop();
});

/** The app's own query, with its response bytes counted. */
function context(): InvocationContext {
  const input = { type: 'durableClient', name: 'client' };
  const { port } = proxy.address() as AddressInfo;
  const data = {
    rpcBaseUrl: `http://127.0.0.1:${port}/`,
    managementUrls: { id: 'INSTANCEID', statusQueryGetUri: 'http://127.0.0.1:9/' },
  };
  return {
    options: { extraInputs: [input] },
    extraInputs: { get: () => data },
  } as unknown as InvocationContext;
}
async function all(statuses: readonly string[], more = {}) {
  read = [];
  const found: { instanceId: string; runtimeStatus: unknown; input?: unknown }[] = [];
  let continuation: string | undefined;
  do {
    const page = await queryInstances(context(), { prefix: 'incident-', statuses, continuation, ...more });
    found.push(...page.statuses);
    ({ continuation } = page);
  } while (continuation !== undefined);
  return found;
}

it('reads all of thousands once, at most 100 kB at a time, without entities and without inputs', async () => {
  const found = await all(['Completed', 'Running']);
  expect(new Set(found.map(({ instanceId }) => instanceId)).size).toBe(ENDED + RUNNING);
  expect(found).toHaveLength(ENDED + RUNNING);
  expect(found.every(({ instanceId }) => instanceId.startsWith('incident-'))).toBe(true);
  expect(found.every(({ input }) => input === null)).toBe(true);
  expect(read.length).toBeGreaterThan(60);
  expect(Math.max(...read)).toBeLessThan(MOST_BYTES);
}, 60_000);

it('reads nothing of what has ended for what is being handled', async () => {
  const found = await all(['Running', 'Pending', 'Suspended']);
  expect(found).toHaveLength(RUNNING);
  expect(found.every(({ runtimeStatus }) => runtimeStatus === 'Running')).toBe(true);
  expect(read.length).toBe(2);
  expect(Math.max(...read)).toBeLessThan(MOST_BYTES);
});

it('reads nothing of another time', async () => {
  const now = Date.parse('2026-03-10T08:12:00Z');
  expect(await all(['Completed'], { createdTo: now - 86_400_000 })).toEqual([]);
  expect(Math.max(...read)).toBeLessThan(1_000);
});
