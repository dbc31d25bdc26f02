/** Looks again at what was proved, as long as it may be undone: somebody else may have ended it. */
import { isoTime, now } from './durable.js';
import type { PlanWork } from './plan-work.js';
import type { Process } from './process.js';
import { withdraw } from './reliance.js';
import { type StepWork, stepRef } from './steps.js';

const FIRST_MS = 3_600_000;
/** Each pause is that much longer than the one before: an effect that lasted is likely to last. */
const LONGER = 6;
const LOOK_WITHIN_MS = 5 * 60_000;

/** Until `over`. An effect that has ended is written down as ended by others, and nobody relies on it any more. */
export function* watch(work: PlanWork, stepIds: readonly string[], over: () => boolean): Process<void> {
  const { ctx, waiting } = work.handling;
  for (let pause = FIRST_MS; ; pause *= LONGER) {
    const inForce = () => work.works.filter((one) => stepIds.includes(one.step.id) && isInForce(one));
    if (inForce().length === 0) return;
    yield* waiting.until(over, now(ctx) + pause);
    if (over()) return;
    for (const before of inForce()) yield* look(work, before);
  }
}

function isInForce({ step, direction, phase, effect }: StepWork): boolean {
  const isProved = effect.state === 'confirmed' || effect.state === 'already-done';
  return (
    step.lasting?.does === 'begin' &&
    direction === 'do' &&
    phase === 'over' &&
    isProved &&
    effect.endedByOthers === undefined
  );
}

function* look(work: PlanWork, before: StepWork): Process<void> {
  const { ctx, waiting, ref } = work.handling;
  const { step, output, effect } = before;
  const input = { incident: ref, step: stepRef(step), output };
  const result = yield* waiting.call('confirmResponse', input, LOOK_WITHIN_MS);
  // What is being undone meanwhile is not ended by others.
  if (!result.ok || result.value.state === 'confirmed' || work.work(step.id) !== before) return;
  const reason = result.value.state === 'failed' ? result.value.reason : result.value.status;
  const endedByOthers = { at: isoTime(ctx), reason };
  withdraw(work, step.id);
  work.advance({ ...before, effect: { ...effect, endedByOthers } });
}
