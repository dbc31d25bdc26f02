import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Effect } from '../../src/domain/case-file.js';
import type { ErrorInfo } from '../../src/domain/errors.js';
import type { PlanStep } from '../../src/domain/plan.js';
import {
  isProved,
  isWatched,
  leaveToOther,
  onConfirmResult,
  onRunResult,
  onWatchResult,
  type StepExecution,
  startStep,
} from '../../src/orchestrator/step-execution.js';

const step: PlanStep = {
  id: 'isolate:host',
  action: 'defender.isolate-device',
  title: 'Isolate the device',
  entityKey: 'host',
  target: 'ws-fin-0142',
  record: {
    kind: 'defender.machine',
    id: 'one',
    name: 'ws-fin-0142',
    foundBy: 'defender-id',
    certainty: 'certain',
    ids: {},
    agreed: [],
    unchecked: [],
  },
  input: {},
  mode: 'approval',
  risk: 'disruptive',
  impact: '',
  reversible: true,
  undo: '',
  why: '',
};
const error = fc.record({
  code: fc.constantFrom('throttled', 'forbidden', 'timed-out'),
  message: fc.constant('it failed'),
  fault: fc.constant('service' as const),
  retry: fc.constantFrom<ErrorInfo['retry'][]>('no', 'later', 'check-before-retry'),
  retryAfterMs: fc.integer({ min: 0, max: 7_200_000 }),
});
const failure = error.map((info) => ({ ok: false as const, error: info }));
const evidence = { requestId: '1' };
const run = fc.oneof(
  failure,
  fc
    .constantFrom('requested' as const, 'already-done' as const, 'already-in-progress' as const)
    .map((state) => ({ ok: true as const, value: { state, output: {}, evidence } })),
);
const confirm = fc.oneof(
  failure,
  fc.constant({ ok: true as const, value: { state: 'pending' as const, status: 'InProgress' } }),
  fc.constant({ ok: true as const, value: { state: 'failed' as const, reason: 'cancelled' } }),
  fc.constant({ ok: true as const, value: { state: 'confirmed' as const, proof: 'read back', evidence } }),
);
type Run = Parameters<typeof onRunResult>[1];
type Confirm = Parameters<typeof onConfirmResult>[1];

/** Executes one step to its end, at the requested times; the last of the given results repeats. */
function work(runs: readonly Run[], confirms: readonly Confirm[], of = step) {
  let now = 0;
  const states: StepExecution[] = [startStep(of, now, '0')];
  const asked = { run: 0, confirm: 0 };
  for (let turn = 0; turn < 500; turn++) {
    const last = states.at(-1) as StepExecution;
    if (last.phase === 'over') return { states, asked, now };
    now = Math.max(now, last.nextAt);
    const next =
      last.phase === 'run'
        ? onRunResult(last, runs[Math.min(asked.run++, runs.length - 1)] as Run, now, iso)
        : onConfirmResult(
            last,
            confirms[Math.min(asked.confirm++, confirms.length - 1)] as Confirm,
            now,
            iso,
          );
    if (next.phase !== 'over') expect(next.nextAt).toBeGreaterThanOrEqual(now);
    states.push(next);
  }
  throw new Error('it never ends');
}
/** The step when the time in which its effect is expected is over. */
function confirmed(of: PlanStep, runs: readonly Run[], confirms: readonly Confirm[]) {
  const { states, now } = work(runs, confirms, of);
  return { state: states.at(-1) as StepExecution, now };
}
const iso = (at: number) => `${at}`;
const some = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 1, maxLength: 12 });
const last = (states: readonly StepExecution[]): Effect => (states.at(-1) as StepExecution).effect;

it('ends for all answers of the service, and claims no more than was confirmed', () => {
  fc.assert(
    fc.property(some(run), some(confirm), (runs, confirms) => {
      const { states, asked } = work(runs, confirms);
      const effect = last(states);
      expect(asked.run).toBeLessThanOrEqual(12);
      expect(['confirmed', 'already-done', 'unconfirmed', 'failed']).toContain(effect.state);
      const proved = confirms
        .slice(0, asked.confirm)
        .some((one) => one.ok && one.value.state === 'confirmed');
      expect(isProved(effect)).toBe(proved);
    }),
  );
});

it('never retries before the Retry-After of the service', () => {
  fc.assert(
    fc.property(error, (info) => {
      const before = startStep(step, 1_000, '1');
      const after = onRunResult(before, { ok: false, error: info }, 1_000, iso);
      if (after.phase !== 'over') expect(after.nextAt - 1_000).toBeGreaterThanOrEqual(info.retryAfterMs);
    }),
  );
});

it('does not treat a lost answer as a failure', () => {
  const lost = {
    code: 'timed-out',
    message: '',
    fault: 'service' as const,
    retry: 'check-before-retry' as const,
  };
  const { states, asked } = work([{ ok: false, error: lost }], [{ ok: false, error: lost }]);
  expect([asked.run, last(states).state]).toEqual([12, 'unconfirmed']);
});

