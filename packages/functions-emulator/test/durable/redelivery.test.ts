/**
 * When interrupted work is redelivered after the host was killed or stopped. The toy app's host.json hides messages for
 * one minute and activities for two.
 */
import { join } from 'node:path';
import { type HostOptions, virtualClock } from 'functions-emulator';
import Libsql from 'libsql';
import { expect, onTestFinished, test } from 'vitest';
import { crashImages } from './crash-image.js';
import { startToy, type Toy } from './toy-host.js';

const START = Date.UTC(2026, 0, 1);
const SECOND = 1000;

/** Seconds after START at which functions of the kind started. */
const begun = ({ events }: Toy, trigger: string): number[] =>
  events.flatMap((event) =>
    event.kind === 'invocation-started' && event.trigger === trigger ? [(event.at - START) / SECOND] : [],
  );

async function startAt(
  seconds: number,
  dataDirectory: string,
  more: Partial<HostOptions> = {},
): Promise<Toy> {
  const toy = await startToy({ dataDirectory, clock: virtualClock(START + seconds * SECOND), ...more });
  onTestFinished(() => toy.host.stop());
  return toy;
}

/** @returns the data directory of a host that was killed so many seconds after it had started an instance. */
async function killedAt(
  seconds: number,
  name: string,
  id: string,
  input: unknown,
  options: Partial<HostOptions> = {},
): Promise<string> {
  const images = crashImages();
  let image = '';
  const toy = await startAt(0, images.dataDirectory, options);
  const { clock } = toy.host;
  const go = clock.hold('starting');
  clock.at(START + seconds * SECOND, () => {
    image = images.take();
  });
  await toy.start(name, id, input);
  go();
  await toy.done(id);
  return image;
}

/** @returns the data directory of a host that was killed when its activity had run for so long. */
async function killedInActivity(ranSeconds: number): Promise<string> {
  return killedAt(
    ranSeconds,
    'oneSlow',
    'slow',
    { ms: 1 },
    {
      introspection: { onActivity: () => ({ kind: 'delay', ms: 100 * SECOND }) },
    },
  );
}

test.each([
  // Its message is hidden again every 30 seconds.
  { ran: 1, down: 0, comesBack: 120 },
  { ran: 29, down: 10, comesBack: 120 },
  { ran: 31, down: 10, comesBack: 150 },
  { ran: 95, down: 0, comesBack: 210 },
  { ran: 10, down: 300, comesBack: 310 },
])(
  'an activity that ran for $ran s when the host was killed, restarted after $down s, runs again at $comesBack s',
  async ({ ran, down, comesBack }) => {
    const image = await killedInActivity(ran);
    const next = await startAt(ran + down, image);
    expect((await next.done('slow')).output).toBe(1);
    expect(begun(next, 'activityTrigger')).toEqual([comesBack]);
  },
);

test('activities that were queued when the host was killed start at once', async () => {
  const images = crashImages();
  let image = '';
  const toy = await startAt(0, images.dataDirectory, {
    introspection: {
      onActivity: () => {
        image ||= images.take();
        return { kind: 'replace', result: 1 };
      },
    },
  });
  await toy.start(
    'wide',
    'wide',
    Array.from({ length: 110 }, () => 0),
  );
  expect((await toy.done('wide')).output).toBe(110);
  const next = await startAt(5, image);
  expect((await next.done('wide')).output).toBe(110);
  const times = begun(next, 'activityTrigger');
  expect([times.filter((at) => at === 5).length, times.filter((at) => at === 120).length]).toEqual([10, 100]);
});

/** Seconds after START at which the instance had its turns. */
const turnsOf = ({ host }: Toy, id: string): number[] =>
  (host.exportHistory(id)?.events ?? []).flatMap(({ EventType, Timestamp }) =>
    EventType === 12 ? [(Date.parse(String(Timestamp)) - START) / SECOND] : [],
  );

/** @returns data directories of a host that was killed before each commit of a turn of the instance. */
async function killedInTurns(name: string, input: unknown): Promise<readonly string[]> {
  const images = crashImages();
  const taken: string[] = [];
  let started = false;
  const toy = await startAt(0, images.dataDirectory, {
    // The first change of its status is its start, after which it has its turns.
    onEvent: ({ kind }) => {
      started ||= kind === 'instance-changed';
    },
    introspection: {
      onCommit: () => {
        if (started) taken.push(images.take());
        return 'continue';
      },
    },
  });
  await toy.start(name, 'one', input);
  await toy.done('one');
  return taken;
}

test.each([
  { down: 20, comesBack: 60 },
  { down: 90, comesBack: 90 },
])(
  'a first turn that was executed when the host was killed, restarted after $down s, is executed at $comesBack s',
  async ({ down, comesBack }) => {
    const [image = ''] = await killedInTurns('returnsInput', {});
    const next = await startAt(down, image);
    await next.done('one');
    expect(turnsOf(next, 'one')[0]).toBe(comesBack);
  },
);

test('a timer whose turn was executed when the host was killed fires again after a minute', async () => {
  const taken = await killedInTurns('waitsFor', { ms: 10 * SECOND });
  const next = await startAt(10, taken.at(-1) ?? '');
  expect((await next.done('one')).output).toBe('over');
  expect(turnsOf(next, 'one')).toEqual([0, 70]);
});

test('a timer that was due while no host ran fires at the next start', async () => {
  const image = await killedAt(5, 'waitsFor', 'one', { ms: 10 * SECOND });
  const next = await startAt(25, image);
  await next.done('one');
  expect(turnsOf(next, 'one')).toEqual([0, 25]);
});

test('a stop aborts a running activity, which is redelivered after two seconds', async () => {
  const images = crashImages();
  const clock = virtualClock(START);
  const toy = await startAt(0, images.dataDirectory, { clock });
  await toy.start('oneSlow', 'slow', { ms: 60_000 });
  await expect.poll(() => begun(toy, 'activityTrigger').length, { interval: 5 }).toBe(1);
  await toy.host.stop();
  expect(toy.events.findLast(({ kind }) => kind === 'invocation-ended')).toMatchObject({
    ok: false,
    error: expect.stringContaining('aborted'),
  });
  const next = await startAt(0, images.dataDirectory, {
    introspection: { onActivity: () => ({ kind: 'replace', result: 7 }) },
  });
  expect((await next.done('slow')).output).toBe(7);
  expect(begun(next, 'activityTrigger')).toEqual([2]);
});

test('with redelivery at once, an activity runs again after a kill, and a stop lets it end', async () => {
  const image = await killedInActivity(10);
  const next = await startAt(12, image, { redelivery: 'at-once' });
  expect((await next.done('slow')).output).toBe(1);
  expect(begun(next, 'activityTrigger')).toEqual([12]);
  await next.start('oneSlow', 'stopped', { ms: 200 });
  await expect.poll(() => begun(next, 'activityTrigger').length, { interval: 5 }).toBe(2);
  await next.host.stop();
  expect(next.events.findLast(({ kind }) => kind === 'instance-changed')).toMatchObject({
    runtimeStatus: 'Completed',
  });
});

test("an activity's lease is deleted once its result is on disk", async () => {
  const images = crashImages();
  const toy = await startAt(0, images.dataDirectory);
  await toy.start('fanOut', 'fan');
  await toy.done('fan');
  await toy.host.stop();
  const database = new Libsql(join(images.dataDirectory, 'host.db'));
  expect(database.prepare('SELECT * FROM leases').all()).toEqual([]);
  database.close();
});
