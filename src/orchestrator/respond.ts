/** Carries out a plan. Every tier and every automatic step is a process of its own; all run concurrently. */
import type { ApprovalRequest } from '../domain/approval.js';
import type { Outcome } from '../domain/case-file.js';
import type { Plan } from '../domain/plan.js';
import { updateComment } from './comment.js';
import { receiveDecisions } from './decisions.js';
import { isoTime } from './durable.js';
import { PlanExecution } from './plan-execution.js';
import { runStep } from './run-step.js';
import { Group, type Process, runAll, until } from './scheduler.js';
import { type IncidentScope, recordFailure } from './scope.js';
import type { StepExecution } from './step-execution.js';
import { handleTier } from './tier.js';
import { describeStart } from './timeline-messages.js';

/** Carries out a plan, records its outcome, and continues until nothing can be undone any more. */
export function* respond(
  scope: IncidentScope,
  plan: Plan,
  requests: readonly ApprovalRequest[],
  hasChannels: boolean,
): Process<Outcome> {
  const { record } = scope;
  const execution = new PlanExecution(scope, plan, hasChannels);
  const automatic = plan.steps.filter(({ mode }) => mode === 'auto');
  record.add({ text: describeStart(automatic.length, requests), approvals: requests });
  execution.begin(automatic);

  /** Ids of requests and steps that must end before there is an outcome. */
  const unsettled = new Set<string>();
  const processes = [
    ...requests.map(({ id }) => ({ id, body: handleTier(execution, id, () => unsettled.delete(id)) })),
    ...automatic.map(({ id }) => ({ id, body: runStep(execution, id) })),
  ].map(({ id, body }) => {
    unsettled.add(id);
    return containFailure(execution, body, () => unsettled.delete(id));
  });

  let isOver = false;
  const notices = new Group(requests.map((request) => execution.notifier.notify(request, () => isOver)));
  yield* runAll([
    receiveDecisions(scope, execution, () => isOver),
    (function* () {
      yield* runAll(processes);
      isOver = true;
    })(),
    notices.run(),
    updateOutcome(
      execution,
      () => unsettled.size === 0 || execution.isAbandoned,
      () => isOver,
    ),
  ]);
  return record.file.outcome ?? execution.outcome;
}

/** Updates comment and outcome: the proposal, the result, and every effect that is undone or ended by others later. */
function* updateOutcome(
  execution: PlanExecution,
  isSettled: () => boolean,
  isOver: () => boolean,
): Process<void> {
  const { scope } = execution;
  const { ctx, record } = scope;
  /** Number of effects that were undone, or ended by others. The comment is updated when it changes. */
  const countEnded = () => execution.steps.filter(isEnded).length;

  yield* updateComment(scope, 'proposal');
  yield* until(isSettled);
  const { outcome, unfinished } = execution;
  record.add({ text: `Outcome: ${outcome}.`, changes: { outcome, ...(unfinished ? { unfinished } : {}) } });
  yield* updateComment(scope, 'result');
  record.add({ text: `Ended: ${outcome}.`, changes: { stage: 'ended', endedAt: isoTime(ctx) } });
  for (const request of execution.requests) execution.notifier.queue(request);

  for (;;) {
    const before = countEnded();
    yield* until(() => countEnded() !== before || isOver());
    if (countEnded() === before) return;
    if (execution.outcome !== record.file.outcome) {
      record.add({ changes: { outcome: execution.outcome } });
      for (const request of execution.requests) execution.notifier.queue(request);
    }
    yield* updateComment(scope, 'result');
  }
}

function isEnded({ direction, phase, effect }: StepExecution): boolean {
  return effect.endedByOthers !== undefined || (direction === 'undo' && phase === 'over');
}

/** Leaves an unexpected error to an analyst. Other processes still confirm their effects and undo what is due. */
function* containFailure(execution: PlanExecution, body: Process<void>, onEnd: () => void): Process<void> {
  try {
    yield* body;
  } catch (thrown) {
    recordFailure(execution.scope, thrown, 'failed');
    execution.abandon();
  }
  onEnd();
}
