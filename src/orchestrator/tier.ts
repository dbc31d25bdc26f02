/** What one tier of approvers is asked, and what follows from its decision, from the question to the last undo. */
import type { ApprovalRequest } from '../domain/approval.js';
import { openUndo, reopenUndo } from '../domain/approval-request.js';
import { untilDecided } from './approval.js';
import { now, timeOf } from './durable.js';
import type { PlanWork } from './plan-work.js';
import { type Process, together } from './process.js';
import { stepsToCarryOut } from './selection.js';
import { carryOut, takeBack } from './step.js';
import { canBeUndone, mayBeInForce } from './steps.js';
import { watch } from './watch.js';
import { containmentOver } from './words.js';

/** Asks, carries out what was decided, and offers to undo it. `settled` is called when all that was decided is done. */
export function* handleTier(work: PlanWork, requestId: string, settled: () => void): Process<void> {
  const { ctx } = work.handling;
  const request = yield* untilDecided(work, requestId);
  const decidedAt = now(ctx);
  const steps = stepsToCarryOut(work.plan, request);
  work.begin(steps);
  yield* together(steps.map(({ id }) => carryOut(work, id)));
  settled();
  let isOver = false;
  const ending = together([offerUndo(work, request), endContainment(work, request, decidedAt)]);
  const ended = (function* () {
    yield* ending;
    isOver = true;
  })();
  const stepIds = steps.map(({ id }) => id);
  yield* together([ended, watch(work, stepIds, () => isOver)]);
}

/** What can be undone may be undone by a decision of its own, in as many parts as people like, until its time is over. */
function* offerUndo(work: PlanWork, asked: ApprovalRequest): Process<void> {
  const { ctx, record } = work.handling;
  const tier = work.plan.tiers.find(({ name }) => name === asked.tier);
  let undo: ApprovalRequest | undefined;
  while (tier !== undefined && tier.undoForMs > 0 && !work.isAbandoned) {
    const done = work.works.filter((one) => asked.selected.includes(one.step.id) && canBeUndone(one));
    const stepIds = done.map(({ step }) => step.id);
    const isOver = undo !== undefined && now(ctx) >= timeOf(undo.expiresAt);
    if (stepIds.length === 0 || isOver) return;
    const offered: ApprovalRequest =
      undo === undefined ? openUndo(asked, tier, stepIds, now(ctx)) : reopenUndo(undo, stepIds);
    record.add({ approvals: [offered] });
    work.notices.note(work.request(asked.id));
    undo = yield* untilDecided(work, offered.id);
    if (undo.state !== 'approved') return;
    const begun = work.beginUndo(undo.selected, 'decision');
    yield* together(begun.map((stepId) => takeBack(work, stepId)));
  }
}

/** What was done for a limited time is undone after it. */
function* endContainment(work: PlanWork, request: ApprovalRequest, since: number): Process<void> {
  if (request.state !== 'contained' || request.onDeadline.do !== 'contain') return;
  const { waiting, record } = work.handling;
  yield* waiting.sleepUntil(since + request.onDeadline.forMs);
  const ofIt = work.works.filter(({ step }) => request.stepIds.includes(step.id));
  const begun = work.beginUndo(request.stepIds, 'containment-over');
  const undone = ofIt.filter(({ step }) => begun.includes(step.id));
  record.add({ text: containmentOver(undone, ofIt.filter(mayBeInForce)) });
  const open = work.requests.find(
    ({ tier, purpose, state }) => tier === request.tier && purpose === 'undo' && state === 'waiting',
  );
  if (open !== undefined) work.changeRequests([{ ...open, state: 'superseded' }]);
  work.notices.note(request);
  yield* together(begun.map((stepId) => takeBack(work, stepId)));
}
