/** The turn against the library itself: any program, any order of messages, any division into turns. */
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { storedEventText, triggerMembers } from '../../src/durable/execute-turn.js';
import {
  type HistoryEvent,
  type MessageEvent,
  newEvent,
  timestamp,
} from '../../src/durable/history-events.js';
import { processActions } from '../../src/durable/process-actions.js';
import { executeOrchestration } from '../../src/durable/turn/execute-orchestration.js';
import { readState } from '../../src/durable/turn/orchestrator-state.js';

const load = createRequire(import.meta.url);
const { Orchestrator } = load('durable-functions/lib/src/orchestrations/Orchestrator') as {
  Orchestrator: new (code: unknown) => { handle(binding: unknown, context: object): Promise<unknown> };
};

/** A step of a program: what it calls, and how it waits. */
type Step =
  | { readonly kind: 'call'; readonly n: number }
  | { readonly kind: 'all'; readonly calls: readonly number[] }
  | { readonly kind: 'race'; readonly n: number }
  | { readonly kind: 'event'; readonly name: string }
  | { readonly kind: 'timer' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('call' as const), n: fc.nat(9) }),
  fc.record({
    kind: fc.constant('all' as const),
    calls: fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({ kind: fc.constant('race' as const), n: fc.nat(9) }),
  fc.record({ kind: fc.constant('event' as const), name: fc.constantFrom('red', 'blue') }),
  fc.record({ kind: fc.constant('timer' as const) }),
);

interface Context {
  df: {
    currentUtcDateTime: Date;
    callActivity(name: string, input: unknown): unknown;
    createTimer(at: Date): { cancel(): void };
    waitForExternalEvent(name: string): unknown;
    Task: { all(tasks: unknown[]): unknown; any(tasks: unknown[]): unknown };
  };
}

function* program(steps: readonly Step[], { df }: Context): Generator<unknown, unknown[], unknown> {
  const results: unknown[] = [];
  const later = (ms: number): Date => new Date(df.currentUtcDateTime.getTime() + ms);
  for (const one of steps) {
    if (one.kind === 'call') results.push(yield df.callActivity('work', one.n));
    if (one.kind === 'all') results.push(yield df.Task.all(one.calls.map((n) => df.callActivity('work', n))));
    if (one.kind === 'event') results.push(yield df.waitForExternalEvent(one.name));
    if (one.kind === 'timer') yield df.createTimer(later(1000));
    if (one.kind === 'race') {
      const timer = df.createTimer(later(60_000));
      const call = df.callActivity('work', one.n);
      if ((yield df.Task.any([call, timer])) === call) timer.cancel();
      results.push((call as { result: unknown }).result);
    }
  }
  return results;
}

/** The program's result if every call n returns n * 10 and every event its name. */
const expected = (steps: readonly Step[]): unknown[] =>
  steps.flatMap((one): unknown[] => {
    if (one.kind === 'timer') return [];
    if (one.kind === 'event') return [one.name];
    return [one.kind === 'all' ? one.calls.map((n) => n * 10) : one.n * 10];
  });

const known = {
  activities: new Set(['work']),
  orchestrators: new Set<string>(),
  entities: new Set<string>(),
};
const source = {
  instanceId: 'i',
  executionId: 'e',
  name: 'p',
  version: null,
  defaultVersion: null,
  parent: null,
};

/** Runs the program to its end; `pick` determines how many of the waiting messages come next, and which first. */
async function play(steps: readonly Step[], pick: () => number): Promise<{ output: unknown; turns: number }> {
  const history: HistoryEvent[] = [];
  let now = Date.parse('2026-01-01T00:00:00Z');
  const start = newEvent.executionStarted(
    {
      OrchestrationInstance: { InstanceId: 'i', ExecutionId: 'e' },
      ParentInstance: null,
      Name: 'p',
      Version: null,
      Input: null,
      Generation: 0,
    },
    timestamp(now),
  );
  let inbox: MessageEvent[] = [
    start,
    ...steps.flatMap((one) =>
      one.kind === 'event' ? [newEvent.eventRaised(one.name, JSON.stringify(one.name), timestamp(now))] : [],
    ),
  ];
  for (let turns = 1; ; turns += 1) {
    expect(inbox.length).toBeGreaterThan(0);
    const first = turns === 1 ? 0 : pick() % inbox.length;
    const rotated = turns === 1 ? inbox : [...inbox.slice(first), ...inbox.slice(0, first)];
    const count = 1 + (pick() % rotated.length);
    const taken = rotated.slice(0, count);
    inbox = rotated.slice(count);
    now += 10;
    history.push(newEvent.orchestratorStarted(timestamp(now)), ...taken);
    const events = JSON.parse(`[${history.map(storedEventText).join(',')}]`) as unknown;
    const rest = JSON.parse(triggerMembers('i', undefined, turns > 1)) as object;
    const binding = { history: events, input: null, ...rest };
    const answer = await new Orchestrator((context: Context) => program(steps, context)).handle(binding, {});
    const state = readState(JSON.stringify(answer));
    if (state === undefined) throw new Error('no state');
    const turn = executeOrchestration({
      identity: { instanceId: 'i', executionId: 'e', parentInstanceId: undefined },
      name: 'p',
      history,
      response: { kind: 'state', state, details: null },
      known,
    });
    expect(turn.divergence).toBeUndefined();
    expect(turn.actions.map(({ id }) => id)).toEqual(
      [...turn.actions.map(({ id }) => id)].sort((a, b) => a - b),
    );
    const out = processActions(turn.actions, source, now, () => 'id');
    history.push(...out.events, newEvent.orchestratorCompleted(timestamp(now)));
    for (const task of out.tasks)
      inbox.push(newEvent.taskCompleted(task.taskId, String(Number(task.input) * 10), timestamp(now)));
    // Timers of races never fire here: the calls always win.
    for (const { event } of out.messages)
      if (event.EventType === 11 && Date.parse(event.FireAt) - now < 30_000) inbox.push(event);
    if (out.completion !== undefined) return { output: JSON.parse(out.completion.result ?? 'null'), turns };
  }
}

test('a program returns the same result in whatever order and batches its messages arrive', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 6 }),
      fc.infiniteStream(fc.nat(1000)),
      async (steps, picks) => {
        const { output } = await play(steps, () => picks.next().value as number);
        expect(output).toEqual(expected(steps));
      },
    ),
    { numRuns: 150 },
  );
});
