/** The process of one tier, from its approval request to the last undo. */
import type { ApprovalRequest } from '../domain/approval.js';
import { openUndo, reopenUndo } from '../domain/approval-request.js';
import { awaitDecision } from './await-decision.js';
import { now, timeOf } from './durable.js';
import type { PlanExecution } from './plan-execution.js';
import { runStep, undoStep } from './run-step.js';
import { type Process, runAll } from './scheduler.js';
import { stepsToCarryOut } from './selection.js';
import { canBeUndone, mayBeInForce, type StepExecution } from './step-execution.js';
import { containmentExpired } from './timeline-messages.js';
import { watchEffects } from './watch-effects.js';

/** Waits for the decision, carries out the selected steps and offers to undo them. Calls `settled` when all steps have ended. */
export function* handleTier(execution: PlanExecution, requestId: string, settled: () => void): Process<void> {
  const { ctx } = execution.scope;
  const request = yield* awaitDecision(execution, requestId);
  const decidedAt = now(ctx);
  const steps = stepsToCarryOut(execution.plan, request);
  execution.begin(steps);
  yield* runAll(steps.map(({ id }) => runStep(execution, id)));
  settled();
  let isOver = false;
  const ending = runAll([offerUndo(execution, request), endContainment(execution, request, decidedAt)]);
  const ended = (function* () {
    yield* ending;
    isOver = true;
  })();
  const stepIds = steps.map(({ id }) => id);
  yield* runAll([ended, watchEffects(execution, stepIds, () => isOver)]);
}

/** Offers to undo the steps. Approvers may undo them in several decisions until the undo period ends. */
function* offerUndo(execution: PlanExecution, original: ApprovalRequest): Process<void> {
  const { ctx, record } = execution.scope;
  const tier = execution.plan.tiers.find(({ name }) => name === original.tier);
  let undo: ApprovalRequest | undefined;
  while (tier !== undefined && tier.undoForMs > 0 && !execution.isAbandoned) {
    const done = execution.steps.filter((one) => original.selected.includes(one.step.id) && canBeUndone(one));
    const stepIds = done.map(({ step }) => step.id);
    const isOver = undo !== undefined && now(ctx) >= timeOf(undo.expiresAt);
    if (stepIds.length === 0 || isOver) return;
    const offered: ApprovalRequest =
      undo === undefined
        ? openUndo(original, tier, stepIds, now(ctx), lastOf(done, now(ctx)))
        : reopenUndo(undo, stepIds);
    record.add({ approvals: [offered] });
    execution.notifier.queue(execution.request(original.id));
    undo = yield* awaitDecision(execution, offered.id);
    if (undo.state !== 'approved') return;
    const begun = execution.beginUndo(undo.selected, 'decision');
    yield* runAll(begun.map((stepId) => undoStep(execution, stepId)));
  }
}

/** When the last of the effects that may still come can come, or `at`. */
function lastOf(steps: readonly StepExecution[], at: number): number {
  return Math.max(
    at,
    ...steps.flatMap(({ effect }) => (effect.watchedUntil ? timeOf(effect.watchedUntil) : [])),
  );
}

/** Undoes the steps of a temporary containment when it ends. */
function* endContainment(execution: PlanExecution, request: ApprovalRequest, since: number): Process<void> {
  if (request.state !== 'contained' || request.onDeadline.do !== 'contain') return;
  const { waiting, record } = execution.scope;
  yield* waiting.sleepUntil(since + request.onDeadline.forMs);
  const contained = execution.steps.filter(({ step }) => request.stepIds.includes(step.id));
  const begun = execution.beginUndo(request.stepIds, 'containment-over');
  const undone = contained.filter(({ step }) => begun.includes(step.id));
  record.add({ text: containmentExpired(undone, contained.filter(mayBeInForce)) });
  const open = execution.requests.find(
    ({ tier, purpose, state }) => tier === request.tier && purpose === 'undo' && state === 'waiting',
  );
  if (open !== undefined) execution.changeRequests([{ ...open, state: 'superseded', supersededBy: 'undo' }]);
  execution.notifier.queue(request);
  yield* runAll(begun.map((stepId) => undoStep(execution, stepId)));
}
