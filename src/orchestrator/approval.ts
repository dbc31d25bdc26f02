/** One question to the approvers of a tier. Decisions about it come in through `hear`; here is what time does. */
import type { ApprovalRequest } from '../domain/approval.js';
import { ResponderError } from '../domain/errors.js';
import { now, timeOf } from './durable.js';
import type { PlanWork } from './plan-work.js';
import type { Process } from './process.js';
import { COMPUTE, callWithRetries } from './retry.js';
import { describePassage } from './words.js';

/** Waits until the request is decided or over; meanwhile people are reminded, it is escalated, and it ends in its time. */
export function* untilDecided(work: PlanWork, requestId: string): Process<ApprovalRequest> {
  const { ctx, waiting } = work.handling;
  let gaveWayAt = '';
  for (;;) {
    const request = work.request(requestId);
    if (request.state !== 'waiting') return request;
    const { wakeAt } = request;
    yield* waiting.until(() => work.request(requestId) !== request, timeOf(wakeAt));
    if (now(ctx) < timeOf(wakeAt)) continue;
    // What was said comes before what time does, once: nobody is too late because the orchestration was.
    const givesWay = gaveWayAt !== wakeAt;
    const line = work.line(requestId);
    yield* line.alone(() => passTime(work, requestId, () => givesWay && line.length > 1));
    gaveWayAt = wakeAt;
  }
}

function* passTime(work: PlanWork, requestId: string, isOvertaken: () => boolean): Process<void> {
  const { handling, tiers, about, notices } = work;
  const request = work.request(requestId);
  const isDue = request.state === 'waiting' && now(handling.ctx) >= timeOf(request.wakeAt);
  if (!isDue || isOvertaken()) return;
  const input = { approvals: [request], tiers, about, now: now(handling.ctx) };
  const result = yield* callWithRetries(handling.waiting, 'passTime', input, COMPUTE);
  if (!result.ok) throw new ResponderError(result.error);
  if (isOvertaken() || work.request(requestId).state !== 'waiting') return;
  const { approvals, passed } = result.value;
  handling.record.add({ text: describePassage(approvals, passed) });
  work.changeRequests(approvals);
  for (const { id, what } of passed) {
    if (what === 'reminded' || what === 'escalated') notices.note(work.request(id), what);
  }
}
