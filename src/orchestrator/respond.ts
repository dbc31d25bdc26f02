/** A plan on its way: every tier and every automatic step on a course of its own, side by side. */

import type { ApprovalRequest } from '../domain/approval.js';
import type { Outcome } from '../domain/case-file.js';
import type { Plan } from '../domain/plan.js';
import { updateComment } from './comment.js';
import { hear } from './decisions.js';
import { isoTime } from './durable.js';
import { type IncidentHandling, recordFailure } from './handling.js';
import { PlanWork } from './plan-work.js';
import { Group, type Process, together, until } from './process.js';
import { carryOut } from './step.js';
import type { StepWork } from './steps.js';
import { handleTier } from './tier.js';
import { opening } from './words.js';

/** Carries a plan out, says how that ended, and stays until nothing can be undone any more. */
export function* respond(
  handling: IncidentHandling,
  plan: Plan,
  requests: readonly ApprovalRequest[],
  hasChannels: boolean,
): Process<Outcome> {
  const { record } = handling;
  const work = new PlanWork(handling, plan, hasChannels);
  const automatic = plan.steps.filter(({ mode }) => mode === 'auto');
  record.add({ text: opening(automatic.length, requests), approvals: requests });
  work.begin(automatic);

  /** What is still to be decided or done before there is an outcome. */
  const unsettled = new Set<string>();
  const courses = [
    ...requests.map(({ id }) => ({ id, course: handleTier(work, id, () => unsettled.delete(id)) })),
    ...automatic.map(({ id }) => ({ id, course: carryOut(work, id) })),
  ].map(({ id, course }) => {
    unsettled.add(id);
    return guarded(work, course, () => unsettled.delete(id));
  });

  let isOver = false;
  const news = new Group(requests.map((request) => work.notices.show(request, () => isOver)));
  yield* together([
    hear(handling, work, () => isOver),
    (function* () {
      yield* together(courses);
      isOver = true;
    })(),
    news.run(),
    tell(
      work,
      () => unsettled.size === 0 || work.isAbandoned,
      () => isOver,
    ),
  ]);
  return record.file.outcome ?? work.outcome;
}

/** Comment and outcome: the proposal, how it ended, and whatever was undone, or ended by others, since then. */
function* tell(work: PlanWork, isSettled: () => boolean, isOver: () => boolean): Process<void> {
  const { handling } = work;
  const { ctx, record } = handling;
  /** Effects that are no longer as the comment says, because they were undone or ended by others. */
  const over = () => work.works.filter(isOverNow).length;

  yield* updateComment(handling, 'proposal');
  yield* until(isSettled);
  const { outcome } = work;
  record.add({ text: `Outcome: ${outcome}.`, changes: { outcome } });
  yield* updateComment(handling, 'result');
  record.add({ text: `Ended: ${outcome}.`, changes: { stage: 'ended', endedAt: isoTime(ctx) } });
  for (const request of work.requests) work.notices.note(request);

  for (;;) {
    const before = over();
    yield* until(() => over() !== before || isOver());
    if (over() === before) return;
    if (work.outcome !== record.file.outcome) {
      record.add({ changes: { outcome: work.outcome } });
      for (const request of work.requests) work.notices.note(request);
    }
    yield* updateComment(handling, 'result');
  }
}

function isOverNow({ direction, phase, effect }: StepWork): boolean {
  return effect.endedByOthers !== undefined || (direction === 'undo' && phase === 'over');
}

/** What nobody foresaw is work for people. It ends neither the other courses' proofs nor what has to be undone. */
function* guarded(work: PlanWork, course: Process<void>, ended: () => void): Process<void> {
  try {
    yield* course;
  } catch (thrown) {
    recordFailure(work.handling, thrown);
    work.abandon();
  }
  ended();
}
