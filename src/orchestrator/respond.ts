/** Carries out the plans of a run. Every tier and every automatic step is a process of its own; all run concurrently. */
import type { Outcome } from '../domain/case-file.js';
import { updateComment } from './comment.js';
import { receiveDecisions } from './decisions.js';
import { isoTime, now } from './durable.js';
import { followUpdates } from './follow-updates.js';
import type { Made } from './make-plan.js';
import { Rounds } from './rounds.js';
import { type Process, until } from './scheduler.js';
import type { IncidentScope } from './scope.js';
import { isWatched, type StepExecution } from './step-execution.js';

/** Carries out a plan and those that follow it, records the outcome, and continues until nothing can be undone any more. */
export function* respond(scope: IncidentScope, first: Made): Process<Outcome> {
  // No one has taken messages since the plan was begun to be made, and an automatic step does not wait for any.
  const acts = first.plan.steps.some(({ mode, lasting }) => mode === 'auto' && lasting === undefined);
  if (acts) yield* scope.inbox.receive(() => false, now(scope.ctx) + 1);
  const rounds = new Rounds(scope);
  rounds.begin(first);
  const { group } = rounds;
  group.start(receiveDecisions(scope, rounds, () => rounds.isOver));
  group.start(updateOutcome(rounds));
  group.start(followUpdates(rounds));
  yield* group.run();
  return scope.record.file.outcome ?? rounds.outcome;
}

/** Updates comment and outcome: the proposal, the result, every effect that ends later, and again for every new plan. */
function* updateOutcome(rounds: Rounds): Process<void> {
  const { ctx, record } = rounds.scope;
  for (;;) {
    const { version } = rounds;
    const isReplaced = () => rounds.version !== version;
    if (rounds.undecided === undefined) yield* updateComment(rounds.scope, 'proposal');
    yield* until(() => (rounds.isSettled && !rounds.isLookingForCopy) || isReplaced());
    if (isReplaced()) continue;
    const { outcome, unfinished } = rounds;
    record.add({ text: `Outcome: ${outcome}.`, changes: { outcome, ...(unfinished ? { unfinished } : {}) } });
    yield* updateComment(rounds.scope, 'result');
    if (isReplaced()) continue;
    record.add({ text: `Ended: ${outcome}.`, changes: { stage: 'ended', endedAt: isoTime(ctx) } });
    rounds.notifyAll();
    yield* followEffects(rounds, isReplaced);
    if (isReplaced()) continue;
    rounds.isShown = true;
    return;
  }
}

/** Updates the outcome when an effect shows late or ends, until a new plan is made or nothing can end any more. */
function* followEffects(rounds: Rounds, isReplaced: () => boolean): Process<void> {
  const { record } = rounds.scope;
  /** The effects that were undone or ended by others, and those that may still come. The comment is updated when one changes. */
  const present = () => rounds.steps.map((one) => [one.step.id, isEnded(one), isWatched(one)].join()).join();
  for (;;) {
    const before = present();
    yield* until(() => present() !== before || rounds.isIdle || isReplaced());
    if (present() === before || isReplaced()) return;
    const { outcome, unfinished } = rounds;
    if (outcome !== record.file.outcome || unfinished !== record.file.unfinished) {
      record.add({ changes: { outcome, ...(unfinished && { unfinished }) } });
      rounds.notifyAll();
    }
    yield* updateComment(rounds.scope, 'result');
  }
}

function isEnded({ direction, phase, effect }: StepExecution): boolean {
  return effect.endedByOthers !== undefined || (direction === 'undo' && phase === 'over');
}
