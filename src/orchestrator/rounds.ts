/**
 * The plans of a run. The first is made when the incident is read, and another one whenever an update changes what the
 * playbook proposes. The steps of former plans go on: they are confirmed, and can be undone.
 */
import type { AliasOwner } from '../domain/alias.js';
import type { ApprovalRequest, SupersededBy } from '../domain/approval.js';
import type { Outcome, Stage } from '../domain/case-file.js';
import { type ErrorInfo, ResponderError } from '../domain/errors.js';
import { stepsOf } from '../domain/settled.js';
import type { Unfinished } from '../domain/unfinished.js';
import type { ConflictContext } from './activities.js';
import type { CaseEntry } from './case-recorder.js';
import type { DecisionContext } from './decisions.js';
import { HandingOver, mergeOf, type Reason } from './hand-over.js';
import type { IncidentEnd } from './incident-facts.js';
import type { Made } from './make-plan.js';

import { outcomeOf } from './outcome.js';
import { PlanExecution } from './plan-execution.js';
import { runStep } from './run-step.js';
import { Group, Mutex, type Process } from './scheduler.js';
import { conflictContext, type IncidentScope, recordFailure } from './scope.js';
import { isProved, type StepExecution } from './step-execution.js';
import { handleTier } from './tier.js';
import { describeStart } from './timeline-messages.js';
import { unfinishedOf } from './unfinished.js';

export interface Undecided {
  readonly error: ErrorInfo;
  /** Whether the incident has changed since the last plan. */
  readonly hasChanged: boolean;
  /** Keys of what the attempt left out; the next one does, too, unless an analyst requests another. */
  readonly leftOut: readonly string[];
}

export class Rounds implements DecisionContext {
  readonly group = new Group();
  readonly #executions: PlanExecution[] = [];
  readonly #mutexes = new Map<string, Mutex>();
  /** Requests and steps that must end before there is an outcome. */
  readonly #unsettled = new Set<object>();
  #running = 0;
  #isAbandoned = false;
  #version = 0;
  #undecided: Undecided | undefined;
  readonly #handingOver = new HandingOver(this);
  /** An update is being evaluated: the run does not end meanwhile. */
  isUpdating = false;
  /** Comment and outcome show the end. */
  isShown = false;

  /** @param scope with the newest version of the incident */
  constructor(public scope: IncidentScope) {}

  /** Begins a plan: opens its requests and starts its automatic steps. */
  begin({ plan, approvals, channels, text, changes }: Made): void {
    const { record } = this.scope;
    const firstStep = stepsOf(record.file).length;
    const execution = new PlanExecution(this.scope, plan, { decisions: this, firstStep, channels });
    this.#executions.push(execution);
    this.#reopen({ text, changes });
    const automatic = plan.steps.filter(({ mode }) => mode === 'auto');
    record.add({ text: describeStart(automatic.length, approvals), approvals });
    execution.begin(automatic);
    for (const { id } of approvals) {
      this.#start((settled) => handleTier(execution, id, settled));
      const request = execution.request(id);
      this.group.start(execution.notifier.notify(request, () => this.isOver));
    }
    for (const { id } of automatic) this.#start(() => runStep(execution, id));
  }

  /**
   * No plan could be made for the newest version of the incident: the requests about a former version are superseded, and the
   * end is not final.
   */
  leaveUndecided(undecided: Undecided): void {
    // Repeated for the same reason, it has no news for the comment.
    if (this.#undecided?.error.code === undecided.error.code) {
      this.#undecided = undecided;
      return;
    }
    this.supersede('changed');
    this.#reopen({ changes: { error: undecided.error } }, undecided);
  }

  /** Why there is no plan for the newest version of the incident. */
  get undecided(): Undecided | undefined {
    return this.#undecided;
  }

