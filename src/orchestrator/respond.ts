import type { ApprovalRequest } from '../domain/approval.js';
import type { Outcome, Stage, UndoEffect } from '../domain/case-file.js';
import { ResponderError } from '../domain/errors.js';
import type { Plan } from '../domain/plan.js';
import { updateComment } from './comment.js';
import { type Counted, describeJudged, judgeMessage } from './decisions.js';
import { isoTime, now, type Steps, timeOf } from './durable.js';
import { approvalSubject, type IncidentHandling } from './handling.js';
import { Notices } from './notices.js';
import { outcomeOf } from './outcome.js';
import { COMPUTE, callWithRetries } from './retry.js';
import {
  afterConfirm,
  afterRun,
  begin,
  beginUndo,
  canBeUndone,
  giveUp,
  mayBeInForce,
  progressOf,
  type StepWork,
  stepRef,
} from './steps.js';
import { runLegs } from './waiting.js';
import { containmentOver, describePassage, describeProgress, opening } from './words.js';

/** The activity gives up by itself before that. */
const LEG_DEADLINE_MS = 120_000;
/** An act begins within that time, or not at all: it must have ended when the next attempt reads the state. */
const START_WITHIN_MS = 120_000;
/** An act takes a minute at most. */
const ACT_DEADLINE_MS = START_WITHIN_MS + 65_000;

/**
 * Carries out a plan: steps that need no approval at once, the others when their tier approves them, each on its own
 * way to a proved effect. One loop waits for all: for decisions, for deadlines, for the next attempt.
 */
export class PlanExecution {
  readonly #handling: IncidentHandling;
  readonly #notices: Notices;
  #works: readonly StepWork[] = [];
  /** What was contained for a time, and until when (milliseconds since the epoch). */
  #containments: readonly { readonly requestId: string; readonly until: number }[] = [];

  constructor(
    handling: IncidentHandling,
    private readonly plan: Plan,
  ) {
    this.#handling = handling;
    this.#notices = new Notices(handling);
  }

  /** Until every tier is decided and every step has come to its end. */
  *respond(): Steps<Outcome> {
    yield* this.#open();
    // Whoever opens the incident should see at once that a request may wait in vain.
    if (this.#requests.some(({ warnings }) => warnings.length > 0)) {
      yield* updateComment(this.#handling, 'proposal');
    }
    yield* this.#until(() => this.#openWorks.length === 0 && !this.#waits('respond'));
    return this.outcome;
  }

  /** What is still owed after the end: containment that ends, undoing what people decide to undo, last cards. */
  *afterwards(): Steps<void> {
    yield* this.#until(
      () =>
        this.#openWorks.length === 0 &&
        !this.#waits('undo') &&
        this.#containments.length === 0 &&
        this.#notices.nextAt === undefined,
    );
  }

  get outcome(): Outcome {
    return outcomeOf(this.plan, this.#requests, this.#works);
  }

  /** After what nobody foresaw: nothing new is begun, and nobody is asked any more. */
  abandon(): void {
    const works = this.#works.map((work) => giveUp(work, isoTime(this.#handling.ctx)));
    const effects = works.filter((work, i) => work !== this.#works[i]).map(({ effect }) => effect);
    this.#works = works;
    const approvals = this.#requests
      .filter(({ state }) => state === 'waiting')
      .map((request) => ({ ...request, state: 'superseded' as const }));
    if (approvals.length + effects.length > 0) this.#handling.record.add({ approvals, effects });
  }

  /** Whoever looks at a request's cards should see how it ended. */
  tell(): void {
    for (const request of this.#requests) this.#notices.note(request);
  }

  get #requests(): readonly ApprovalRequest[] {
    return this.#handling.record.file.approvals;
  }

  get #openWorks(): readonly StepWork[] {
    return this.#works.filter(({ phase }) => phase !== 'over');
  }

  /** Whether every step that the request carried out has come to its end. */
  #isSettled(requestId: string): boolean {
    const selected = this.#requests.find(({ id }) => id === requestId)?.selected ?? [];
    return this.#openWorks.every(({ step }) => !selected.includes(step.id));
  }

