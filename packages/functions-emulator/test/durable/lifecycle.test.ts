import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, virtualClock, wallClock } from 'functions-emulator';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { startToy, type Toy } from './toy-host.js';

let toy: Toy;
afterEach(() => toy.host.stop());

test('an activity can be delayed, failed and replaced by its name', async () => {
  toy = await startToy({
    clock: virtualClock(0),
    introspection: {
      onActivity: ({ name, input, attempt }) => {
        if (name === 'double' && (input as { n: number }).n === 1) return { kind: 'replace', result: 100 };
        if (name === 'double' && (input as { n: number }).n === 2) return { kind: 'delay', ms: 60_000 };
        if (name === 'failsFirst' && attempt === 1) return { kind: 'fail', message: 'not yet' };
        return undefined;
      },
    },
  });
  await toy.start('fanOut', 'fan');
  expect((await toy.done('fan')).output).toBe(118);
  expect(toy.host.clock.now()).toBe(60_000);
  await toy.start('retries', 'retries', { key: 'seam', times: 0 });
  expect((await toy.done('retries')).output).toBe(1);
  const ended = toy.events.flatMap((event) =>
    event.kind === 'invocation-ended' && event.name === 'failsFirst' ? [event.ok] : [],
  );
  expect(ended).toEqual([false, true]);
});

test('a virtual clock is frozen while anything is in flight', async () => {
  toy = await startToy({ clock: virtualClock(0) });
  await toy.start('approval', 'far');
  const release = toy.host.clock.hold('looking');
  await toy.start('oneSlow', 'slow', { ms: 150 });
  expect((await toy.done('slow')).output).toBe(150);
  expect((await toy.status('far')).runtimeStatus).toBe('Running');
  release();
  expect((await toy.done('far')).output).toBe('expired');
});

test('a stop lets running activities end, and their results are not lost', async () => {
  toy = await startToy({ redelivery: 'at-once' });
  await toy.start('oneSlow', 'slow', { ms: 300 });
  await toy.until('slow', () => toy.events.some(({ kind }) => kind === 'invocation-started'));
  await toy.host.stop();
  expect(toy.events.findLast(({ kind }) => kind === 'instance-changed')).toMatchObject({
    runtimeStatus: 'Completed',
    output: 300,
  });
});

test('a timer that is set while the host stops does not keep the process running', async () => {
  const wall = wallClock();
  const timers = new Set<symbol>();
  const clock: Clock = {
    kind: 'wall',
    now: () => wall.now(),
    hold: (reason) => wall.hold(reason),
    onJump: (listener) => wall.onJump(listener),
    at: (dueAt, fire) => {
      const timer = Symbol(dueAt);
      timers.add(timer);
      const cancel = wall.at(dueAt, () => {
        timers.delete(timer);
        fire();
      });
      return () => {
        timers.delete(timer);
        cancel();
      };
    },
  };
  toy = await startToy({ clock, redelivery: 'at-once' });
  await toy.start('slowThenTimer', 'slow', { ms: 300 });
  await toy.until('slow', () => toy.events.some(({ kind }) => kind === 'invocation-started'));
  await toy.host.stop();
  expect([...timers]).toEqual([]);
});

test('a turn whose thread ended is repeated, also when a message arrives during the pause', async () => {
  const clock = virtualClock(0);
  let release: (() => void) | undefined;
  toy = await startToy({
    clock,
    onEvent: (event) => {
      if (event.kind === 'log' && event.message.includes('the turn is repeated'))
        release = clock.hold('the pause');
    },
  });
  await toy.start('endsThread', 'one', { until: 500 });
  await expect.poll(() => release, { interval: 5, timeout: 20_000 }).toBeDefined();
  await toy.raise('one', 'go', 'during the pause');
  release?.();
  expect((await toy.done('one')).output).toBe('during the pause');
  expect(clock.now()).toBe(1000);
});

test('an unknown activity leaves its instance waiting, and is reported', async () => {
  toy = await startToy();
  await toy.start('callsUnknown', 'unknown');
  await toy.until('unknown', () => toy.diagnosed().includes('not-registered'));
  expect((await toy.status('unknown')).runtimeStatus).toBe('Running');
});

test('an instance is started once, however many callers start it at the same time', async () => {
  toy = await startToy();
  const answers = await Promise.all(Array.from({ length: 20 }, () => toy.start('approval', 'same')));
  expect(answers.map(({ status }) => status).sort()).toEqual([202, ...Array.from({ length: 19 }, () => 409)]);
});

test('hundreds of instances at once all end, each activity run once', async () => {
  toy = await startToy();
  const ids = Array.from({ length: 200 }, (_, n) => `many-${n}`);
  await Promise.all(ids.map((id) => toy.start('fanOut', id)));
  for (const id of ids) expect((await toy.done(id)).output).toBe(20);
  const started = toy.events.filter(
    (event) => event.kind === 'invocation-started' && event.name === 'double',
  );
  expect(started).toHaveLength(800);
});

test('an event that arrives while the host is starting is delivered once', async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'host-starting-'));
  onTestFinished(() => rmSync(dataDirectory, { recursive: true, force: true }));
  const before = await startToy({ dataDirectory });
  await before.start('waits', 'one', { names: ['go', 'go'] });
  await before.at('one', 'waiting');
  const port = Number(new URL(before.host.url).port);
  await before.host.stop();
  // It waits at the port, which is open before any handler is set.
  const raise = async (): Promise<Response> => {
    try {
      const url = `${before.host.url}/runtime/webhooks/durabletask/instances/one/raiseEvent/go`;
      const headers = { 'content-type': 'application/json' };
      return await fetch(url, { method: 'POST', headers, body: '"early"' });
    } catch {
      await new Promise(setImmediate);
      return raise();
    }
  };
  const raised = raise();
  toy = await startToy({ dataDirectory, port });
  expect((await raised).status).toBe(202);
  await toy.raise('one', 'go', 'late');
  expect((await toy.done('one')).output).toEqual(['early', 'late']);
});

test('activities that ran when the host was stopped do not run again, though more of their fan-out was scheduled', async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'host-stopping-'));
  onTestFinished(() => rmSync(dataDirectory, { recursive: true, force: true }));
  const started = ({ events }: Toy): unknown[] =>
    events.flatMap((event) =>
      event.kind === 'invocation-started' && event.name === 'slow' ? [(event.input as { n: number }).n] : [],
    );
  const before = await startToy({ dataDirectory, redelivery: 'at-once' });
  // The last running activity ends alone, when no other may start.
  await before.start(
    'wide',
    'one',
    Array.from({ length: 110 }, (_, n) => (n === 99 ? 700 : 500)),
  );
  await expect.poll(() => started(before).length, { interval: 5 }).toBe(100);
  await before.host.stop();
  toy = await startToy({ dataDirectory });
  expect((await toy.done('one')).output).toBe(110);
  expect([...started(before), ...started(toy)]).toEqual(Array.from({ length: 110 }, (_, n) => n));
});
