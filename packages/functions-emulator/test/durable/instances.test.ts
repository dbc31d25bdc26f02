/** The lifecycle of instances. */

import { virtualClock } from 'functions-emulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startToy, type Toy } from './toy-host.js';

let toy: Toy;
beforeAll(async () => {
  toy = await startToy({ clock: virtualClock(Date.UTC(2026, 0, 1)) });
});
afterAll(() => toy.host.stop());

const say = async (id: string, what: string): Promise<number> =>
  (await toy.send('POST', `/instances/${id}/${what}`)).status;
const activities = (id: string): string[] =>
  toy.events.flatMap((event) =>
    event.kind === 'invocation-started' && event.instanceId === id ? [event.name] : [],
  );

describe('reuse of instance ids', () => {
  test('the id of an ended instance can be used again, that of a running one cannot', async () => {
    await toy.start('steps', 'again');
    await toy.at('again', 'one');
    expect((await toy.start('chain', 'again')).status).toBe(409);
    await say('again', 'suspend?reason=wait');
    await toy.until('again', ({ runtimeStatus }) => runtimeStatus === 'Suspended');
    const refused = await toy.start('chain', 'again');
    expect([refused.status, await refused.text()]).toEqual([
      409,
      expect.stringContaining('An Orchestration instance with the status Suspended already exists.'),
    ]);
    await say('again', 'terminate?reason=over');
    expect((await toy.done('again')).runtimeStatus).toBe('Terminated');
    expect((await toy.start('callsThrowing', 'again', { message: 'no' })).status).toBe(202);
    expect((await toy.done('again')).runtimeStatus).toBe('Failed');
    expect((await toy.start('chain', 'again')).status).toBe(202);
    expect(await toy.done('again')).toMatchObject({ runtimeStatus: 'Completed', name: 'chain' });
    expect((await toy.start('fanOut', 'again')).status).toBe(202);
    expect(await toy.done('again')).toMatchObject({ name: 'fanOut', output: 20 });
  });
});

describe('instance ids', () => {
  test.each(['@sign', 'a b', 'a#b', 'a?b', 'ž', `long-${'x'.repeat(120)}`])('%s is an id', async (id) => {
    expect((await toy.start('fanOut', encodeURIComponent(id))).status).toBe(202);
    expect(await toy.done(encodeURIComponent(id))).toMatchObject({ instanceId: id, output: 20 });
  });

  test('an id with a slash matches no route', async () => {
    expect((await toy.start('fanOut', 'a/b')).status).toBe(404);
    expect((await toy.start('fanOut', 'a%2Fb')).status).toBe(404);
  });

  test('an instance that is started without an id gets one of 32 digits', async () => {
    const response = await toy.send('POST', '/orchestrators/fanOut', {});
    const { id } = (await response.json()) as { id: string };
    expect(id).toMatch(/^[\da-f]{32}$/);
    expect((await toy.done(id)).output).toBe(20);
  });
});

describe('suspend and resume', () => {
  test('a suspended instance receives messages, and acts on them when it is resumed', async () => {
    await toy.start('steps', 'suspended');
    await toy.at('suspended', 'one');
    expect(await say('suspended', 'suspend?reason=a%20look')).toBe(202);
    await toy.until('suspended', ({ runtimeStatus }) => runtimeStatus === 'Suspended');
    await toy.raise('suspended', 'go', 'now');
    await toy.at('suspended', 'two');
    await toy.host.idle();
    expect(await toy.status('suspended')).toMatchObject({ runtimeStatus: 'Suspended', output: 'a look' });
    expect(activities('suspended')).toEqual([]);
    expect(await say('suspended', 'resume?reason=seen')).toBe(202);
    expect(await toy.done('suspended')).toMatchObject({
      runtimeStatus: 'Completed',
      output: { event: 'now' },
    });
    expect(activities('suspended')).toEqual(['echo']);
  });

  test('a suspended instance can be terminated', async () => {
    await toy.start('steps', 'stopped');
    await toy.at('stopped', 'one');
    await say('stopped', 'suspend?reason=x');
    await toy.until('stopped', ({ runtimeStatus }) => runtimeStatus === 'Suspended');
    expect(await say('stopped', 'terminate?reason=y')).toBe(202);
    expect(await toy.done('stopped')).toMatchObject({ runtimeStatus: 'Terminated', output: 'y' });
  });
});

describe('terminate', () => {
  test('a terminated instance ends at once, while its activity runs to its end', async () => {
    await toy.start('oneSlow', 'cut', { ms: 500 });
    await expect.poll(() => activities('cut')).toEqual(['slow']);
    await say('cut', 'terminate?reason=enough');
    expect(await toy.done('cut')).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' });
    const ended = (): boolean =>
      toy.events.some((event) => event.kind === 'invocation-ended' && event.instanceId === 'cut' && event.ok);
    expect(ended()).toBe(false);
    await toy.host.idle();
    expect(ended()).toBe(true);
  });

  test('the child of a terminated parent continues', async () => {
    await toy.start('parent', 'ended-parent', { child: 'orphan' });
    await toy.at('orphan', 'one');
    await say('ended-parent', 'terminate?reason=enough');
    expect((await toy.done('ended-parent')).runtimeStatus).toBe('Terminated');
    await toy.raise('orphan', 'go', 1);
    expect(await toy.done('orphan')).toMatchObject({ runtimeStatus: 'Completed', output: { event: 1 } });
  });

  test('the parent of a terminated child fails', async () => {
    await toy.start('parent', 'bereft', { child: 'ended-child' });
    await toy.at('ended-child', 'one');
    await say('ended-child', 'terminate?reason=enough');
    const { runtimeStatus, output } = await toy.done('bereft');
    expect([runtimeStatus, output]).toEqual(['Failed', expect.stringMatching(/^Non-Deterministic workflow/)]);
  });
});

describe('rewind', () => {
  test('a rewound instance repeats only what failed', async () => {
    await toy.start('failsOnce', 'rewound');
    expect((await toy.done('rewound')).runtimeStatus).toBe('Failed');
    expect(await say('rewound', 'rewind?reason=mended')).toBe(202);
    expect(await toy.done('rewound')).toMatchObject({
      runtimeStatus: 'Completed',
      output: { first: { first: true }, second: 2 },
    });
    expect(activities('rewound')).toEqual(['echo', 'failsFirst', 'failsFirst']);
  });

  test('a rewound parent continues with the child that had failed it', async () => {
    await toy.start('parent', 'rewound-parent', { child: 'rewound-child', name: 'failsOnce' });
    expect((await toy.done('rewound-parent')).runtimeStatus).toBe('Failed');
    await say('rewound-parent', 'rewind?reason=mended');
    expect((await toy.done('rewound-parent')).output).toMatchObject({ second: 2 });
    expect(activities('rewound-child')).toEqual(['echo', 'failsFirst', 'failsFirst']);
  });
});
