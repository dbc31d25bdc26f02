import type { ApprovalRequest } from '../domain/approval.js';
import type { Outcome, Stage, UndoEffect } from '../domain/case-file.js';
import { ResponderError } from '../domain/errors.js';
import type { Plan, PlanStep } from '../domain/plan.js';
import type { ApprovalSubject } from './activities.js';
import type { Hearing } from './decisions.js';
import { isoTime, now } from './durable.js';
import { approvalSubject, type IncidentHandling } from './handling.js';
import { Notices } from './notices.js';
import { outcomeOf } from './outcome.js';
import { Line } from './process.js';
import { checkAgainstPlan } from './selection.js';
import { begin, beginUndo, canBeUndone, progressOf, type StepWork } from './steps.js';
import { describeProgress, endedBy } from './words.js';

/** One plan on its way, as its processes share it: what the approvers were asked, and how far each step is. */
export class PlanWork implements Hearing {
  readonly notices: Notices;
  readonly about: ApprovalSubject;
  readonly #works = new Map<string, StepWork>();
  readonly #lines = new Map<string, Line>();
  #isAbandoned = false;

  constructor(
    readonly handling: IncidentHandling,
    readonly plan: Plan,
    hasChannels: boolean,
  ) {
    this.notices = new Notices(handling, hasChannels);
    this.about = approvalSubject(handling, plan);
  }

  get tiers(): Plan['tiers'] {
    return this.plan.tiers;
  }

  get requests(): readonly ApprovalRequest[] {
    return this.handling.record.file.approvals;
  }

  /** @throws ResponderError `unknown-request` */
  request(id: string): ApprovalRequest {
    const found = this.requests.find((request) => request.id === id);
    if (found !== undefined) return found;
    throw ours('unknown-request', `There is no request ${id}.`);
  }

  line(requestId: string): Line {
    const line = this.#lines.get(requestId) ?? new Line();
    this.#lines.set(requestId, line);
    return line;
  }

  /**
   * Takes requests as they are after something happened to them. Cards that were posted meanwhile stay known.
   * @throws ResponderError `not-of-this-plan`, `unknown-request`
   */
  changeRequests(changed: readonly ApprovalRequest[]): void {
    const approvals = changed.map((request) => {
      const asked = this.request(request.id);
      checkAgainstPlan(this.plan, asked, request);
      const { cards } = asked;
      const all = new Map([...request.cards, ...cards].map((card) => [card.activityId, card]));
      return { ...request, cards: [...all.values()] };
    });
    if (approvals.length === 0) return;
    this.handling.record.add({ approvals });
    this.#showStage();
    for (const request of approvals) this.notices.note(request);
  }

  get works(): readonly StepWork[] {
    return [...this.#works.values()];
  }

  /** @throws ResponderError `unknown-step` for one that was not begun */
  work(stepId: string): StepWork {
    const found = this.#works.get(stepId);
    if (found !== undefined) return found;
    throw ours('unknown-step', `Step ${stepId} was not begun.`);
  }

  /** Writes down what is going to be done, before anything is called. */
  begin(steps: readonly PlanStep[]): void {
    const { ctx } = this.handling;
    this.#keep(steps.map((step) => begin(step, now(ctx), isoTime(ctx))));
  }

  /** The same for taking back those of the steps that can be; gives their ids. */
  beginUndo(stepIds: readonly string[], because: UndoEffect['because']): string[] {
    const { ctx } = this.handling;
    const undone = this.works.filter((work) => stepIds.includes(work.step.id) && canBeUndone(work));
    this.#keep(undone.map((work) => beginUndo(work, because, now(ctx), isoTime(ctx))));
    return undone.map(({ step }) => step.id);
  }

  /** A step has come further; what is new about its effect is written down, and shown on the cards. */
  advance(work: StepWork): void {
    const before = this.work(work.step.id);
    if (work.effect === before.effect) {
      this.#works.set(work.step.id, work);
      this.#showStage();
      this.handling.record.sendAll();
      return;
    }
    const { step, direction } = work;
    const progress = progressOf(work);
    const { endedByOthers } = work.effect;
    const text =
      endedByOthers === undefined
        ? describeProgress(step, direction, progress)
        : endedBy(step, endedByOthers.reason);
    const { record } = this.handling;
    // The first look, in a moment, has more to say.
    if (progress.state === 'requested') record.addToNext({ text, effects: [work.effect] });
    else record.add({ text, effects: [work.effect] });
    this.#works.set(step.id, work);
    this.#showStage();
    for (const request of this.requests) {
      if (request.purpose === 'respond' && request.tier === step.tier) this.notices.note(request);
    }
  }

  /** After what nobody foresaw: nothing new is begun, and nobody is asked any more. What was done is still undone in time. */
  abandon(): void {
    this.#isAbandoned = true;
    const waiting = this.requests.filter(({ state }) => state === 'waiting');
    this.changeRequests(waiting.map((request) => ({ ...request, state: 'superseded' })));
  }

  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  get outcome(): Outcome {
    return this.#isAbandoned ? 'needs-analyst' : outcomeOf(this.plan, this.requests, this.works);
  }

  #keep(works: readonly StepWork[]): void {
    for (const work of works) this.#works.set(work.step.id, work);
    if (works.length > 0) this.handling.record.add({ effects: works.map(({ effect }) => effect) });
    this.#showStage();
  }

  #showStage(): void {
    const { record } = this.handling;
    const stage = stageOf(this.requests, this.works);
    if (record.file.stage !== 'ended' && record.file.stage !== stage)
      record.addToNext({ changes: { stage } });
  }
}

function stageOf(requests: readonly ApprovalRequest[], works: readonly StepWork[]): Stage {
  if (requests.some(({ state, purpose }) => state === 'waiting' && purpose === 'respond')) {
    return 'awaiting-approval';
  }
  return works.some(({ phase }) => phase === 'run') ? 'remediating' : 'confirming';
}

function ours(code: string, message: string): ResponderError {
  return new ResponderError({ code, message, blame: 'responder', retry: 'no' });
}
