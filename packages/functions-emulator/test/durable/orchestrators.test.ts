/** What an orchestrator's code sees and waits for. */

import { virtualClock } from 'functions-emulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startToy, type Toy } from './toy-host.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const BEGIN = Date.UTC(2026, 0, 1);

let toy: Toy;
beforeAll(async () => {
  toy = await startToy({ clock: virtualClock(BEGIN) });
});
afterAll(() => toy.host.stop());

const eventsOf = (id: string): Toy['events'] =>
  toy.events.filter((event) => 'instanceId' in event && event.instanceId === id);
/** Start times of an instance's activities, relative to the first. */
const begun = (id: string): number[] => {
  const all = eventsOf(id).flatMap((event) => (event.kind === 'invocation-started' ? [event.at] : []));
  return all.map((at) => at - (all[0] ?? 0));
};

describe('completion with open tasks', () => {
  test('an instance whose code has returned ends only when its last timer has', async () => {
    const release = toy.host.clock.hold('the timer is open');
    await toy.start('leavesTimer', 'open');
    await toy.until('open', () => toy.diagnosed().includes('open-tasks-at-end'));
    expect(await toy.status('open')).toMatchObject({ runtimeStatus: 'Running', output: null });
    const before = toy.host.clock.now();
    release();
    expect(await toy.done('open')).toMatchObject({ runtimeStatus: 'Completed', output: 'done' });
    expect(toy.host.clock.now() - before).toBe(HOUR);
  });
});

describe('Task.all', () => {
  test('the code continues at the first failure of a fan-out, the host once all branches have ended', async () => {
    await toy.start('fanFails', 'legs');
    expect((await toy.done('legs')).output).toMatch(/the first leg/);
    const order = eventsOf('legs').flatMap((event) => {
      if (event.kind === 'instance-changed') return event.customStatus === 'caught' ? ['caught'] : [];
      return event.kind === 'invocation-started' || event.kind === 'invocation-ended'
        ? [`${event.name} ${event.kind === 'invocation-started' ? 'starts' : 'ends'}`]
        : [];
    });
    expect(order.filter((what) => !what.startsWith('throws')).slice(0, 4)).toEqual([
      'slow starts',
      'caught',
      'slow ends',
      'echo starts',
    ]);
  });
});

describe('retries', () => {
  test('the pauses between attempts grow, up to their limit', async () => {
    await toy.start('backsOff', 'patient', { key: 'patient', times: 3 });
    expect((await toy.done('patient')).output).toBe(4);
    expect(begun('patient')).toEqual([0, 1000, 3000, 6000]);
  });

  test('after the last attempt one more timer is set that is due at once', async () => {
    await toy.start('backsOff', 'exhausted', { key: 'exhausted', times: 9 });
    const { runtimeStatus, output } = await toy.done('exhausted');
    expect(runtimeStatus).toBe('Failed');
    expect(output).toMatch(/try 4 of exhausted/);
    const timers = eventsOf('exhausted').flatMap((event) =>
      event.kind === 'timer-set' ? [event.fireAt - event.at] : [],
    );
    expect(timers).toEqual([1000, 2000, 3000, 0]);
  });
});

interface Look {
  readonly isReplaying: boolean;
  readonly at: number;
  readonly guid: string;
}
async function looks(id: string): Promise<{ readonly waiting: Look[]; readonly ended: Look[] }> {
  await toy.start('looks', id);
  const waiting = await toy.until(
    id,
    ({ customStatus }) => Array.isArray(customStatus) && customStatus.length === 4,
  );
  await toy.raise(id, 'go', 1);
  const ended = await toy.done(id);
  return { waiting: waiting.customStatus as Look[], ended: ended.output as Look[] };
}

describe('isReplaying', () => {
  test('isReplaying is true up to the new events of a turn', async () => {
    const { waiting, ended } = await looks('replaying');
    expect(waiting.map(({ isReplaying }) => isReplaying)).toEqual([true, true, true, false]);
    expect(ended.map(({ isReplaying }) => isReplaying)).toEqual([true, true, true, true, false]);
  });
});

describe('currentUtcDateTime', () => {
  test('the current time is that of the turn, and the same in every replay', async () => {
    const { waiting, ended } = await looks('timed');
    const [first = 0] = ended.map(({ at }) => at);
    expect(ended.slice(0, 4).map(({ at }) => at - first)).toEqual([0, 0, 0, HOUR]);
    expect(ended.slice(0, 4).map(({ at }) => at)).toEqual(waiting.map(({ at }) => at));
  });
});

describe('newGuid', () => {
  test('new GUIDs differ from each other and are the same in every replay', async () => {
    const { waiting, ended } = await looks('named');
    const guids = ended.map(({ guid }) => guid);
    expect(new Set(guids).size).toBe(5);
    expect(guids.slice(0, 4)).toEqual(waiting.map(({ guid }) => guid));
    for (const guid of guids) expect(guid).toMatch(/^[\da-f]{8}-[\da-f]{4}-5/);
  });
});

describe('long timers', () => {
  test('a timer of up to six days is set at once, a longer one in hops of three', async () => {
    const before = toy.host.clock.now();
    for (const days of [6, 20]) {
      await toy.start('waitsFor', `days-${days}`, { ms: days * DAY });
      expect((await toy.done(`days-${days}`)).output).toBe('over');
    }
    expect(toy.host.clock.now() - before).toBe(26 * DAY);
    const hops = (id: string): number[] =>
      eventsOf(id).flatMap((event) => (event.kind === 'timer-set' ? [(event.fireAt - event.at) / DAY] : []));
    expect(hops('days-6')).toEqual([6]);
    expect(hops('days-20')).toEqual([3, 3, 3, 3, 3, 3, 2]);
  });
});
