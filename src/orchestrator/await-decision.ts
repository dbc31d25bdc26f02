/** Waits for the decision about one approval request. `receiveDecisions` applies the decisions; this file applies the timeouts. */
import type { ApprovalRequest } from '../domain/approval.js';
import { ResponderError } from '../domain/errors.js';
import { now, timeOf } from './durable.js';
import { endNoticed } from './incident-facts.js';
import type { PlanExecution } from './plan-execution.js';
import { COMPUTE, callWithRetries } from './retry.js';
import type { Process } from './scheduler.js';
import { describeTimeout } from './timeline-messages.js';

/** Waits until the request is no longer open. Meanwhile sends reminders, escalates and expires it when they are due. */
export function* awaitDecision(execution: PlanExecution, requestId: string): Process<ApprovalRequest> {
  const { ctx, waiting } = execution.scope;
  let yieldedAt = '';
  for (;;) {
    const request = execution.request(requestId);
    if (request.state !== 'waiting') return request;
    const { nextCheckAt } = request;
    yield* waiting.until(() => !execution.requests.includes(request), timeOf(nextCheckAt));
    if (now(ctx) < timeOf(nextCheckAt)) continue;
    // Decisions that are already queued go before the timeout, once: a late orchestration must not make a decision late.
    const mayYield = yieldedAt !== nextCheckAt;
    const mutex = execution.mutex(requestId);
    yield* mutex.runExclusive(() =>
      processTimeouts(execution, requestId, () => mayYield && mutex.length > 1),
    );
    yieldedAt = nextCheckAt;
  }
}

function* processTimeouts(
  execution: PlanExecution,
  requestId: string,
  isOvertaken: () => boolean,
): Process<void> {
  const { scope, tiers, conflictContext, notifier } = execution;
  const request = execution.request(requestId);
  const isDue = request.state === 'waiting' && now(scope.ctx) >= timeOf(request.nextCheckAt);
  if (!isDue || isOvertaken()) return;
  const input = { approvals: [request], tiers, conflictContext, now: now(scope.ctx) };
  const result = yield* callWithRetries(scope.waiting, 'processTimeouts', input, COMPUTE);
  if (!result.ok) throw new ResponderError(result.error);
  if (isOvertaken() || execution.request(requestId).state !== 'waiting') return;
  const { approvals, events, mergedInto } = result.value;
  const text = describeTimeout(approvals, events, mergedInto);
  scope.record.add({ text, changes: endNoticed(approvals) });
  execution.changeRequests(approvals);
  execution.noticeEnd(approvals, mergedInto);
  for (const { id, what } of events) {
    if (what === 'reminded' || what === 'escalated') notifier.queue(execution.request(id), what);
  }
}
