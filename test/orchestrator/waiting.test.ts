import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Host, type HostEvent, startHost, virtualClock } from '#host';

const clock = virtualClock(Date.parse('2026-03-10T08:00:00Z'));
const events: HostEvent[] = [];
let host: Host;
let count = 0;

beforeAll(async () => {
  host = await startHost({
    appDirectory: fileURLToPath(new URL('app', import.meta.url)),
    port: 0,
    serviceBusPort: 0,
    clock,
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

/** Starts an instance, does something at given times after its start, and returns its output. */
async function run(
  name: string,
  input: object,
  timed: readonly { at: number; what: (id: string) => Promise<unknown> }[],
) {
  const id = `${name}-${count++}`;
  const started = clock.hold('until all is planned');
  await api(`/orchestrators/${name}/${id}`, input);
  for (const { at, what } of timed) {
    clock.at(clock.now() + at, () => {
      const release = clock.hold('a message on its way');
      void what(id).finally(release);
    });
  }
  started();
  for (;;) {
    const status = (await (await api(`/instances/${id}`)).json()) as {
      runtimeStatus: string;
      output: unknown;
    };
    if (!['Pending', 'Running'].includes(status.runtimeStatus)) return status;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

it('loses no message and mixes up no result, whenever messages come and timers win', async () => {
  // Times on both sides of the reminders at every 10 s, and several at the same time.
  const time = fc.oneof(
    fc.integer({ min: 0, max: 60_000 }),
    fc.constantFrom(0, 9_999, 10_000, 10_001, 20_000, 30_000),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(time, { minLength: 1, maxLength: 6 }), async (times) => {
      const timed = times.map((at, n) => ({
        at,
        what: (id: string) => api(`/instances/${id}/raiseEvent/inbox`, { n }),
      }));
      const input = { wanted: times.length, patienceMs: 10_000, rounds: 40 };
      const { runtimeStatus, output } = await run('collect', input, timed);
      expect(runtimeStatus).toBe('Completed');
      const { got, echoes, last } = output as { got: { n: number }[]; echoes: boolean[]; last: string };
      expect(got.map(({ n }) => n).sort()).toEqual(times.map((_at, n) => n));
      expect(echoes).not.toContain(false);
      expect(last).toBe('last');
    }),
    { numRuns: 25 },
  );
  // The host cannot know that a wait which lost its race is still looked at.
  const diagnosed = events.flatMap((event) => (event.kind === 'diagnostic' ? [event.code] : []));
  expect(diagnosed.filter((code) => code !== 'event-to-open-wait')).toEqual([]);
});

it.each([7, 16])('waits for weeks, with a message after %i days', async (days) => {
  const day = 86_400_000;
  const timed = [
    { at: days * day, what: (id: string) => api(`/instances/${id}/raiseEvent/inbox`, { n: 1 }) },
  ];
  const { runtimeStatus, output } = await run(
    'collect',
    { wanted: 1, patienceMs: 15 * day, rounds: 3 },
    timed,
  );
  expect([runtimeStatus, output]).toEqual([
    'Completed',
    { got: [{ n: 1 }], echoes: days < 15 ? [true] : [true, true], last: 'last' },
  ]);
});

it('keeps what comes while the last round is over', async () => {
  const timed = [1, 2, 3].map((n) => ({
    at: 10_000,
    what: (id: string) => api(`/instances/${id}/raiseEvent/inbox`, { n }),
  }));
  const { output } = await run('collect', { wanted: 1, patienceMs: 60_000, rounds: 5 }, timed);
  const { got } = output as { got: { n: number }[] };
  expect(new Set(got.map(({ n }) => n)).size).toBe(got.length);
  expect(got.length).toBeGreaterThanOrEqual(1);
});

it('gives each leg its own result, error or deadline', async () => {
  const legs = [
    { name: 'a', deadlineMs: 5_000 },
    { name: 'late 60000', deadlineMs: 5_000 },
    { name: 'b', fail: true, deadlineMs: 5_000 },
    { name: 'late 2000', deadlineMs: 5_000 },
    { name: 'c', deadlineMs: 1_000 },
  ];
  const { runtimeStatus, output } = await run('legs', { legs }, []);
  expect(runtimeStatus).toBe('Completed');
  expect(output).toEqual({
    results: ['a', 'deadline-exceeded', 'activity-failed', 'late 2000', 'c'],
    last: 'last',
  });
});
