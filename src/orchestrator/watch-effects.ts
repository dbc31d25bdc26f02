/** Checks proved effects again as long as they can be undone: others may have ended them. */
import { isoTime, now } from './durable.js';
import type { PlanExecution } from './plan-execution.js';
import { withdraw } from './reliance.js';
import type { Process } from './scheduler.js';
import { isWatched, type StepExecution, stepRef } from './step-execution.js';

const FIRST_MS = 3_600_000;
/** Each pause is this many times longer than the one before: an effect that has lasted is likely to last. */
const PAUSE_FACTOR = 6;
const CONFIRM_WITHIN_MS = 5 * 60_000;

/** Runs until `shouldStop`. Records an effect that has ended as ended by others, and withdraws the claim to it. */
export function* watchEffects(
  execution: PlanExecution,
  stepIds: readonly string[],
  shouldStop: () => boolean,
): Process<void> {
  const { ctx, waiting } = execution.scope;
  for (let pause = FIRST_MS; ; pause *= PAUSE_FACTOR) {
    const inForce = () => execution.steps.filter((one) => stepIds.includes(one.step.id) && isInForce(one));
    const mayCome = execution.steps.some((one) => stepIds.includes(one.step.id) && isWatched(one));
    if (inForce().length === 0 && !mayCome) return;
    yield* waiting.until(shouldStop, now(ctx) + pause);
    if (shouldStop()) return;
    for (const before of inForce()) yield* checkEffect(execution, before);
  }
}

function isInForce({ step, direction, phase, effect }: StepExecution): boolean {
  const isProved = effect.state === 'confirmed' || effect.state === 'already-done';
  return (
    step.lasting?.does === 'begin' &&
    direction === 'do' &&
    phase === 'over' &&
    isProved &&
    effect.endedByOthers === undefined
  );
}

function* checkEffect(execution: PlanExecution, before: StepExecution): Process<void> {
  const { ctx, waiting, ref } = execution.scope;
  const { step, output, effect } = before;
  const input = { incident: ref, step: stepRef(step), output };
  const result = yield* waiting.call('confirmResponse', input, CONFIRM_WITHIN_MS);
  // A step that is being undone in the meantime was not ended by others.
  if (!result.ok || result.value.state === 'confirmed' || execution.step(step.id) !== before) return;
  const reason = result.value.state === 'failed' ? result.value.reason : result.value.status;
  const endedByOthers = { at: isoTime(ctx), reason };
  withdraw(execution, step.id);
  execution.advance({ ...before, effect: { ...effect, endedByOthers } });
}
