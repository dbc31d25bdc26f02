/** The durable client inside the app, call by call, through a function that passes the calls on. */

import { virtualClock } from 'functions-emulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startToy, type Toy } from './toy-host.js';

let toy: Toy;
beforeAll(async () => {
  toy = await startToy({ clock: virtualClock(Date.UTC(2026, 0, 1)) });
});
afterAll(() => toy.host.stop());

interface Said {
  readonly result?: unknown;
  readonly error?: string;
}
async function client(method: string, ...parameters: unknown[]): Promise<Said> {
  const body = JSON.stringify(parameters);
  const response = await fetch(`${toy.host.url}/api/client/${method}`, { method: 'POST', body });
  return (await response.json()) as Said;
}

describe('the durable client', () => {
  test('starts instances, with an id and without, and gets an error if the id is in use', async () => {
    expect(await client('startNew', 'steps', { instanceId: 'mine', input: { n: 1 } })).toEqual({
      result: 'mine',
    });
    await toy.at('mine', 'one');
    expect((await client('startNew', 'steps', { instanceId: 'mine' })).error).toContain('409');
    const { result } = await client('startNew', 'fanOut');
    expect((await toy.done(String(result))).output).toBe(20);
  });

  test('reads the status of one instance, of all, and of filtered ones', async () => {
    await client('startNew', 'chain', { instanceId: 'read', input: { n: 1 } });
    await toy.done('read');
    expect((await client('getStatus', 'read', { showInput: true })).result).toMatchObject({
      name: 'chain',
      instanceId: 'read',
      runtimeStatus: 'Completed',
      input: { n: 1 },
      output: { step: 2 },
    });
    expect((await client('getStatus', 'nobody')).error).toContain('404');
    expect((await client('getStatusAll')).result).toContainEqual(
      expect.objectContaining({ instanceId: 'read' }),
    );
    const filter = { createdTimeFrom: '2026-01-01', runtimeStatus: ['Terminated'] };
    expect((await client('getStatusBy', filter)).result).toEqual([]);
  });

  test('raises events, suspends, resumes and terminates', async () => {
    await client('startNew', 'steps', { instanceId: 'steered' });
    await toy.at('steered', 'one');
    await client('suspend', 'steered', 'a look');
    await toy.until('steered', ({ runtimeStatus }) => runtimeStatus === 'Suspended');
    await client('raiseEvent', 'steered', 'go', { by: 'client' });
    await toy.at('steered', 'two');
    await client('resume', 'steered', 'seen');
    expect((await toy.done('steered')).output).toEqual({ event: { by: 'client' } });

    await client('startNew', 'steps', { instanceId: 'ended' });
    await toy.at('ended', 'one');
    await client('terminate', 'ended', 'enough');
    expect(await toy.done('ended')).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' });
    expect(await client('raiseEvent', 'ended', 'go', 1)).toEqual({});
    expect((await client('raiseEvent', 'nobody', 'go', 1)).error).toMatch(/No instance with ID/);
  });

  test('rewinds a failed instance, and gets the reason why others cannot be rewound', async () => {
    await client('startNew', 'failsOnce', { instanceId: 'mended' });
    expect((await toy.done('mended')).runtimeStatus).toBe('Failed');
    expect(await client('rewind', 'mended', 'mended')).toEqual({});
    expect((await toy.done('mended')).output).toMatchObject({ second: 2 });
    expect((await client('rewind', 'mended', 'again')).error).toMatch(/only .*failed/i);
  });

  test('purges one instance, and filtered ones', async () => {
    for (const id of ['purge-1', 'purge-2']) {
      await client('startNew', 'fanOut', { instanceId: id });
      await toy.done(id);
    }
    expect((await client('purgeInstanceHistory', 'purge-1')).result).toEqual({ instancesDeleted: 1 });
    expect((await client('purgeInstanceHistory', 'purge-1')).result).toEqual({ instancesDeleted: 0 });
    const filter = { createdTimeFrom: '2026-01-01', runtimeStatus: ['Completed'] };
    const { result } = await client('purgeInstanceHistoryBy', filter);
    expect((result as { instancesDeleted: number }).instancesDeleted).toBeGreaterThan(0);
    expect((await client('getStatus', 'purge-2')).error).toContain('404');
  });

  test('signals entities and reads their states', async () => {
    const entity = { entity: 'ledger', key: 'signalled' };
    expect((await client('readEntityState', entity)).result).toEqual({ entityExists: false });
    await client('signalEntity', entity, 'put', 'x');
    await toy.host.idle();
    expect((await client('readEntityState', entity)).result).toEqual({
      entityExists: true,
      entityState: ['x'],
    });
  });

  test('waits for an instance to end, or returns the status URLs', async () => {
    const ask = (name: string, timeoutInMilliseconds: number): Promise<Response> =>
      fetch(`${toy.host.url}/api/startAndWait/${name}`, {
        method: 'POST',
        body: JSON.stringify({ input: {}, timeoutInMilliseconds, retryIntervalInMilliseconds: 20 }),
      });
    const ended = await ask('fanOut', 10_000);
    expect([ended.status, await ended.json()]).toEqual([200, 20]);
    const open = await ask('steps', 200);
    expect([open.status, await open.json()]).toEqual([
      202,
      expect.objectContaining({ statusQueryGetUri: expect.any(String) }),
    ]);
  });
});
