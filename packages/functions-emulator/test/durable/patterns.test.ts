import { virtualClock } from 'functions-emulator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startToy, type Toy } from './toy-host.js';

let toy: Toy;
const BEGIN = Date.parse('2026-01-01T00:00:00Z');
const HOUR = 3_600_000;

beforeAll(async () => {
  toy = await startToy({ clock: virtualClock(BEGIN) });
});
afterAll(() => toy.host.stop());

test('activities run one after the other and pass on their results', async () => {
  expect((await toy.start('chain', 'chain')).status).toBe(202);
  expect(await toy.done('chain')).toMatchObject({
    runtimeStatus: 'Completed',
    output: { step: 2, after: 1 },
  });
});

test('a fan-out joins all results', async () => {
  await toy.start('fanOut', 'fan');
  expect((await toy.done('fan')).output).toBe(20);
});

test('a monitor with growing pauses takes hours of virtual time', async () => {
  const before = toy.host.clock.now();
  await toy.start('monitor', 'monitor');
  expect((await toy.done('monitor')).output).toEqual({ polls: 4 });
  expect(toy.host.clock.now() - before).toBe(15 * HOUR);
});

test('an event wins over its deadline, and a deadline without an event expires', async () => {
  const release = toy.host.clock.hold('the analyst is about to decide');
  await toy.start('approval', 'decided');
  await toy.at('decided', 'waiting');
  expect((await toy.raise('decided', 'decision', { approve: true })).status).toBe(202);
  expect((await toy.done('decided')).output).toEqual({ approve: true });
  release();
  await toy.start('approval', 'expired');
  expect((await toy.done('expired')).output).toBe('expired');
});

test('a failed activity is retried after its pause', async () => {
  await toy.start('retries', 'retried', { key: 'a', times: 2 });
  expect((await toy.done('retried')).output).toBe(3);
  await toy.start('retries', 'exhausted', { key: 'b', times: 9 });
  const { runtimeStatus, output } = await toy.done('exhausted');
  expect(runtimeStatus).toBe('Failed');
  expect(output).toMatch(
    /^Orchestrator function 'retries' failed: Activity function 'failsFirst' failed: {2}try 3 of b/,
  );
});

test('the durable client of an HTTP function starts an instance and returns its URLs', async () => {
  const response = await fetch(`${toy.host.url}/api/start/fanOut`, { method: 'POST', body: '{}' });
  expect(response.status).toBe(202);
  const { id, statusQueryGetUri } = (await response.json()) as { id: string; statusQueryGetUri: string };
  await toy.done(id);
  expect(await (await fetch(statusQueryGetUri)).json()).toMatchObject({ output: 20 });
});

test('events report each activity with its input and result, and each change of an instance', async () => {
  await toy.start('chain', 'watched');
  await toy.done('watched');
  const of = toy.events.filter((event) => 'instanceId' in event && event.instanceId === 'watched');
  expect(of.map(({ kind }) => kind)).toEqual([
    'instance-changed',
    'instance-changed',
    'invocation-started',
    'invocation-ended',
    'invocation-started',
    'invocation-ended',
    'instance-changed',
  ]);
  expect(of[2]).toMatchObject({ trigger: 'activityTrigger', name: 'echo', input: { step: 1 } });
  expect(of[3]).toMatchObject({ ok: true, result: { step: 1 } });
});

test('the host is idle when only timers are left', async () => {
  const release = toy.host.clock.hold('nothing may jump');
  await toy.start('approval', 'parked');
  await toy.host.idle();
  expect(await toy.status('parked')).toMatchObject({ runtimeStatus: 'Running', customStatus: 'waiting' });
  release();
});
