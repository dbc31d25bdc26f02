import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import {
  type ExportedHistory,
  type Host,
  type HostEvent,
  replayHistories,
  startHost,
  virtualClock,
} from 'functions-emulator';
import { afterAll, beforeAll, expect, it } from 'vitest';

const START = Date.parse('2026-03-10T08:00:00Z');
const APP = fileURLToPath(new URL('app', import.meta.url));
/** Event types in a history: a scheduled activity, a created timer. */
const ACTIVITY = 4;
const TIMER = 10;
const clock = virtualClock(START);
const events: HostEvent[] = [];
let host: Host;
let count = 0;

beforeAll(async () => {
  host = await startHost({
    appDirectory: APP,
    port: 0,
    serviceBusPort: 0,
    clock,
    // Otherwise the lock of an activity that runs for days would be renewed twice a minute.
    redelivery: 'at-once',
    settings: { AzureWebJobsStorage: 'UseDevelopmentStorage=true' },
    onEvent: (event) => events.push(event),
    introspection: {
      onActivity: ({ input }) => {
        const ms = /late (\d+)/.exec(JSON.stringify(input))?.[1];
        return ms === undefined ? undefined : { kind: 'delay', ms: Number(ms) };
      },
    },
  });
});
afterAll(() => host.stop());

const api = (path: string, body?: unknown) =>
  fetch(`${host.url}/runtime/webhooks/durabletask${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

/** `act` is the name that the activity returns; with `late 5000` in it, the activity takes 5 s. */
type Step =
  | { readonly act: string; readonly within?: number; readonly fail?: boolean }
  | { readonly sleep: number }
  /** A call to an entity, which answers `noted`. */
  | { readonly asks: true };
interface Output {
  /** The result of each step of each program, with its time. */
  readonly did: readonly (readonly [result: string, at: number])[][];
  readonly heard: readonly { readonly message: { n: number }; readonly at: number; readonly echo: string }[];
  readonly last: string;
}

/** Runs programs and raises messages at given times after the start. Times in the output are also relative to the start. */
async function run(
  programs: readonly (readonly Step[])[],
  messages: readonly number[] = [],
  { tells = false, quiet = [] as readonly number[] } = {},
) {
  const id = `programs-${count++}`;
  const startAt = clock.now();
  const started = clock.hold('until all is planned');
  await api(`/orchestrators/programs/${id}`, { programs, wanted: messages.length, tells });
  messages.forEach((at, n) => {
    clock.at(startAt + at, () => {
      const release = clock.hold('a message on its way');
      void api(`/instances/${id}/raiseEvent/inbox`, { n, quiet: quiet.includes(n) }).finally(release);
    });
  });
  started();
  for (;;) {
    const answer = await api(`/instances/${id}`);
    const status = (await answer.json()) as { runtimeStatus: string; output: Output };
    if (!['Pending', 'Running'].includes(status.runtimeStatus)) {
      expect(status.runtimeStatus, JSON.stringify(status.output)).toBe('Completed');
      const { did, heard, last } = status.output;
      expect(last).toBe('last');
      const history = host.exportHistory(id);
      if (history === undefined) throw new Error('no history');
      return {
        id,
        history,
        asked: (type: number) => history.events.filter(({ EventType }) => EventType === type),
        did: did.map((steps) => steps.map(([result, at]) => [result, at - startAt] as const)),
        heard: heard.map((one) => ({ ...one, at: one.at - startAt })),
      };
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The expected results of a program, independent of what runs concurrently. */
function alone(program: readonly Step[]): (readonly [string, number])[] {
  let at = 0;
  return program.map((step) => {
    if ('asks' in step) return ['noted', at] as const;
    if ('sleep' in step) {
      at += step.sleep;
      return ['slept', at] as const;
    }
    const takes = Number(/late (\d+)/.exec(step.act)?.[1] ?? 0);
    const isLate = step.within !== undefined && takes > step.within;
    at += isLate ? (step.within ?? 0) : takes;
    return [isLate ? 'deadline-exceeded' : step.fail === true ? 'activity-failed' : step.act, at] as const;
  });
}

// Times before and after the times of other steps, and several at the same time.
const ms = fc.oneof(
  fc.integer({ min: 1, max: 60_000 }),
  fc.constantFrom(5_000, 5_001, 10_000, 10_001, 20_000),
);
const step = fc.oneof(
  fc.record({ sleep: ms }),
  fc.record({ asks: fc.constant(true as const) }),
  fc.record({
    act: fc.tuple(fc.nat({ max: 99 }), ms).map(([n, late]) => `${n} late ${late}`),
    fail: fc.boolean(),
  }),
  fc.record({
    act: fc.tuple(fc.nat({ max: 99 }), ms).map(([n, late]) => `${n} late ${late}`),
    within: fc.constantFrom(7_000, 15_000, 45_000),
  }),
  fc.record({ act: fc.nat({ max: 99 }).map(String) }),
  fc.record({ act: fc.tuple(fc.nat({ max: 99 }), ms).map(([n, late]) => `${n} quiet late ${late}`) }),
);
const programs = fc.array(fc.array(step, { maxLength: 5 }), { maxLength: 4 });

it('never blocks one process for another, mixes up no results, and loses no messages', async () => {
  const histories: ExportedHistory[] = [];
  await fc.assert(
    fc.asyncProperty(programs, fc.array(ms, { maxLength: 6 }), async (all, messages) => {
      const { history, did, heard, asked } = await run(all, messages);
      // Each timer may be due a millisecond late, and delays add up.
      for (const [i, program] of all.entries()) {
        const expected = alone(program);
        expect(did[i]?.map(([result]) => result)).toEqual(expected.map(([result]) => result));
        for (const [k, [, at]] of expected.entries()) {
          expect((did[i]?.[k]?.[1] ?? 0) - at, `${i}.${k}`).toBeGreaterThanOrEqual(0);
          expect((did[i]?.[k]?.[1] ?? 0) - at, `${i}.${k}`).toBeLessThanOrEqual(5);
        }
      }
      expect(heard.map(({ message }) => message.n).sort()).toEqual(messages.map((_at, n) => n));
      for (const { message, at } of heard) {
        expect(Math.abs(at - (messages[message.n] ?? 0)), `message ${message.n}`).toBeLessThanOrEqual(5);
      }
      expect(new Set(heard.map(({ echo }) => echo)).size).toBe(messages.length);
      // Nothing is scheduled twice.
      const acts = all.flat().filter((one) => 'act' in one).length;
      expect(asked(ACTIVITY)).toHaveLength(acts + messages.length + 1);
      histories.push(history);
    }),
    { numRuns: 40 },
  );
  const replayed = await replayHistories(APP, histories);
  expect(replayed.flatMap(({ divergence }) => divergence ?? [])).toEqual([]);
  // An activity that exceeds its deadline stays open, and the host cannot know that a wait is still in use.
  const diagnosed = events.flatMap((event) => (event.kind === 'diagnostic' ? [event.code] : []));
  const known = ['open-tasks-at-end', 'event-to-open-wait'];
  expect(diagnosed.filter((code) => !known.includes(code))).toEqual([]);
}, 120_000);

/** The inputs of an instance's entity, once everything is delivered. */
async function told(id: string): Promise<string[]> {
  await host.idle();
  const answer = await api(`/entities/notes/${id}`);
  return (await answer.json()) as string[];
}

const quiets = fc.uniqueArray(fc.nat({ max: 5 }));
/** An older act and a message arrive after two signals of one time, in one turn or in two: the host decides. */
const TOGETHER: [Step[][], number[], number[]] = [
  [[{ act: '0 late 5000' }, { act: '0' }], [{ act: '0 quiet late 5001' }]],
  [5_001],
  [],
];
it('loses no signal to an entity, whatever completes first', async () => {
  await fc.assert(
    fc.asyncProperty(programs, fc.array(ms, { maxLength: 6 }), quiets, async (all, messages, quiet) => {
      const { id } = await run(all, messages, { tells: true, quiet });
      const acts = all.flat().flatMap((one) => ('act' in one && !one.act.includes('quiet') ? [one.act] : []));
      const heard = messages.flatMap((_at, n) => [
        ...(quiet.includes(n) ? [] : [`message ${n}`]),
        `heard ${n}`,
      ]);
      expect([...(await told(id))].sort()).toEqual([...acts, ...heard, 'last'].sort());
    }),
    {
      numRuns: 60,
      // Two acts end while a long one is pending; then a message schedules another.
      examples: [
        [[[{ act: '1 late 500' }], [{ act: '2 late 900' }], [{ act: '3 late 60000' }]], [5_000, 9_000], []],
        // Between two signalled acts, a quiet one makes the host continue.
        [
          [
            [{ act: '1 late 5000' }],
            [{ act: '2 quiet late 20000' }, { act: '3 late 10000' }, { act: '4 late 5000' }],
          ],
          [],
          [],
        ],
        // Messages that arrive together, and others later; the acts that they cause take a while.
        [[], [5_000, 5_000, 60_000, 60_000], [0, 1, 2, 3]],
        [[[{ act: '1 quiet late 5000' }, { act: '2' }]], [5_001, 20_000], []],
        ...Array.from({ length: 30 }, () => TOGETHER),
      ],
    },
  );
}, 120_000);

it('receives messages during a long act, and continues after the act', async () => {
  const { did, heard } = await run([[{ act: 'slow late 100000' }, { act: 'next' }]], [5_000, 5_000, 60_000]);
  expect(heard.map(({ at }) => at)).toEqual([5_000, 5_000, 60_000]);
  expect(did[0]).toEqual([
    ['slow late 100000', 100_000],
    ['next', 100_000],
  ]);
});

const DAY = 86_400_000;
it.each([
  ['nothing happens', []],
  ['a message arrives after a week', [7 * DAY]],
  ['messages arrive after each wait of days', Array.from({ length: 21 }, (_, n) => ((n % 7) + 1) * 2 * DAY)],
  ['messages arrive all the time', Array.from({ length: 18 }, (_, n) => (n * 19 + 3) * 3_600_000)],
])('waits for weeks while %s', async (_what, messages) => {
  const acts = [{ sleep: 9 * DAY }, { act: 'then' }, { sleep: 6 * DAY }, { act: 'in the end' }];
  const { did, heard } = await run([acts, [{ act: `gone late ${12 * DAY}` }]], messages);
  expect(did[0]?.map(([result]) => result)).toEqual(['slept', 'then', 'slept', 'in the end']);
  expect(Math.round((did[0]?.at(-1)?.[1] ?? 0) / DAY)).toBe(15);
  expect(did[1]?.[0]?.[0]).toBe(`gone late ${12 * DAY}`);
  expect(heard).toHaveLength(messages.length);
  for (const { message, at } of heard) {
    expect(at - (messages[message.n] ?? 0), `message ${message.n}`).toBeLessThan(60_000);
  }
});

it('creates one timer for everything that is due at the same time', async () => {
  const { asked } = await run(
    Array.from({ length: 9 }, (_, n) => [{ act: `${n} late ${(n + 1) * 1_000}`, within: 600_000 }]),
  );
  expect(asked(TIMER)).toHaveLength(1);
});

it('creates no timer for a single activity', async () => {
  const { asked } = await run([[{ act: 'one' }, { act: 'two' }]]);
  expect(asked(TIMER)).toEqual([]);
});