  #waits(purpose: ApprovalRequest['purpose']): boolean {
    return this.#requests.some((request) => request.purpose === purpose && request.state === 'waiting');
  }

  *#open(): Steps<void> {
    const { ctx, record } = this.#handling;
    const automatic = this.plan.steps.filter(({ mode }) => mode === 'auto');
    let approvals: readonly ApprovalRequest[] = [];
    if (automatic.length < this.plan.steps.length) {
      const { instanceId, generation } = record.file;
      const input = { plan: this.plan, run: { instanceId, generation }, now: now(ctx) };
      const opened = yield* callWithRetries(ctx, 'openApprovals', input, COMPUTE);
      if (!opened.ok) throw new ResponderError(opened.error);
      ({ approvals } = opened.value);
    }
    this.#works = automatic.map((step) => begin(step, now(ctx), isoTime(ctx)));
    record.add({
      text: opening(automatic.length, approvals),
      changes: { stage: stageOf(approvals, this.#works) },
      approvals,
      effects: this.#works.map(({ effect }) => effect),
    });
    for (const request of approvals) this.#notices.note(request, 'requested');
  }

  *#until(done: () => boolean): Steps<void> {
    const { ctx, inbox } = this.#handling;
    while (!done()) {
      // What was said comes before what time does: nobody is too late because the orchestration was.
      if (inbox.hasMessage) yield* this.#hear(now(ctx));
      if (this.#isDue(this.#notices.nextAt)) yield* this.#notices.send();
      if (this.#openWorks.some(({ nextAt }) => this.#isDue(nextAt))) yield* this.#work();
      if (!inbox.hasMessage) yield* this.#passTime();
      const wakeAt = this.#wakeAt();
      if (!done() && !inbox.hasMessage && wakeAt !== undefined && !this.#isDue(wakeAt)) {
        yield* this.#hear(wakeAt);
      }
    }
  }

  #isDue(at: number | undefined): boolean {
    return at !== undefined && at <= now(this.#handling.ctx);
  }

  #wakeAt(): number | undefined {
    const times = [
      ...this.#openWorks.map(({ nextAt }) => nextAt),
      ...this.#requests.filter(({ state }) => state === 'waiting').map(({ wakeAt }) => timeOf(wakeAt)),
      ...this.#containments.filter(({ requestId }) => this.#isSettled(requestId)).map(({ until }) => until),
      ...(this.#notices.nextAt === undefined ? [] : [this.#notices.nextAt]),
    ];
    return times.length === 0 ? undefined : Math.min(...times);
  }

  *#hear(until: number): Steps<void> {
    const { inbox } = this.#handling;
    const arrived = yield* inbox.next(until);
    if (arrived === undefined) return;
    const court = { tiers: this.plan.tiers, about: approvalSubject(this.#handling) };
    const counted = yield* judgeMessage(this.#handling, court, arrived.message);
    if (counted !== undefined) this.#follow(describeJudged(counted.judged), counted.approvals, counted);
  }

  /** Reminders, escalations, deadlines, and the end of containment. */
  *#passTime(): Steps<void> {
    const { ctx } = this.#handling;
    const due = this.#requests.filter(
      ({ state, wakeAt }) => state === 'waiting' && this.#isDue(timeOf(wakeAt)),
    );
    if (due.length > 0) {
      const about = approvalSubject(this.#handling);
      const input = { approvals: due, tiers: this.plan.tiers, about, now: now(ctx) };
      const result = yield* callWithRetries(ctx, 'passTime', input, COMPUTE);
      if (!result.ok) throw new ResponderError(result.error);
      const { approvals, passed } = result.value;
      this.#follow(describePassage(approvals, passed), approvals);
      for (const { id, what } of passed) {
        const request = approvals.find((one) => one.id === id);
        if (request && (what === 'reminded' || what === 'escalated')) this.#notices.note(request, what);
      }
    }
    // A step that is still on its way would take effect after its end, and nobody would take it back.
    const over = this.#containments.filter(
      ({ requestId, until }) => this.#isDue(until) && this.#isSettled(requestId),
    );
    for (const { requestId } of over) {
      this.#containments = this.#containments.filter((one) => one.requestId !== requestId);
      const request = this.#requests.find(({ id }) => id === requestId);
      if (request !== undefined) this.#endContainment(request);
    }
  }

  /** Writes down requests that changed, and begins what follows from them. */
  #follow(text: string, approvals: readonly ApprovalRequest[], counted?: Counted): void {
    const { ctx, record } = this.#handling;
    const begun = approvals.flatMap((request) => this.#begin(request));
    this.#replace(begun);
    for (const request of approvals) {
      if (request.state !== 'contained' || request.onDeadline.do !== 'contain') continue;
      const until = now(ctx) + request.onDeadline.forMs;
      this.#containments = [...this.#containments, { requestId: request.id, until }];
    }
    record.add({
      text,
      ...(record.file.stage === 'ended'
        ? {}
        : { changes: { stage: stageOf(merged(this.#requests, approvals), this.#works) } }),
      approvals,
      decisions: counted === undefined ? [] : [counted.judged],
      effects: begun.map(({ effect }) => effect),
    });
    for (const request of approvals) this.#notices.note(request);
  }

  #begin(request: ApprovalRequest): StepWork[] {
    if (request.state !== 'approved' && request.state !== 'contained') return [];
    if (request.purpose === 'undo') return this.#undo(request.selected, 'decision');
    const { ctx } = this.#handling;
    const selected = this.plan.steps.filter(
      ({ id, tier, reversible, risk }) =>
        tier === request.tier &&
        request.selected.includes(id) &&
        // Playbooks that would contain anything else are refused; nobody has decided about it here.
        (request.state === 'approved' || (reversible && risk !== 'destructive')),
    );
    const fresh = selected.filter(({ id }) => !this.#works.some(({ step }) => step.id === id));
    return fresh.map((step) => begin(step, now(ctx), isoTime(ctx)));
  }

  #undo(stepIds: readonly string[], because: UndoEffect['because']): StepWork[] {
    const { ctx } = this.#handling;
    return this.#works
      .filter((work) => stepIds.includes(work.step.id) && canBeUndone(work))
      .map((work) => beginUndo(work, because, now(ctx), isoTime(ctx)));
  }

  #endContainment(request: ApprovalRequest): void {
    const { record } = this.#handling;
    const doubtful = this.#works.filter(
      (work) => request.stepIds.includes(work.step.id) && mayBeInForce(work),
    );
    const begun = this.#undo(request.stepIds, 'containment-over');
    this.#replace(begun);
    const open = this.#requests.find(
      ({ tier, purpose, state }) => tier === request.tier && purpose === 'undo' && state === 'waiting',
    );
    record.add({
      text: containmentOver(begun, doubtful),
      approvals: open === undefined ? [] : [{ ...open, state: 'superseded' }],
      effects: begun.map(({ effect }) => effect),
    });
    this.#notices.note(request);
  }

  #replace(changed: readonly StepWork[]): void {
    const byStep = new Map([...this.#works, ...changed].map((work) => [work.step.id, work]));
    this.#works = [...byStep.values()];
  }

  /** Runs and reads back whatever is due, all at once, and writes down what changed. */
  *#work(): Steps<void> {
    const { ctx, record } = this.#handling;
    const due = this.#openWorks.filter(({ nextAt }) => nextAt <= now(ctx));
    const changed: [StepWork, StepWork][] = [];
    for (const name of ['runResponse', 'undoResponse', 'confirmResponse', 'confirmUndo'] as const) {
      const works = due.filter((work) => activityFor(work) === name);
      const results = yield* this.#call(name, works);
      works.forEach((work, i) => {
        const after = results[i]?.(work);
        if (after !== undefined) changed.push([work, after]);
      });
    }
    this.#replace(changed.map(([, after]) => after));
    const news = changed.filter(([before, after]) => before.effect !== after.effect);
    const stage = record.file.stage === 'ended' ? 'ended' : stageOf(this.#requests, this.#works);
    if (news.length > 0 || stage !== record.file.stage) {
      record.add({
        text:
          news
            .map(([, after]) => describeProgress(after.step, after.direction, progressOf(after)))
            .join(' ') || 'Waiting for the effects to show.',
        changes: { stage },
        effects: news.map(([, after]) => after.effect),
      });
      this.#noteSteps(news.map(([, after]) => after));
    }
    yield* this.#offerUndo();
  }

  *#call(
    name: 'runResponse' | 'undoResponse' | 'confirmResponse' | 'confirmUndo',
    works: readonly StepWork[],
  ): Steps<((work: StepWork) => StepWork)[]> {
    const { ctx, ref } = this.#handling;
    const at = (): [number, string] => [now(ctx), isoTime(ctx)];
    const about = ({ step, output }: StepWork) => ({ incident: ref, step: stepRef(step), output });
    if (name === 'confirmResponse' || name === 'confirmUndo') {
      const legs = works.map((work) => ({ input: about(work), deadlineMs: LEG_DEADLINE_MS }));
      const results = yield* runLegs(ctx, name, legs);
      return results.map((result) => (work) => afterConfirm(work, result, ...at()));
    }
    const startBy = now(ctx) + START_WITHIN_MS;
    const legs = works.map((work) => {
      const { askedAt, mayHaveActed, looked } = work;
      return {
        input: { ...about(work), askedAt, mayHaveActed, looked, startBy },
        deadlineMs: ACT_DEADLINE_MS,
      };
    });
    const results = yield* runLegs(ctx, name, legs);
    return results.map((result) => (work) => afterRun(work, result, ...at()));
  }

  #noteSteps(works: readonly StepWork[]): void {
    const tiers = new Set(works.map(({ step }) => step.tier));
    for (const request of this.#requests) {
      if (request.purpose === 'respond' && tiers.has(request.tier)) this.#notices.note(request);
    }
  }

  /** Once all that a tier decided has come to its end, what can be undone may be undone by a decision of its own. */
  *#offerUndo(): Steps<void> {
    const { ctx, record } = this.#handling;
    for (const asked of this.#requests) {
      if (asked.purpose !== 'respond' || asked.selected.length === 0) continue;
      const tier = this.plan.tiers.find(({ name }) => name === asked.tier);
      const works = this.#works.filter(({ step }) => asked.selected.includes(step.id));
      const stepIds = works.filter(canBeUndone).map(({ step }) => step.id);
      const undo = this.#requests.find(
        ({ tier: name, purpose }) => name === asked.tier && purpose === 'undo',
      );
      const settled = this.#isSettled(asked.id);
      const again = undo === undefined || (undo.state === 'approved' && !this.#isDue(timeOf(undo.expiresAt)));
      if (!tier?.undoForMs || !settled || !again || stepIds.length === 0) continue;
      const input = { plan: this.plan, asked, undo, stepIds, now: now(ctx) };
      const opened = yield* callWithRetries(ctx, 'openUndo', input, COMPUTE);
      if (!opened.ok) throw new ResponderError(opened.error);
      record.add({ approvals: opened.value.approvals });
      this.#notices.note(asked);
    }
  }
}

function activityFor({
  phase,
  direction,
}: StepWork): 'runResponse' | 'undoResponse' | 'confirmResponse' | 'confirmUndo' {
  if (phase === 'run') return direction === 'do' ? 'runResponse' : 'undoResponse';
  return direction === 'do' ? 'confirmResponse' : 'confirmUndo';
}

function merged(
  requests: readonly ApprovalRequest[],
  changed: readonly ApprovalRequest[],
): ApprovalRequest[] {
  return [...new Map([...requests, ...changed].map((request) => [request.id, request])).values()];
}

function stageOf(requests: readonly ApprovalRequest[], works: readonly StepWork[]): Stage {
  if (requests.some(({ state, purpose }) => state === 'waiting' && purpose === 'respond')) {
    return 'awaiting-approval';
  }
  return works.some(({ phase }) => phase === 'run') ? 'remediating' : 'confirming';
}
