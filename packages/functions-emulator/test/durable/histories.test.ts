/** The layout of histories. */

import { virtualClock } from 'functions-emulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startToy, type Toy } from './toy-host.js';

let toy: Toy;
beforeAll(async () => {
  toy = await startToy({ clock: virtualClock(Date.UTC(2026, 0, 1)) });
});
afterAll(() => toy.host.stop());

/** The events of an instance, as they are exported for a replay. */
const eventsOf = (id: string): { readonly type: number; readonly id: number }[] =>
  (toy.host.exportHistory(id)?.events ?? []).map(({ EventType, EventId }) => ({
    type: Number(EventType),
    id: Number(EventId),
  }));

const NAMES: Readonly<Record<number, string>> = {
  0: 'ExecutionStarted',
  1: 'ExecutionCompleted',
  4: 'TaskScheduled',
  5: 'TaskCompleted',
  7: 'SubOrchestrationInstanceCreated',
  10: 'TimerCreated',
  12: 'OrchestratorStarted',
  13: 'OrchestratorCompleted',
  14: 'EventSent',
  15: 'EventRaised',
};
const decisions = (id: string): string[] =>
  eventsOf(id)
    .filter(({ type }) => [4, 7, 10, 14].includes(type))
    .map(({ type, id }) => `${id} ${NAMES[type]}`);

describe('the layout of a turn', () => {
  test('a turn is framed by OrchestratorStarted and OrchestratorCompleted, messages come before actions', async () => {
    await toy.start('chain', 'framed');
    await toy.done('framed');
    expect(eventsOf('framed').map(({ type }) => NAMES[type])).toEqual([
      'OrchestratorStarted',
      'ExecutionStarted',
      'TaskScheduled',
      'OrchestratorCompleted',
      'OrchestratorStarted',
      'TaskCompleted',
      'TaskScheduled',
      'OrchestratorCompleted',
      'OrchestratorStarted',
      'TaskCompleted',
      'ExecutionCompleted',
      'OrchestratorCompleted',
    ]);
  });

  test('the actions of one turn are in the order of their ids', async () => {
    await toy.start('fanOut', 'wide');
    await toy.done('wide');
    expect(decisions('wide')).toEqual([0, 1, 2, 3].map((id) => `${id} TaskScheduled`));
  });
});

describe('a start and its first event', () => {
  test('the start comes first, however quickly an event follows it', async () => {
    const ids = Array.from({ length: 10 }, (_, n) => `overtaken-${n}`);
    await Promise.all(
      ids.map(async (id) => {
        void toy.start('steps', id);
        while ((await toy.raise(id, 'go', id)).status === 404);
      }),
    );
    for (const id of ids) {
      expect((await toy.done(id)).output).toEqual({ event: id });
      expect(eventsOf(id)[1]?.type).toBe(0);
    }
  });
});

describe('messages for ended instances', () => {
  test('a message for an ended instance changes nothing', async () => {
    await toy.start('oneSlow', 'gone', { ms: 500 });
    await toy.until('gone', ({ runtimeStatus }) => runtimeStatus === 'Running');
    await toy.send('POST', '/instances/gone/terminate?reason=enough');
    await toy.done('gone');
    const before = toy.host.exportHistory('gone');
    await toy.host.idle();
    expect(toy.host.exportHistory('gone')).toEqual(before);
    expect(await toy.status('gone')).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' });
  });
});

describe('sequence numbers', () => {
  test('ids are assigned in the order of calls, whatever is called', async () => {
    await toy.start('workflow', 'counted');
    await toy.at('counted', 'waiting');
    await toy.raise('counted', 'go', 1);
    await toy.done('counted');
    expect(decisions('counted')).toEqual([
      '0 TaskScheduled',
      '1 TaskScheduled',
      '2 TaskScheduled',
      '3 EventSent',
      '4 TimerCreated',
      '5 SubOrchestrationInstanceCreated',
      '6 EventSent',
      '7 EventSent',
    ]);
  });
});

describe('results of earlier executions', () => {
  test('the late result of an earlier execution is not used for the next one', async () => {
    await toy.start('oneSlow', 'twice', { ms: 120 });
    await toy.until('twice', () =>
      toy.events.some((event) => event.kind === 'invocation-started' && event.instanceId === 'twice'),
    );
    await toy.send('POST', '/instances/twice/terminate?reason=again');
    await toy.done('twice');
    expect((await toy.start('oneSlow', 'twice', { ms: 240 })).status).toBe(202);
    // Both executions wait for their task 0, and the first one's ends before the second one's.
    expect((await toy.done('twice')).output).toBe(240);
  });
});
