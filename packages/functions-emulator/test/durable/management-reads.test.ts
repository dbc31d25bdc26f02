/** Queries of the management API for instances and entities. */

import { virtualClock } from 'functions-emulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Status, startToy, type Toy } from './toy-host.js';

const HOUR = 3_600_000;
const BEGIN = Date.UTC(2026, 0, 1);

let toy: Toy;
beforeAll(async () => {
  toy = await startToy({ clock: virtualClock(BEGIN) });
});
afterAll(() => toy.host.stop());

describe('status', () => {
  test('is 202 while the instance runs, 200 when it has ended, 404 if there is none', async () => {
    await toy.start('steps', 'looked-at', { n: 1 });
    await toy.at('looked-at', 'one');
    const running = await toy.call('GET', '/instances/looked-at');
    expect([running.status, running.headers.get('retry-after')]).toEqual([202, '5']);
    expect(running.body).toEqual({
      name: 'steps',
      instanceId: 'looked-at',
      runtimeStatus: 'Running',
      input: { n: 1 },
      customStatus: 'one',
      output: null,
      createdTime: expect.stringMatching(/^2026-01-01T\d\d:\d\d:\d\dZ$/),
      lastUpdatedTime: expect.stringMatching(/^2026-01-01T\d\d:\d\d:\d\dZ$/),
    });
    await toy.raise('looked-at', 'go', 1);
    await toy.done('looked-at');
    expect(await toy.statusOf('GET', '/instances/looked-at')).toBe(200);
    expect(await toy.statusOf('GET', '/instances/nobody')).toBe(404);
  });

  test('shows the input by default, the history on request, and its results on request', async () => {
    await toy.start('chain', 'shown', { n: 1 });
    await toy.done('shown');
    const shown = async (query: string): Promise<Status & { input: unknown }> =>
      (await toy.call('GET', `/instances/shown${query}`)).body as Status & { input: unknown };
    expect((await shown('?showInput=false')).input).toBeNull();
    expect((await shown('')).historyEvents).toBeUndefined();
    const brief = (await shown('?showHistory=true')).historyEvents;
    expect(brief?.map(({ EventType, FunctionName }) => [EventType, FunctionName])).toEqual([
      ['ExecutionStarted', 'chain'],
      ['TaskCompleted', 'echo'],
      ['TaskCompleted', 'echo'],
      ['ExecutionCompleted', undefined],
    ]);
    expect(brief?.every((event) => event.Result === undefined)).toBe(true);
    const whole = (await shown('?showHistory=true&showHistoryOutput=true')).historyEvents;
    expect(whole?.map(({ Result }) => Result)).toEqual([
      undefined,
      { step: 1 },
      { step: 2, after: 1 },
      { step: 2, after: 1 },
    ]);
  });

  test('of a failed instance is 500 if requested', async () => {
    await toy.start('callsThrowing', 'failed', { message: 'no' });
    await toy.done('failed');
    expect(await toy.statusOf('GET', '/instances/failed')).toBe(200);
    expect(await toy.statusOf('GET', '/instances/failed?returnInternalServerErrorOnFailure=true')).toBe(500);
  });
});

describe('the list of instances', () => {
  const ids = (body: unknown): string[] => (body as Status[]).map(({ instanceId }) => instanceId);
  const list = async (query: string): Promise<string[]> =>
    ids((await toy.call('GET', `/instances?instanceIdPrefix=listed-${query}`)).body);

  test('is filtered by id prefix, status and time, and paged', async () => {
    for (const n of [1, 2, 3]) await toy.start('fanOut', `listed-${n}`);
    for (const n of [1, 2, 3]) await toy.done(`listed-${n}`);
    await toy.start('waitsFor', 'listed-pause', { ms: HOUR });
    await toy.done('listed-pause');
    const middle = new Date(toy.host.clock.now()).toISOString();
    await toy.start('steps', 'listed-4');
    await toy.at('listed-4', 'one');

    expect(await list('')).toEqual(['listed-1', 'listed-2', 'listed-3', 'listed-4', 'listed-pause']);
    expect(await list('&runtimeStatus=Running')).toEqual(['listed-4']);
    expect(await list('&runtimeStatus=Completed,Running&top=2')).toEqual(['listed-1', 'listed-2']);
    expect(await list(`&createdTimeFrom=${middle}`)).toEqual(['listed-4']);
    expect(await list(`&createdTimeTo=${new Date(BEGIN - 1).toISOString()}`)).toEqual([]);
    expect(
      (await toy.call('GET', '/instances?instanceIdPrefix=listed-1&showInput=false')).body,
    ).toMatchObject([{ input: null }]);

    const seen: string[] = [];
    let token: string | undefined;
    do {
      const response = await fetch(
        `${toy.host.url}/runtime/webhooks/durabletask/instances?instanceIdPrefix=listed-&top=2`,
        { headers: token === undefined ? {} : { 'x-ms-continuation-token': token } },
      );
      const page = ids(await response.json());
      expect(page.length).toBeLessThanOrEqual(2);
      seen.push(...page);
      token = response.headers.get('x-ms-continuation-token') ?? undefined;
    } while (token !== undefined);
    expect(seen).toEqual(['listed-1', 'listed-2', 'listed-3', 'listed-4', 'listed-pause']);
  });
});

describe('entities', () => {
  test('are signalled, read and deleted', async () => {
    expect(await toy.statusOf('GET', '/entities/ledger/a')).toBe(404);
    expect(await toy.statusOf('POST', '/entities/ledger/a?op=put', { n: 1 })).toBe(202);
    await toy.host.idle();
    expect((await toy.call('GET', '/entities/LEDGER/a')).body).toEqual([{ n: 1 }]);
    const entity = `${toy.host.url}/runtime/webhooks/durabletask/entities/ledger/a`;
    expect((await fetch(entity, { method: 'DELETE' })).status).toBe(202);
    await toy.host.idle();
    expect(await toy.statusOf('GET', '/entities/ledger/a')).toBe(404);
    const unknown = await toy.call('POST', '/entities/nobody/a?op=put', 1);
    expect([unknown.status, unknown.body]).toEqual([
      400,
      { Message: expect.stringContaining("The function 'nobody' doesn't exist") },
    ]);
  });

  test('are listed, all or those of one name, with their states on request', async () => {
    await toy.call('POST', '/entities/counter/l1?op=add', 5);
    await toy.call('POST', '/entities/ledger/l2?op=put', 'x');
    await toy.host.idle();
    const list = async (path: string): Promise<unknown> => (await toy.call('GET', path)).body;
    expect(await list('/entities')).toMatchObject([
      { entityId: { name: 'counter', key: 'l1' }, state: null },
      { entityId: { name: 'ledger', key: 'l2' }, state: null },
    ]);
    expect(await list('/entities/counter?fetchState=true')).toMatchObject([
      { entityId: { key: 'l1' }, state: 5 },
    ]);
    const page = await toy.call('GET', '/entities?top=1');
    expect([(page.body as unknown[]).length, page.headers.get('x-ms-continuation-token')]).toEqual([
      1,
      expect.any(String),
    ]);
  });
});
