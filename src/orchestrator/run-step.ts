/** Executes one step: repeats the action until the service accepts it, then polls until the effect is proved. */
import { isoOf, isoTime, now } from './durable.js';
import type { PlanExecution } from './plan-execution.js';
import { claim, release, settleClaim, settleRelease } from './reliance.js';
import type { Process } from './scheduler.js';
import {
  abandonStep,
  isDone,
  isWatched,
  onConfirmResult,
  onRunResult,
  onWatchResult,
  type StepExecution,
  stepRef,
} from './step-execution.js';

/**
 * An action begins within this time or not at all: it must have ended when the next attempt reads the state. It may
 * wait some minutes in a queue, or for a host that stopped.
 */
const START_WITHIN_MS = 5 * 60_000;
/** An action takes one minute at most. */
const ACT_WITHIN_MS = START_WITHIN_MS + 65_000;
/** The activity itself times out much earlier. */
const CONFIRM_WITHIN_MS = 5 * 60_000;

/** Carries out a started step. */
export function* runStep(execution: PlanExecution, stepId: string): Process<void> {
  const others = yield* claim(execution, stepId);
  yield* act(execution, stepId, 'runResponse', []);
  yield* readBack(execution, stepId, 'confirmResponse', []);
  settleClaim(execution, stepId, others);
  watch(execution, stepId, 'confirmResponse', [], () => settleClaim(execution, stepId, others));
}

/** Undoes a step whose undo was started. */
export function* undoStep(execution: PlanExecution, stepId: string): Process<void> {
  const others = yield* release(execution, stepId);
  if (others === undefined) return;
  yield* act(execution, stepId, 'undoResponse', others);
  yield* readBack(execution, stepId, 'confirmUndo', others);
  settleRelease(execution, stepId);
  watch(execution, stepId, 'confirmUndo', others, () => undefined);
}

function* act(
  execution: PlanExecution,
  stepId: string,
  name: 'runResponse' | 'undoResponse',
  others: readonly unknown[],
): Process<void> {
  const { ctx, waiting, ref } = execution.scope;
  for (let next = execution.step(stepId); next.phase === 'run'; next = execution.step(stepId)) {
    const whyStopped = () => (name === 'undoResponse' ? undefined : execution.whyStopped);
    yield* waiting.until(() => whyStopped() !== undefined, next.nextAt);
    const why = whyStopped();
    if (why !== undefined) {
      execution.advance(abandonStep(next, isoTime(ctx), why));
      return;
    }
    const { step, output, decidedAt, outcomeUnknown, prechecked } = next;
    const startDeadline = now(ctx) + START_WITHIN_MS;
    const about = { incident: ref, step: stepRef(step), output, others };
    const input = { ...about, decidedAt, outcomeUnknown, prechecked, startDeadline };
    const result = yield* waiting.call(name, input, ACT_WITHIN_MS);
    execution.advance(onRunResult(next, result, now(ctx), isoOf(ctx)));
  }
}

function* readBack(
  execution: PlanExecution,
  stepId: string,
  name: 'confirmResponse' | 'confirmUndo',
  others: readonly unknown[],
): Process<void> {
  const { ctx, waiting } = execution.scope;
  for (let next = execution.step(stepId); !isDone(next); next = execution.step(stepId)) {
    yield* waiting.sleepUntil(next.nextAt);
    const result = yield* waiting.call(name, aboutOf(execution, next, others), CONFIRM_WITHIN_MS);
    execution.advance(onConfirmResult(next, result, now(ctx), isoOf(ctx)));
  }
}

/** Reads an effect back that may still come, beside everything else: the outcome does not wait for it. */
function watch(
  execution: PlanExecution,
  stepId: string,
  name: 'confirmResponse' | 'confirmUndo',
  others: readonly unknown[],
  settle: () => void,
): void {
  if (!isWatched(execution.step(stepId))) return;
  const { ctx, waiting } = execution.scope;
  execution.runBeside(
    (function* () {
      for (let next = execution.step(stepId); isWatched(next); next = execution.step(stepId)) {
        const isUndone = () => execution.step(stepId) !== next;
        yield* waiting.until(isUndone, next.nextAt);
        if (isUndone()) return;
        const result = yield* waiting.call(name, aboutOf(execution, next, others), CONFIRM_WITHIN_MS);
        if (isUndone()) return;
        execution.advance(onWatchResult(next, result, now(ctx), isoOf(ctx)));
      }
      settle();
    })(),
  );
}

function aboutOf({ scope }: PlanExecution, { step, output }: StepExecution, others: readonly unknown[]) {
  return { incident: scope.ref, step: stepRef(step), output, others };
}
