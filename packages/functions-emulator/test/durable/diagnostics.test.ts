import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startToy, type Toy } from './toy-host.js';

let toy: Toy;
beforeAll(async () => {
  toy = await startToy({ appDirectory: fileURLToPath(new URL('../apps/traps', import.meta.url)) });
});
afterAll(() => toy.host.stop());

/** The diagnostic codes reported for an instance. */
const said = (id: string): string[] =>
  toy.events.flatMap((event) => (event.kind === 'diagnostic' && event.instanceId === id ? [event.code] : []));

async function play(name: string, input: unknown, events: readonly string[] = []): Promise<string[]> {
  await toy.start(name, name, input);
  for (const event of events) {
    await toy.at(name, event);
    await toy.raise(name, event, 1);
  }
  await toy.until(
    name,
    ({ runtimeStatus, customStatus }) => runtimeStatus !== 'Running' || customStatus === 'looked',
  );
  await toy.host.idle();
  return said(name);
}

test.each([
  ['calls an activity that is not registered', 'unregistered', {}, 'not-registered'],
  ['returns while a timer is open', 'openTimer', {}, 'open-tasks-at-end'],
  ['passes a bare boolean to an activity', 'bareBoolean', {}, 'bare-value'],
  ['continues as new with a bare text', 'bareText', {}, 'bare-value'],
  [
    'gets an input with a property named Timestamp',
    'nothing',
    { Timestamp: '2026-01-01T00:00:00Z' },
    'timestamp-in-input',
  ],
  ['waits for an event with a number for a name', 'numericEvent', {}, 'numeric-event-name'],
  ['retries with a time-out', 'retryTimeout', {}, 'retry-timeout'],
  ['races a retry with a timer', 'retryRaced', {}, 'retry-raced-with-timer'],
  ['goes on while a retry in a fan-out is not over', 'retryFan', {}, 'ids-diverge'],
  ['yields one timer in two races and calls on', 'sameTimer', {}, 'timer-yielded-twice'],
  ['yields one timer before a call in two races', 'sameTimerFirst', {}, 'timer-yielded-twice'],
  ['throws an error without a message', 'throwsNothing', {}, 'empty-error'],
  ['has a long history', 'long', {}, 'long-history'],
])('reports that an orchestrator %s', async (_what, name, input, code) => {
  expect(await play(name, input)).toContain(code);
});

test.each([
  ['phoneVerification', { code: 7 }, ['SmsChallengeResponse'], [7], true],
  ['phoneVerification', { code: 7 }, ['SmsChallengeResponse', 'SmsChallengeResponse'], [1, 7], true],
  ['phoneVerification', { code: 7 }, Array(4).fill('SmsChallengeResponse'), [1, 2, 3, 4], false],
  ['humanInteraction', {}, ['ApprovalEvent'], ['approved'], 'approved'],
  ['ownTimers', {}, [], [], 'after'],
])('%s with %j is right: nothing is reported after %j with %j', async (name, input, events, data, output) => {
  const id = `${name}-${data.length}`;
  await toy.start(name, id, input);
  for (const [n, event] of events.entries()) {
    await toy.until(id, ({ customStatus }) =>
      n === 0 ? customStatus !== null : customStatus === `wrong ${n}`,
    );
    await toy.raise(id, event, data[n]);
  }
  expect(await toy.done(id)).toMatchObject({ runtimeStatus: 'Completed', output });
  expect(said(id)).toEqual([]);
});

test('an event that completes an abandoned wait is reported', async () => {
  expect(await play('forgottenWait', {}, ['first', 'second'])).toContain('event-to-open-wait');
});

test('the answer to a call of an entity that has lost a race is not reported', async () => {
  expect(await play('lateResponse', {})).toEqual([]);
});

test('events that continueAsNew drops are reported', async () => {
  await toy.start('dropsEvents', 'dropsEvents', { n: 0 });
  await toy.at('dropsEvents', 'busy');
  await toy.raise('dropsEvents', 'early', 1);
  await toy.done('dropsEvents');
  expect(said('dropsEvents')).toContain('events-dropped');
});

test('orchestrations without traps are not reported', async () => {
  const clean = await startToy();
  for (const name of ['chain', 'fanOut']) {
    await clean.start(name, name);
    await clean.done(name);
  }
  await clean.start('approval', 'approval');
  await clean.raise('approval', 'decision', 'yes');
  await clean.done('approval');
  expect(clean.diagnosed()).toEqual([]);
  await clean.host.stop();
});
