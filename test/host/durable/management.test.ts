/** The management API, call by call: C22 of the host's README. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { virtualClock } from '#host';
import { type Status, startToy, type Toy } from './toy-host.js';

const HOUR = 3_600_000;
const BEGIN = Date.UTC(2026, 0, 1);

let toy: Toy;
beforeAll(async () => {
  toy = await startToy({ clock: virtualClock(BEGIN) });
});
afterAll(() => toy.host.stop());

const call = async (
  method: string,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly body: unknown; readonly headers: Headers }> => {
  const response = await toy.send(method, path, body);
  const text = await response.text();
  return {
    status: response.status,
    body: text === '' ? undefined : JSON.parse(text),
    headers: response.headers,
  };
};
const statusOf = async (method: string, path: string, body?: unknown): Promise<number> =>
  (await call(method, path, body)).status;
const at = (id: string, status: unknown): Promise<Status> =>
  toy.until(id, ({ customStatus }) => customStatus === status);

describe('start', () => {
  test('answers 202 with the addresses of the instance, with an id and without', async () => {
    for (const path of ['/orchestrators/fanOut/chosen', '/orchestrators/fanOut']) {
      const { status, body, headers } = await call('POST', path, {});
      const { id, statusQueryGetUri, ...others } = body as Record<string, string>;
      expect(status).toBe(202);
      expect(Object.keys(others).sort()).toEqual([
        'purgeHistoryDeleteUri',
        'restartPostUri',
        'resumePostUri',
        'sendEventPostUri',
        'suspendPostUri',
        'terminatePostUri',
      ]);
      expect([headers.get('location'), headers.get('retry-after')]).toEqual([statusQueryGetUri, '10']);
      expect((await toy.done(id ?? '')).output).toBe(20);
    }
  });

  test('refuses what is no JSON, and fails an orchestrator that does not exist', async () => {
    const response = await fetch(
      `${toy.host.url}/runtime/webhooks/durabletask/orchestrators/chain/nonsense`,
      { method: 'POST', body: '{"half":' },
    );
    expect([response.status, await response.json()]).toEqual([
      400,
      expect.objectContaining({ Message: 'Invalid JSON content' }),
    ]);
    expect(await statusOf('GET', '/instances/nonsense')).toBe(404);
    await toy.start('nowhere', 'nowhere');
    const { runtimeStatus, output } = await toy.done('nowhere');
    expect([runtimeStatus, output]).toEqual(['Failed', expect.stringMatching(/'nowhere' doesn't exist/)]);
  });

  test('that waits answers with the output, or with the addresses when the time is up', async () => {
    const fast = await call('POST', '/orchestrators/waitsFor/in-time?timeout=5&pollingInterval=1', {
      ms: 2000,
    });
    expect([fast.status, fast.body]).toEqual([200, 'over']);
    const slow = await call('POST', '/orchestrators/steps/too-late?timeout=5&pollingInterval=1', {});
    expect([slow.status, (slow.body as { id: string }).id]).toEqual([202, 'too-late']);
    expect(await statusOf('POST', '/orchestrators/steps/wrong?timeout=1&pollingInterval=5', {})).toBe(400);
  });
});

describe('status', () => {
  test('is 202 while the instance runs, 200 when it has ended, 404 if there is none', async () => {
    await toy.start('steps', 'looked-at', { n: 1 });
    await at('looked-at', 'one');
    const running = await call('GET', '/instances/looked-at');
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
    expect(await statusOf('GET', '/instances/looked-at')).toBe(200);
    expect(await statusOf('GET', '/instances/nobody')).toBe(404);
  });

  test('shows the input unless told not to, the history if told to, and its results if told to', async () => {
    await toy.start('chain', 'shown', { n: 1 });
    await toy.done('shown');
    const shown = async (query: string): Promise<Status & { input: unknown }> =>
      (await call('GET', `/instances/shown${query}`)).body as Status & { input: unknown };
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

  test('of a failed instance is 500 for those who ask for it', async () => {
    await toy.start('callsThrowing', 'failed', { message: 'no' });
    await toy.done('failed');
    expect(await statusOf('GET', '/instances/failed')).toBe(200);
    expect(await statusOf('GET', '/instances/failed?returnInternalServerErrorOnFailure=true')).toBe(500);
  });
});

describe('the list of instances', () => {
  const ids = (body: unknown): string[] => (body as Status[]).map(({ instanceId }) => instanceId);
  const list = async (query: string): Promise<string[]> =>
    ids((await call('GET', `/instances?instanceIdPrefix=listed-${query}`)).body);

  test('is filtered by beginning of the id, status and time, and comes in pages', async () => {
    for (const n of [1, 2, 3]) await toy.start('fanOut', `listed-${n}`);
    for (const n of [1, 2, 3]) await toy.done(`listed-${n}`);
    await toy.start('waitsFor', 'listed-pause', { ms: HOUR });
    await toy.done('listed-pause');
    const middle = new Date(toy.host.clock.now()).toISOString();
    await toy.start('steps', 'listed-4');
    await at('listed-4', 'one');

    expect(await list('')).toEqual(['listed-1', 'listed-2', 'listed-3', 'listed-4', 'listed-pause']);
    expect(await list('&runtimeStatus=Running')).toEqual(['listed-4']);
    expect(await list('&runtimeStatus=Completed,Running&top=2')).toEqual(['listed-1', 'listed-2']);
    expect(await list(`&createdTimeFrom=${middle}`)).toEqual(['listed-4']);
    expect(await list(`&createdTimeTo=${new Date(BEGIN - 1).toISOString()}`)).toEqual([]);
    expect((await call('GET', '/instances?instanceIdPrefix=listed-1&showInput=false')).body).toMatchObject([
      { input: null },
    ]);

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

describe('calls to a running instance', () => {
  test.each(['raiseEvent/go', 'terminate', 'suspend', 'resume'])(
    '%s: 404 for an unknown one, 410 for one that has ended',
    async (what) => {
      const id = `ended-${what.slice(0, 4)}`;
      await toy.start('fanOut', id);
      await toy.done(id);
      expect(await statusOf('POST', `/instances/nobody/${what}`, {})).toBe(404);
      expect(await statusOf('POST', `/instances/${id}/${what}`, {})).toBe(410);
    },
  );

  test('an event needs JSON, and whoever waits gets what was sent', async () => {
    await toy.start('steps', 'told');
    await at('told', 'one');
    const raw = (body: string, type: string): Promise<Response> =>
      fetch(`${toy.host.url}/runtime/webhooks/durabletask/instances/told/raiseEvent/go`, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
    expect((await raw('{', 'application/json')).status).toBe(400);
    expect((await raw('1', 'text/plain')).status).toBe(400);
    expect((await raw('{"by":"analyst"}', 'application/json')).status).toBe(202);
    expect((await toy.done('told')).output).toEqual({ event: { by: 'analyst' } });
  });

  test('to suspend twice, or to resume what runs, is refused', async () => {
    await toy.start('steps', 'paused');
    await at('paused', 'one');
    expect(await statusOf('POST', '/instances/paused/resume')).toBe(500);
    expect(await statusOf('POST', '/instances/paused/suspend?reason=a')).toBe(202);
    await toy.until('paused', ({ runtimeStatus }) => runtimeStatus === 'Suspended');
    const twice = await call('POST', '/instances/paused/suspend?reason=b');
    expect([twice.status, twice.body]).toEqual([
      500,
      expect.objectContaining({ ExceptionMessage: expect.stringContaining('is in the Suspended state') }),
    ]);
  });
});

describe('rewind and restart', () => {
  test('only a failed instance can be rewound', async () => {
    await toy.start('fanOut', 'fine');
    await toy.done('fine');
    expect(await statusOf('POST', '/instances/nobody/rewind')).toBe(404);
    const refused = await call('POST', '/instances/fine/rewind?reason=x');
    expect([refused.status, refused.body]).toEqual([412, expect.stringContaining('status Completed')]);
  });

  test('an instance is started again with its input, under its own id or a new one', async () => {
    await toy.start('returnsInput', 'again', { n: 7 });
    const first = await toy.done('again');
    const renewed = await call('POST', '/instances/again/restart');
    const { id } = renewed.body as { id: string };
    expect([renewed.status, id === 'again']).toEqual([202, false]);
    expect((await toy.done(id)).output).toBe(first.output);
    expect(
      (await call('POST', '/instances/again/restart?restartWithNewInstanceId=false')).body,
    ).toMatchObject({ id: 'again' });
    expect((await toy.done('again')).output).toBe('object {"n":7}');
    expect(await statusOf('POST', '/instances/nobody/restart')).toBe(400);
    await toy.start('steps', 'living');
    expect(await statusOf('POST', '/instances/living/restart?restartWithNewInstanceId=false')).toBe(409);
  });
});

describe('purge', () => {
  test('removes an instance that has ended, and its history', async () => {
    await toy.start('fanOut', 'purged');
    await toy.done('purged');
    expect((await call('DELETE', '/instances/purged')).body).toEqual({ instancesDeleted: 1 });
    expect(await statusOf('GET', '/instances/purged')).toBe(404);
    expect(toy.host.exportHistory('purged')).toBeUndefined();
    expect(await statusOf('DELETE', '/instances/purged')).toBe(404);
  });

  test('does not touch an instance that runs', async () => {
    await toy.start('steps', 'needed');
    await at('needed', 'one');
    expect(await statusOf('DELETE', '/instances/needed')).toBe(412);
    await toy.raise('needed', 'go', 1);
    expect((await toy.done('needed')).runtimeStatus).toBe('Completed');
  });

  test('by filter removes what has ended since a time, and needs to be told since when', async () => {
    await toy.start('waitsFor', 'before', { ms: HOUR });
    await toy.done('before');
    const since = new Date(toy.host.clock.now()).toISOString();
    for (const n of [1, 2]) await toy.start('fanOut', `swept-${n}`);
    for (const n of [1, 2]) await toy.done(`swept-${n}`);
    await toy.start('steps', 'unswept');
    await at('unswept', 'one');
    expect(await statusOf('DELETE', '/instances')).toBe(400);
    const path = `/instances?createdTimeFrom=${since}&runtimeStatus=Completed,Running`;
    expect((await call('DELETE', path)).body).toEqual({ instancesDeleted: 2 });
    expect(await statusOf('DELETE', path)).toBe(404);
    expect([
      await statusOf('GET', '/instances/swept-1'),
      await statusOf('GET', '/instances/unswept'),
    ]).toEqual([404, 202]);
    expect(await statusOf('GET', '/instances/before')).toBe(200);
  });
});

describe('entities', () => {
  test('are signalled, read and deleted', async () => {
    expect(await statusOf('GET', '/entities/ledger/a')).toBe(404);
    expect(await statusOf('POST', '/entities/ledger/a?op=put', { n: 1 })).toBe(202);
    await toy.host.idle();
    expect((await call('GET', '/entities/LEDGER/a')).body).toEqual([{ n: 1 }]);
    const entity = `${toy.host.url}/runtime/webhooks/durabletask/entities/ledger/a`;
    expect((await fetch(entity, { method: 'DELETE' })).status).toBe(202);
    await toy.host.idle();
    expect(await statusOf('GET', '/entities/ledger/a')).toBe(404);
    const unknown = await call('POST', '/entities/nobody/a?op=put', 1);
    expect([unknown.status, unknown.body]).toEqual([
      400,
      { Message: expect.stringContaining("The function 'nobody' doesn't exist") },
    ]);
  });

  test('are listed, all or those of one name, with their states if asked for', async () => {
    await call('POST', '/entities/counter/l1?op=add', 5);
    await call('POST', '/entities/ledger/l2?op=put', 'x');
    await toy.host.idle();
    const list = async (path: string): Promise<unknown> => (await call('GET', path)).body;
    expect(await list('/entities')).toMatchObject([
      { entityId: { name: 'counter', key: 'l1' }, state: null },
      { entityId: { name: 'ledger', key: 'l2' }, state: null },
    ]);
    expect(await list('/entities/counter?fetchState=true')).toMatchObject([
      { entityId: { key: 'l1' }, state: 5 },
    ]);
    const page = await call('GET', '/entities?top=1');
    expect([(page.body as unknown[]).length, page.headers.get('x-ms-continuation-token')]).toEqual([
      1,
      expect.any(String),
    ]);
  });
});

describe('a stranger', () => {
  test('is refused without the key of the extension', async () => {
    const guarded = await startToy({ clock: virtualClock(BEGIN), authOff: false });
    const { system, master, function: functionKey } = guarded.host.keys;
    const start = async (id: string, code: string): Promise<number> =>
      (await guarded.send('POST', `/orchestrators/fanOut/${id}?code=${code}`, {})).status;
    expect([await start('none', ''), await start('wrong', 'd3Jvbmc=')]).toEqual([401, 401]);
    expect(await start('weak', functionKey)).toBe(403);
    expect([await start('system', system), await start('master', master)]).toEqual([202, 202]);
    const known = await guarded.send('GET', `/instances?code=${system}`);
    expect(((await known.json()) as Status[]).map(({ instanceId }) => instanceId)).toEqual([
      'master',
      'system',
    ]);
    await guarded.host.stop();
  });
});
