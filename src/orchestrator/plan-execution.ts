import type { ApprovalRequest } from '../domain/approval.js';
import type { UndoEffect } from '../domain/case-file.js';
import { ResponderError } from '../domain/errors.js';
import type { Plan, PlanStep } from '../domain/plan.js';
import type { ConflictContext } from './activities.js';
import { ApprovalNotifier } from './approval-notifier.js';
import type { DecisionContext } from './decisions.js';
import { isoTime, now } from './durable.js';
import { endIn } from './incident-facts.js';
import type { Mutex, Process } from './scheduler.js';
import type { IncidentScope } from './scope.js';
import { checkAgainstPlan } from './selection.js';
import { canBeUndone, progressOf, type StepExecution, startStep, startUndo } from './step-execution.js';
import { describeProgress, endedBy } from './timeline-messages.js';

/** What a plan shares with the other plans of its run. */
export interface RunOfPlan {
  readonly decisions: Pick<DecisionContext, 'conflictContext' | 'mutex' | 'noticeEnd'> & {
    readonly handOver: 'known' | 'being-read' | 'unknown';
    showStage(): void;
    runBeside(body: Process<void>): void;
  };
  /** Number of steps of the former plans. */
  readonly firstStep: number;
  /** Whether any channel is configured that can show a request. */
  readonly channels: boolean;
}

/** The execution of one plan, shared by its processes: the approval requests and the state of each step. */
export class PlanExecution {
  readonly notifier: ApprovalNotifier;
  readonly #steps = new Map<string, StepExecution>();
  #isAbandoned = false;
  #whyStopped: string | undefined;

  constructor(
    readonly scope: IncidentScope,
    readonly plan: Plan,
    private readonly run: RunOfPlan,
  ) {
    this.notifier = new ApprovalNotifier(scope, run.channels);
  }

  get tiers(): Plan['tiers'] {
    return this.plan.tiers;
  }

  /** The requests of this plan. */
  get requests(): readonly ApprovalRequest[] {
    return this.scope.record.file.approvals.filter(({ planHash }) => planHash === this.plan.hash);
  }

  /** Position of a step among those of all plans of the run. */
  positionOf(stepId: string): number {
    return this.run.firstStep + this.plan.steps.findIndex(({ id }) => id === stepId);
  }

  get conflictContext(): ConflictContext {
    return this.run.decisions.conflictContext;
  }

  /** @throws ResponderError `unknown-request` */
  request(id: string): ApprovalRequest {
    const found = this.requests.find((request) => request.id === id);
    if (found !== undefined) return found;
    throw ownFault('unknown-request', `There is no request ${id}.`);
  }

  mutex(requestId: string): Mutex {
    return this.run.decisions.mutex(requestId);
  }

  /**
   * Stores changed requests. Cards that were posted in the meantime are merged into them.
   * @throws ResponderError `not-of-this-plan`, `unknown-request`
   */
  changeRequests(changed: readonly ApprovalRequest[]): void {
    const approvals = changed.map((request) => {
      const current = this.request(request.id);
      checkAgainstPlan(this.plan, current, request);
      const { cards } = current;
      const all = new Map([...request.cards, ...cards].map((card) => [card.activityId, card]));
      return { ...request, cards: [...all.values()] };
    });
    if (approvals.length === 0) return;
    this.scope.record.add({ approvals });
    this.run.decisions.showStage();
    for (const request of approvals) this.notifier.queue(request);
  }

  /** A timeout may have found that the incident is over, for all requests of the run. */
  noticeEnd(changed: readonly ApprovalRequest[], mergedInto: string | undefined): void {
    const end = endIn(changed);
    if (end !== undefined) this.run.decisions.noticeEnd(end, mergedInto);
  }

  /** Runs a process that the outcome does not wait for; the end of the run does. */
  runBeside(body: Process<void>): void {
    this.run.decisions.runBeside(body);
  }

  /** Whether it is known what other cases have done. */
  get handOver(): RunOfPlan['decisions']['handOver'] {
    return this.run.decisions.handOver;
  }

  get steps(): readonly StepExecution[] {
    return [...this.#steps.values()];
  }

  /** @throws ResponderError `unknown-step` if the step was not started */
  step(stepId: string): StepExecution {
    const found = this.#steps.get(stepId);
    if (found !== undefined) return found;
    throw ownFault('unknown-step', `Step ${stepId} was not started.`);
  }

  /** Records the intent to carry out the steps, before any call. */
  begin(steps: readonly PlanStep[]): void {
    const { ctx } = this.scope;
    this.#replaceSteps(steps.map((step) => startStep(step, now(ctx), isoTime(ctx))));
  }

  /** Records the intent to undo those of the steps that can be undone. Returns their ids. */
  beginUndo(stepIds: readonly string[], because: UndoEffect['because']): string[] {
    const { ctx } = this.scope;
    const undone = this.steps.filter(
      (execution) => stepIds.includes(execution.step.id) && canBeUndone(execution),
    );
    this.#replaceSteps(undone.map((execution) => startUndo(execution, because, now(ctx), isoTime(ctx))));
    return undone.map(({ step }) => step.id);
  }

  /** Stores the new state of a step. If its effect has changed, records it and updates the cards. */
  advance(execution: StepExecution): void {
    const before = this.step(execution.step.id);
    if (execution.effect === before.effect) {
      this.#steps.set(execution.step.id, execution);
      this.run.decisions.showStage();
      this.scope.record.sendAll();
      return;
    }
    const { step, direction } = execution;
    const progress = progressOf(execution);
    const { endedByOthers } = execution.effect;
    const text =
      endedByOthers === undefined
        ? describeProgress(step, direction, progress)
        : endedBy(step, endedByOthers.reason);
    const { record } = this.scope;
    // The check that follows soon adds more; one signal for both is enough.
    if (progress.state === 'requested') record.addToNext({ text, effects: [execution.effect] });
    else record.add({ text, effects: [execution.effect] });
    this.#steps.set(step.id, execution);
    this.run.decisions.showStage();
    for (const request of this.requests) {
      if (request.purpose === 'respond' && request.tier === step.tier) this.notifier.queue(request);
    }
  }

  /** After an unexpected error: starts no further step and supersedes all open requests. Time-limited steps are still undone. */
  abandon(): void {
    this.#isAbandoned = true;
    const waiting = this.requests.filter(({ state }) => state === 'waiting');
    this.changeRequests(
      waiting.map((request) => ({ ...request, state: 'superseded', supersededBy: 'failed' })),
    );
  }

  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  /** Begins no step any more, approved or not. What was requested is still proved, and can be undone. */
  stopActing(why: string): void {
    this.#whyStopped ??= why;
  }

  /** Why a step that was not requested yet must not be any more; undefined: it may. */
  get whyStopped(): string | undefined {
    return this.#isAbandoned ? 'Abandoned: the incident could not be handled further.' : this.#whyStopped;
  }

  #replaceSteps(steps: readonly StepExecution[]): void {
    for (const execution of steps) this.#steps.set(execution.step.id, execution);
    if (steps.length > 0) this.scope.record.add({ effects: steps.map(({ effect }) => effect) });
    this.run.decisions.showStage();
  }
}

function ownFault(code: string, message: string): ResponderError {
  return new ResponderError({ code, message, fault: 'responder', retry: 'no' });
}
