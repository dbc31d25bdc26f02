/** What a delivery means for an incident that is being handled, or was handled: the rules, and that they never make a loop. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type CurrentRun, deliveryIdOf, type Meaning, meaningOf } from '../../src/app/deliver-again.js';
import type { CaseFile } from '../../src/domain/case-file.js';
import type { IncidentDelivery } from '../../src/intake/index.js';

const START = Date.parse('2026-03-10T08:12:00Z');
const MINUTE = 60_000;
const iso = (minutes: number) => new Date(START + minutes * MINUTE).toISOString();
const READ = iso(0);
const ENDED = iso(10);
const COMMENTED = iso(9);

const delivery = (deliveryKey?: string, modifiedAt?: string): IncidentDelivery =>
  ({
    kind: 'incident',
    key: 'an incident',
    ...(deliveryKey === undefined ? {} : { deliveryKey }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
  }) as IncidentDelivery;
const FIRST = delivery('first', READ);
const run = (unfinished?: CaseFile['unfinished'], file: Partial<CaseFile> = {}): CurrentRun => {
  const deliveries = [deliveryIdOf(FIRST) ?? ''];
  return {
    deliveries,
    file: {
      stage: 'ended',
      outcome: 'needs-analyst',
      ...(unfinished === undefined ? {} : { unfinished }),
      deliveries,
      modifiedAt: READ,
      endedAt: ENDED,
      comment: { id: 'a', revision: 2, at: COMMENTED },
      ...file,
    } as CaseFile,
  };
};
/** It has no outcome and no end, and its comment is not recorded yet. */
const FAILED: CurrentRun = (() => {
  const { deliveries, file } = run(undefined, { stage: 'awaiting-approval' });
  const { outcome: _, endedAt: __, comment: ___, ...rest } = file as CaseFile;
  const timeline = [{ at: COMMENTED, stage: 'awaiting-approval' as const, text: 'Analysts were asked.' }];
  return { deliveries, file: { ...rest, timeline } };
})();
const meaning = (
  one: IncidentDelivery,
  current: CurrentRun,
  { isCall = false, isPerson = false, isRunning = false, minutes = 15 } = {},
) => meaningOf({ delivery: one, isCall, isPerson, now: START + minutes * MINUTE }, current, isRunning);

it.each<[string, Meaning, () => Meaning]>([
  ['the same event once more, after a final end', 'duplicate', () => meaning(FIRST, run())],
  ['the same event once more, after another end', 'duplicate', () => meaning(FIRST, run('gone'))],
  ['the same body by a call', 'again', () => meaning(FIRST, run('gone'), { isCall: true })],
  [
    'the same body by a call, repeated at once',
    'duplicate',
    () => meaning(FIRST, run('gone', { endedAt: iso(14.5) }), { isCall: true }),
  ],
  [
    'the same body by a person, at once',
    'again',
    () => meaning(FIRST, run('gone', { endedAt: iso(14.9) }), { isCall: true, isPerson: true }),
  ],
  ['another event about the same version', 'again', () => meaning(delivery('b', READ), run('gone'))],
  ['another event, after a final end', 'compare', () => meaning(delivery('b', READ), run())],
  ['the event of its own comment', 'compare', () => meaning(delivery('b', COMMENTED), run('step-unproved'))],
  ['an event of a later change', 'again', () => meaning(delivery('b', iso(14)), run('step-unproved'))],
  ['an event without a time, soon', 'compare', () => meaning(delivery('b'), run('gone'))],
  ['an event without a time, later', 'again', () => meaning(delivery('b'), run('gone'), { minutes: 21 })],
  [
    'a version that was read, after a final end',
    'duplicate',
    () => meaning(delivery(undefined, READ), run()),
  ],
  ['a later version, after a final end', 'compare', () => meaning(delivery(undefined, iso(14)), run())],
  ['an event without anything', 'again', () => meaning(delivery(), run('gone'), { minutes: 21 })],
  [
    'another event, after a run that failed or was terminated',
    'again',
    () => meaning(delivery('b', READ), FAILED),
  ],
  ['a version that was read, after such a run', 'again', () => meaning(delivery(undefined, READ), FAILED)],
  ['the same event once more, after such a run', 'duplicate', () => meaning(FIRST, FAILED)],
  ['the same body by a call, after such a run', 'again', () => meaning(FIRST, FAILED, { isCall: true })],
  [
    'the event of its own comment, after such a run',
    'compare',
    () => meaning(delivery('b', COMMENTED), FAILED),
  ],
  ['such an event without a time', 'compare', () => meaning(delivery('b'), FAILED)],
  [
    'another event, after a run that failed when it had its outcome',
    'again',
    () => meaning(delivery('b', READ), run('failed', { stage: 'confirming' })),
  ],
  [
    'an event while it runs',
    'update',
    () => meaning(delivery('b', READ), run(undefined, { stage: 'awaiting-approval' }), { isRunning: true }),
  ],
  [
    'the same event while it runs',
    'duplicate',
    () => meaning(FIRST, run(undefined, { stage: 'reading' }), { isRunning: true, isCall: true }),
  ],
])('%s: %s', (_, expected, actual) => {
  expect(actual()).toBe(expected);
});

it('never begins a run because the responder wrote its comment', () => {
  const events = fc.array(
    fc.record({ afterMinutes: fc.integer({ min: 0, max: 600 }), hasTime: fc.boolean() }),
    { minLength: 1, maxLength: 20 },
  );
  fc.assert(
    fc.property(events, (late) => {
      // Each run writes its comment, and each comment causes an event, which arrives late.
      let runs = 1;
      let current = run('step-unproved');
      late.forEach(({ afterMinutes, hasTime }, i) => {
        const at = current.file?.comment?.at ?? '';
        const echo = delivery(`event ${i}`, hasTime ? at : undefined);
        const now = Date.parse(at) + (hasTime ? afterMinutes : Math.min(afterMinutes, 9)) * MINUTE;
        const is = meaningOf({ delivery: echo, isCall: false, isPerson: false, now }, current, false);
        if (is !== 'again') return;
        runs += 1;
        current = run('step-unproved', {
          comment: { id: 'a', revision: runs, at: new Date(now).toISOString() },
        });
      });
      expect(runs).toBe(1);
    }),
  );
});

it('takes each event once, however often and in whatever order the triggers deliver it', () => {
  const ids = fc.array(fc.constantFrom('first', 'b', 'c', 'd'), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(ids, fc.boolean(), (keys, isUnfinished) => {
      let current = run(isUnfinished ? 'unreadable' : undefined);
      const taken: string[] = [];
      for (const key of keys) {
        const one = delivery(key, READ);
        if (meaning(one, current) === 'duplicate') continue;
        taken.push(key);
        const deliveries = [...current.deliveries, deliveryIdOf(one) ?? ''];
        current = { deliveries, file: { ...(current.file as CaseFile), deliveries } };
      }
      expect(taken).toEqual([...new Set(keys)].filter((key) => key !== 'first'));
    }),
  );
});
