/** One step on its way: it acts until the service has taken it, then reads back until the effect is proved. */
import { isoTime, now } from './durable.js';
import type { PlanWork } from './plan-work.js';
import type { Process } from './process.js';
import { claim, letGo, settleClaim, settleRelease } from './reliance.js';
import { afterConfirm, afterRun, giveUp, isDone, stepRef } from './steps.js';

/**
 * An act begins within that time, or not at all: it must have ended when the next attempt reads the state. It may wait
 * in a queue, or for a host that ended, for some minutes.
 */
const START_WITHIN_MS = 5 * 60_000;
/** An act takes a minute at most. */
const ACT_WITHIN_MS = START_WITHIN_MS + 65_000;
/** The activity gives up by itself long before that. */
const LOOK_WITHIN_MS = 5 * 60_000;

/** Carries out a step that was begun. */
export function* carryOut(work: PlanWork, stepId: string): Process<void> {
  const others = yield* claim(work, stepId);
  yield* act(work, stepId, 'runResponse', []);
  yield* readBack(work, stepId, 'confirmResponse', []);
  settleClaim(work, stepId, others);
}

/** Takes back what a step did, once that was begun. */
export function* takeBack(work: PlanWork, stepId: string): Process<void> {
  const others = yield* letGo(work, stepId);
  if (others === undefined) return;
  yield* act(work, stepId, 'undoResponse', others);
  yield* readBack(work, stepId, 'confirmUndo', others);
  settleRelease(work, stepId);
}

function* act(
  work: PlanWork,
  stepId: string,
  name: 'runResponse' | 'undoResponse',
  others: readonly unknown[],
): Process<void> {
  const { ctx, waiting, ref } = work.handling;
  for (let next = work.work(stepId); next.phase === 'run'; next = work.work(stepId)) {
    const mayAct = () => name === 'undoResponse' || !work.isAbandoned;
    yield* waiting.until(() => !mayAct(), next.nextAt);
    if (!mayAct()) {
      work.advance(giveUp(next, isoTime(ctx)));
      return;
    }
    const { step, output, askedAt, mayHaveActed, looked } = next;
    const startBy = now(ctx) + START_WITHIN_MS;
    const about = { incident: ref, step: stepRef(step), output, others };
    const input = { ...about, askedAt, mayHaveActed, looked, startBy };
    const result = yield* waiting.call(name, input, ACT_WITHIN_MS);
    work.advance(afterRun(next, result, now(ctx), isoTime(ctx)));
  }
}

function* readBack(
  work: PlanWork,
  stepId: string,
  name: 'confirmResponse' | 'confirmUndo',
  others: readonly unknown[],
): Process<void> {
  const { ctx, waiting, ref } = work.handling;
  for (let next = work.work(stepId); !isDone(next); next = work.work(stepId)) {
    yield* waiting.sleepUntil(next.nextAt);
    const input = { incident: ref, step: stepRef(next.step), output: next.output, others };
    const result = yield* waiting.call(name, input, LOOK_WITHIN_MS);
    work.advance(afterConfirm(next, result, now(ctx), isoTime(ctx)));
  }
}