  /** No playbook applies to the newest version of the incident. Returns whether requests were superseded. */
  proposeNothing(): boolean {
    if (this.#undecided !== undefined) this.#reopen({});
    return this.supersede('changed');
  }

  /** Whether it is known what other cases hand over: their messages are read at once. Unknown: no reading could verify one. */
  get handOver(): 'known' | 'being-read' | 'unknown' {
    const { inbox } = this.scope;
    if (!inbox.handsOver) return 'known';
    return this.isUpdating || inbox.hasUpdate ? 'being-read' : 'unknown';
  }

  /** Changes with every plan, and when no plan could be made. */
  get version(): number {
    return this.#version;
  }

  /** Nothing runs, waits or can be undone any more. After an unexpected error, updates wait for the next attempt. */
  get isIdle(): boolean {
    const hasUpdate = this.scope.inbox.hasUpdate && !this.#isAbandoned;
    return this.#running === 0 && !this.isUpdating && !hasUpdate && !this.#handingOver.isBusy;
  }

  get isOver(): boolean {
    return this.isIdle && this.isShown;
  }

  /** All requests are decided, and the steps have ended. */
  get isSettled(): boolean {
    return this.#unsettled.size === 0 || this.#isAbandoned;
  }

  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  /** The newest state of each step, over all plans. */
  get steps(): readonly StepExecution[] {
    const all = this.#executions.flatMap(({ steps }) => steps.map((one) => [one.step.id, one] as const));
    return [...new Map(all).values()];
  }

  get outcome(): Outcome {
    const { plan } = this.#last;
    const requests = this.#requests.filter(({ supersededBy }) => supersededBy !== 'changed');
    if (this.#isAbandoned) return 'needs-analyst';
    if (this.#undecided === undefined) {
      const outcome = outcomeOf(plan, requests, this.steps);
      return outcome === 'remediated' && this.#leftOut.length > 0 ? 'partly-remediated' : outcome;
    }
    return this.steps.some(isInForce) ? 'partly-remediated' : 'needs-analyst';
  }

  get unfinished(): Unfinished | undefined {
    if (this.#isAbandoned) return 'failed';
    if (this.#undecided !== undefined) return 'not-decided';
    if (this.outcome === 'incident-gone') return 'gone';
    return unfinishedOf(this.#last.plan, this.steps, this.#leftOut);
  }

  /** After an unexpected error: starts no further step and supersedes all open requests. Time-limited steps are still undone. */
  abandon(): void {
    this.#isAbandoned = true;
    for (const execution of this.#executions) execution.abandon();
  }

  /** Supersedes the requests that wait for a response. What was done can still be undone. */
  supersede(because: SupersededBy): boolean {
    const waiting = this.#requests.filter(
      ({ state, purpose }) => state === 'waiting' && purpose === 'respond',
    );
    this.changeRequests(
      waiting.map((request) => ({ ...request, state: 'superseded', supersededBy: because })),
    );
    return waiting.length > 0;
  }

  /**
   * The incident is over: nothing further is proposed. The target of a merge takes over, or the copy of an incident that is gone.
   * Returns whether requests were superseded.
   */
  noticeEnd(because: IncidentEnd, mergedInto?: string): boolean {
    const some = this.supersede(because);
    if (because === 'gone') this.#stopActing();
    if (because === 'closed') return some;
    const { incident } = this.scope;
    const merge = () => mergeOf(mergedInto === undefined ? incident : { ...incident, mergedInto });
    this.#handOver(because === 'merged' ? merge() : { because });
    return some;
  }

  /** Another instance handles the same incident: nothing further is proposed. Returns whether requests were superseded. */
  noticeOwner(owner: AliasOwner): boolean {
    const some = this.supersede('elsewhere');
    if (this.scope.record.file.effects.length > 0) this.#handOver({ because: 'elsewhere', owner });
    return some;
  }

  #handOver(reason: Reason): void {
    if (this.#handingOver.begin(reason)) this.group.start(this.#handingOver.run());
  }

  /** The incident is returned again. */
  noticeReturn(): void {
    this.#handingOver.end();
  }

  /** It is not known yet whether another case takes over. */
  get isLookingForCopy(): boolean {
    return this.#handingOver.isLookingForCopy;
  }

  /** The copy of the incident, which is gone here, is handled. */
  handledElsewhere(): void {
    const gone = this.#requests.filter(({ supersededBy }) => supersededBy === 'gone');
    this.changeRequests(gone.map((request) => ({ ...request, supersededBy: 'elsewhere' })));
  }

  #stopActing(): void {
    for (const execution of this.#executions)
      execution.stopActing('Not carried out: the incident was deleted.');
  }

  /** Queues a notice about every request of all plans. */
  notifyAll(): void {
    for (const { notifier, requests } of this.#executions) for (const one of requests) notifier.queue(one);
  }

  tiersOf(requestId: string) {
    const request = this.#requests.find(({ id }) => id === requestId);
    return this.#executions.find(({ plan }) => plan.hash === request?.planHash)?.tiers ?? [];
  }

  get conflictContext(): ConflictContext {
    return conflictContext(this.scope);
  }

  mutex(requestId: string): Mutex {
    const mutex = this.#mutexes.get(requestId) ?? new Mutex();
    this.#mutexes.set(requestId, mutex);
    return mutex;
  }

  /**
   * Stores changed requests with their plan.
   * @throws ResponderError `not-of-this-plan`, `unknown-request`
   */
  changeRequests(changed: readonly ApprovalRequest[]): void {
    for (const request of changed) {
      const hash = this.scope.record.file.approvals.find(({ id }) => id === request.id)?.planHash;
      const execution = this.#executions.find(({ plan }) => plan.hash === hash);
      if (execution === undefined) throw unknownRequest(request.id);
      execution.changeRequests([request]);
    }
  }

  /** Runs a process of this run. An unexpected error is left to an analyst; the others still confirm and undo. */
  *contain(body: Process<void>): Process<void> {
    try {
      yield* body;
    } catch (thrown) {
      recordFailure(this.scope, thrown, 'failed');
      this.abandon();
    }
  }

  get #requests(): readonly ApprovalRequest[] {
    return this.scope.record.file.approvals;
  }

  get #leftOut(): readonly string[] {
    return this.scope.record.file.leftOut ?? [];
  }

  get #last(): PlanExecution {
    const last = this.#executions.at(-1);
    if (last === undefined) throw unknownRequest('');
    return last;
  }

  /** Begins another version. Only a plan or the reason why there is none follows, so an error before it has passed. */
  #reopen(entry: Pick<CaseEntry, 'text' | 'changes'>, undecided?: Undecided): void {
    const { record } = this.scope;
    const { outcome, error } = record.file;
    this.#undecided = undecided;
    this.#version += 1;
    this.isShown = false;
    const stage = outcome === undefined ? {} : { stage: 'deciding' as const };
    const reopened = outcome === undefined && error === undefined ? {} : { reopened: true as const };
    record.add({ ...reopened, ...entry, changes: { ...entry.changes, ...stage } });
  }

  #start(body: (settled: () => void) => Process<void>): void {
    const mark = {};
    const settled = () => this.#unsettled.delete(mark);
    this.#unsettled.add(mark);
    this.#running += 1;
    const rounds = this;
    this.group.start(
      (function* () {
        yield* rounds.contain(body(settled));
        settled();
        rounds.#running -= 1;
      })(),
    );
  }

  /** Runs a process that the outcome does not wait for; the end of the run does. */
  runBeside(body: Process<void>): void {
    this.#start((settled) => {
      settled();
      return body;
    });
  }

  /** Over all plans: the steps of a former one may still run. */
  showStage(): void {
    const { record } = this.scope;
    const stage = stageOf(this.#requests, this.steps);
    if (record.file.stage !== 'ended' && record.file.stage !== stage)
      record.addToNext({ changes: { stage } });
  }
}

function isInForce({ effect }: StepExecution): boolean {
  return isProved(effect) && effect.undo === undefined && effect.endedByOthers === undefined;
}

function stageOf(requests: readonly ApprovalRequest[], steps: readonly StepExecution[]): Stage {
  if (requests.some(({ state, purpose }) => state === 'waiting' && purpose === 'respond')) {
    return 'awaiting-approval';
  }
  return steps.some(({ phase }) => phase === 'run') ? 'remediating' : 'confirming';
}

function unknownRequest(id: string): ResponderError {
  const message = `There is no request ${id}.`;
  return new ResponderError({ code: 'unknown-request', message, fault: 'responder', retry: 'no' });
}
