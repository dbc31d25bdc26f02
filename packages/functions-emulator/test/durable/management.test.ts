/** The management API, call by call. */

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

describe('start', () => {
  test('responds with 202 and the URLs of the instance, with an id and without', async () => {
    for (const path of ['/orchestrators/fanOut/chosen', '/orchestrators/fanOut']) {
      const { status, body, headers } = await toy.call('POST', path, {});
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

  test('rejects invalid JSON, and fails an unknown orchestrator', async () => {
    const response = await fetch(
      `${toy.host.url}/runtime/webhooks/durabletask/orchestrators/chain/nonsense`,
      { method: 'POST', body: '{"half":' },
    );
    expect([response.status, await response.json()]).toEqual([
      400,
      expect.objectContaining({ Message: 'Invalid JSON content' }),
    ]);
    expect(await toy.statusOf('GET', '/instances/nonsense')).toBe(404);
    await toy.start('nowhere', 'nowhere');
    const { runtimeStatus, output } = await toy.done('nowhere');
    expect([runtimeStatus, output]).toEqual(['Failed', expect.stringMatching(/'nowhere' doesn't exist/)]);
  });

  test('with a timeout returns the output, or the URLs when the time is over', async () => {
    const fast = await toy.call('POST', '/orchestrators/waitsFor/in-time?timeout=5&pollingInterval=1', {
      ms: 2000,
    });
    expect([fast.status, fast.body]).toEqual([200, 'over']);
    const slow = await toy.call('POST', '/orchestrators/steps/too-late?timeout=5&pollingInterval=1', {});
    expect([slow.status, (slow.body as { id: string }).id]).toEqual([202, 'too-late']);
    expect(await toy.statusOf('POST', '/orchestrators/steps/wrong?timeout=1&pollingInterval=5', {})).toBe(
      400,
    );
  });
});

describe('calls to a running instance', () => {
  test.each(['raiseEvent/go', 'terminate', 'suspend', 'resume'])(
    '%s: 404 for an unknown instance, 410 for an ended one',
    async (what) => {
      const id = `ended-${what.slice(0, 4)}`;
      await toy.start('fanOut', id);
      await toy.done(id);
      expect(await toy.statusOf('POST', `/instances/nobody/${what}`, {})).toBe(404);
      expect(await toy.statusOf('POST', `/instances/${id}/${what}`, {})).toBe(410);
    },
  );

  test('an event needs JSON, and the waiting orchestrator gets its content', async () => {
    await toy.start('steps', 'told');
    await toy.at('told', 'one');
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

  test('suspending twice, or resuming a running instance, is rejected', async () => {
    await toy.start('steps', 'paused');
    await toy.at('paused', 'one');
    expect(await toy.statusOf('POST', '/instances/paused/resume')).toBe(500);
    expect(await toy.statusOf('POST', '/instances/paused/suspend?reason=a')).toBe(202);
    await toy.until('paused', ({ runtimeStatus }) => runtimeStatus === 'Suspended');
    const twice = await toy.call('POST', '/instances/paused/suspend?reason=b');
    expect([twice.status, twice.body]).toEqual([
      500,
      expect.objectContaining({ ExceptionMessage: expect.stringContaining('is in the Suspended state') }),
    ]);
    const warnings = toy.events.flatMap((event) =>
      event.kind === 'log' && event.level === 'warning' ? [event.message] : [],
    );
    expect(warnings.filter((message) => message.includes('InstanceId: paused'))).toEqual([
      expect.stringContaining('Cannot resume orchestration instance in the Running state.'),
      expect.stringContaining('Cannot suspend orchestration instance in the Suspended state.'),
    ]);
  });
});

describe('rewind and restart', () => {
  test('only a failed instance can be rewound', async () => {
    await toy.start('fanOut', 'fine');
    await toy.done('fine');
    expect(await toy.statusOf('POST', '/instances/nobody/rewind')).toBe(404);
    const refused = await toy.call('POST', '/instances/fine/rewind?reason=x');
    expect([refused.status, refused.body]).toEqual([412, expect.stringContaining('status Completed')]);
  });

  test('an instance is restarted with its input, under its own id or a new one', async () => {
    await toy.start('returnsInput', 'again', { n: 7 });
    const first = await toy.done('again');
    const renewed = await toy.call('POST', '/instances/again/restart');
    const { id } = renewed.body as { id: string };
    expect([renewed.status, id === 'again']).toEqual([202, false]);
    expect((await toy.done(id)).output).toBe(first.output);
    expect(
      (await toy.call('POST', '/instances/again/restart?restartWithNewInstanceId=false')).body,
    ).toMatchObject({ id: 'again' });
    expect((await toy.done('again')).output).toBe('object {"n":7}');
    expect(await toy.statusOf('POST', '/instances/nobody/restart')).toBe(400);
    await toy.start('steps', 'living');
    expect(await toy.statusOf('POST', '/instances/living/restart?restartWithNewInstanceId=false')).toBe(409);
  });
});

describe('purge', () => {
  test('removes an ended instance and its history', async () => {
    await toy.start('fanOut', 'purged');
    await toy.done('purged');
    expect((await toy.call('DELETE', '/instances/purged')).body).toEqual({ instancesDeleted: 1 });
    expect(await toy.statusOf('GET', '/instances/purged')).toBe(404);
    expect(toy.host.exportHistory('purged')).toBeUndefined();
    expect(await toy.statusOf('DELETE', '/instances/purged')).toBe(404);
  });

  test('does not remove a running instance', async () => {
    await toy.start('steps', 'needed');
    await toy.at('needed', 'one');
    expect(await toy.statusOf('DELETE', '/instances/needed')).toBe(412);
    await toy.raise('needed', 'go', 1);
    expect((await toy.done('needed')).runtimeStatus).toBe('Completed');
  });

  test('by filter removes instances that ended since a time, which is required', async () => {
    await toy.start('waitsFor', 'before', { ms: HOUR });
    await toy.done('before');
    const since = new Date(toy.host.clock.now()).toISOString();
    for (const n of [1, 2]) await toy.start('fanOut', `swept-${n}`);
    for (const n of [1, 2]) await toy.done(`swept-${n}`);
    await toy.start('steps', 'unswept');
    await toy.at('unswept', 'one');
    expect(await toy.statusOf('DELETE', '/instances')).toBe(400);
    const path = `/instances?createdTimeFrom=${since}&runtimeStatus=Completed,Running`;
    expect((await toy.call('DELETE', path)).body).toEqual({ instancesDeleted: 2 });
    expect(await toy.statusOf('DELETE', path)).toBe(404);
    expect([
      await toy.statusOf('GET', '/instances/swept-1'),
      await toy.statusOf('GET', '/instances/unswept'),
    ]).toEqual([404, 202]);
    expect(await toy.statusOf('GET', '/instances/before')).toBe(200);
  });
});

describe('an unauthenticated caller', () => {
  test('is rejected without the key of the extension', async () => {
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
