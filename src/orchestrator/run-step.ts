/** Executes one step: repeats the action until the service accepts it, then polls until the effect is proved. */
import { sourceOf } from '../domain/merge.js';
import { targetKeyOf } from '../domain/settled.js';
import { isoOf, isoTime, now } from './durable.js';
import type { PlanExecution } from './plan-execution.js';
import { claim, release, settleClaim, settleRelease } from './reliance.js';
import type { Process } from './scheduler.js';
import {
  abandonStep,
  isDone,
  isWatched,
  leaveToOther,
  onConfirmResult,
  onRunResult,
  onWatchResult,
  type StepExecution,
  stepRef,
} from './step-execution.js';
import { carriedOutBy, doneBy, notEndedBy } from './timeline-messages.js';

/**
 * An action begins within this time or not at all: it must have ended when the next attempt reads the state. It may
 * wait some minutes in a queue, or for a host that stopped.
 */
const START_WITHIN_MS = 5 * 60_000;
/** An action takes one minute at most. */
const ACT_WITHIN_MS = START_WITHIN_MS + 65_000;
/** The activity itself times out much earlier. */
const CONFIRM_WITHIN_MS = 5 * 60_000;

/** Messages of other cases are read within seconds. Anyone who can raise events can send some without end. */
const READ_WITHIN_MS = 30 * 60_000;

/** Retries and proof take less, beside the time that the service may take. */
const ENDS_WITHIN_MS = 2 * 3_600_000;

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
    if (name === 'runResponse') yield* mindOtherCases(execution, next);
    if (isDone(execution.step(stepId))) return;
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

/**
 * Right before an attempt: a step that another case has carried out, and hands over, would be repeated. One with a lasting
 * effect is not: it finds the effect in force and relies on it. What may have been sent is followed up in any case.
 */
function* mindOtherCases(execution: PlanExecution, next: StepExecution): Process<void> {
  const { step, outcomeUnknown } = next;
  if (step.lasting !== undefined || outcomeUnknown) return;
  const { ctx, record, waiting } = execution.scope;
  const isRead = () => execution.handOver !== 'being-read' || execution.whyStopped !== undefined;
  yield* waiting.until(isRead, now(ctx) + READ_WITHIN_MS);
  if (execution.whyStopped !== undefined) return;
  const found = () => sourceOf(record.file, targetKeyOf(step));
  const first = found();
  if (first?.isDone === false) {
    // Proved there, it is done; failed there, it is still to be done here.
    record.add({ text: carriedOutBy(step, first.source) });
    const isEnded = () => found()?.isDone !== false || execution.whyStopped !== undefined;
    yield* waiting.until(isEnded, now(ctx) + (step.takesUpToMs ?? 0) + ENDS_WITHIN_MS);
    if (execution.whyStopped !== undefined) return;
  }
  const other = found();
  if (other?.isDone) execution.advance(leaveToOther(next, isoTime(ctx), doneBy(other.source)));
  else if (other !== undefined) execution.advance(abandonStep(next, isoTime(ctx), notEndedBy(other.source)));
  else if (execution.handOver !== 'known') execution.advance(abandonStep(next, isoTime(ctx), NOT_READ));
}

const NOT_READ =
  'Not carried out: another case has handed over to this one, and what it has done could not be read.';

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