it('acts at once after the precheck, and repeats the precheck after an attempt that sent nothing', () => {
  const failed = (retry: ErrorInfo['retry']) => ({
    ok: false as const,
    error: { code: 'throttled', message: '', fault: 'service' as const, retry },
  });
  const prechecked = onRunResult(
    startStep(step, 0, '0'),
    { ok: true, value: { state: 'prechecked', evidence } },
    9,
    iso,
  );
  expect(prechecked).toMatchObject({ phase: 'run', prechecked: true, nextAt: 9, attempt: 0 });
  expect(prechecked.effect.state).toBe('intended');
  expect(onRunResult(prechecked, failed('later'), 9, iso).prechecked).toBe(false);
  const lost = onRunResult(prechecked, failed('check-before-retry'), 9, iso);
  expect(lost.prechecked).toBe(true);
  expect(onRunResult(lost, failed('later'), 9, iso).prechecked).toBe(true);
});

it('checks for an effect for half an hour, with growing pauses', () => {
  const pending = { ok: true as const, value: { state: 'pending' as const, status: 'Pending' } };
  const requested = { ok: true as const, value: { state: 'requested' as const, output: {}, evidence } };
  const { states, asked, now } = work([requested], [pending]);
  expect(last(states)).toMatchObject({ state: 'unconfirmed', proof: 'Last read back as: Pending' });
  expect(now).toBeGreaterThan(27 * 60_000);
  expect(now).toBeLessThanOrEqual(30 * 60_000);
  expect(asked.confirm).toBeLessThan(12);
});

describe('an effect that the service may take days for', () => {
  const pending = { ok: true as const, value: { state: 'pending' as const, status: 'Pending' } };
  const requested = { ok: true as const, value: { state: 'requested' as const, output: {}, evidence } };
  const slow = { ...step, takesUpToMs: 3 * 86_400_000 };
  /** Reads back until it is no longer watched; `answer` by the time in milliseconds. */
  const watch = (answer: (at: number) => Confirm) => {
    let { state, now } = confirmed(slow, [requested], [pending]);
    const pauses: number[] = [];
    while (isWatched(state)) {
      pauses.push(state.nextAt - now);
      now = state.nextAt;
      state = onWatchResult(state, answer(now), now, iso);
    }
    return { effect: state.effect, now, pauses };
  };

  it('is not in effect after half an hour, and is watched until then', () => {
    const { state } = confirmed(slow, [requested], [pending]);
    expect(state.effect).toMatchObject({ state: 'unconfirmed', watchedUntil: `${3 * 86_400_000}` });
    expect(confirmed(step, [requested], [pending]).state.effect.watchedUntil).toBeUndefined();
  });

  it.each([
    ['a quarter of that time', 40, 10],
    ['half of that time', 6 * 60, 3 * 60],
    ['twelve hours', 50 * 60, 12 * 60],
  ])('is confirmed when it shows, at most %s later', (_late, minutes, mostMinutes) => {
    const back = minutes * 60_000;
    const { effect, now } = watch((at) =>
      at < back ? pending : { ok: true, value: { state: 'confirmed', proof: 'read back', evidence } },
    );
    expect(effect).toMatchObject({ state: 'confirmed', proof: 'read back' });
    expect(effect.watchedUntil).toBeUndefined();
    expect(now - back).toBeLessThanOrEqual(mostMinutes * 60_000);
  });

  it('stays unconfirmed when the time is over, after few reads, the last at the end', () => {
    const { effect, now, pauses } = watch(() => pending);
    expect(effect).toMatchObject({ state: 'unconfirmed', proof: 'Last read back as: Pending' });
    expect(effect.watchedUntil).toBeUndefined();
    expect(now).toBe(3 * 86_400_000);
    expect(pauses.length).toBeLessThan(18);
  });

  it('fails when the service says so, and is left to people when it may not be read', () => {
    const refused = { code: 'forbidden', message: 'No.', fault: 'responder' as const, retry: 'no' as const };
    expect(watch(() => ({ ok: true, value: { state: 'failed', reason: 'cancelled' } })).effect).toMatchObject(
      {
        state: 'failed',
        proof: 'cancelled',
      },
    );
    const { effect, pauses } = watch(() => ({ ok: false, error: refused }));
    expect(effect).toMatchObject({ state: 'unconfirmed', error: refused });
    expect(pauses).toHaveLength(1);
  });

  it('is watched in spite of an outage', () => {
    const away = {
      code: 'service-unavailable',
      message: '',
      fault: 'service' as const,
      retry: 'later' as const,
    };
    const { effect } = watch((at) =>
      at < 86_400_000
        ? { ok: false, error: away }
        : { ok: true, value: { state: 'confirmed', proof: 'read back', evidence } },
    );
    expect(effect).toMatchObject({ state: 'confirmed' });
    expect(effect.error).toBeUndefined();
  });
});

it('follows up an attempt without an answer, also if another case has done the same', () => {
  const begun = startStep(step, 0, '0');
  expect(leaveToOther(begun, '1', 'done elsewhere')).toMatchObject({
    phase: 'over',
    effect: { state: 'handed-over', proof: 'done elsewhere' },
  });
  const lost = { code: 'timed-out', message: '', fault: 'service', retry: 'check-before-retry' } as const;
  const unknown = onRunResult(begun, { ok: false, error: lost }, 1, iso);
  expect(leaveToOther(unknown, '2', 'done elsewhere')).toBe(unknown);
});
