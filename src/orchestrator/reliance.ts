/** Coordinates a step with other incidents that rely on the same effect: it claims the effect before it acts, and releases it before it undoes it. */
import type { ErrorInfo } from '../domain/errors.js';
import type { RelianceAnswer, RelianceRequest, Reliant } from '../domain/reliance.js';
import { isoOf, isoTime, now, signalNote, signalReliance } from './durable.js';
import type { PlanExecution } from './plan-execution.js';
import type { Process } from './scheduler.js';
import { finishUndo, onRunResult, type StepExecution } from './step-execution.js';
import { alsoReliedOn, foundEnded, releasedBy, reliedOn } from './timeline-messages.js';

/**
 * Before a step acts: claims the effect that it begins, or requests permission to end it. If that is refused, the step
 * ends with the reason. Returns the incidents that already relied on the effect.
 */
export function* claim(execution: PlanExecution, stepId: string): Process<readonly Reliant[]> {
  const { lasting } = execution.step(stepId).step;
  if (lasting === undefined) return [];
  const ask = lasting.does === 'begin' ? 'claim' : 'end';
  for (let next = execution.step(stepId); next.phase === 'run'; next = execution.step(stepId)) {
    yield* execution.scope.waiting.until(() => execution.whyStopped !== undefined, next.nextAt);
    if (execution.whyStopped !== undefined) return [];
    const answer = yield* queryReliance(execution, lasting.key, { ask, who: reliantOf(execution, next) });
    if (answer.state === 'relies' || answer.state === 'may-end') {
      const others = answer.state === 'relies' ? answer.others : [];
      if (others.length > 0) execution.scope.record.add({ text: alsoReliedOn(next.step, others) });
      execution.advance({ ...next, attempt: 0 });
      return others;
    }
    retryOrFail(execution, next, answer);
  }
  return [];
}

/** After a step: confirms or withdraws its claim. `others`: the incidents that relied on the effect before. */
export function settleClaim(execution: PlanExecution, stepId: string, others: readonly Reliant[]): void {
  const done = execution.step(stepId);
  const { lasting } = done.step;
  if (lasting === undefined) return;
  const who = reliantOf(execution, done);
  const { state } = done.effect;
  const isProved = state === 'confirmed' || state === 'already-done';
  if (lasting.does === 'end')
    notifyReliance(execution, lasting.key, { ask: isProved ? 'released' : 'kept', who, output: null });
  else if (isProved) confirmClaim(execution, done, lasting.key, others);
  else if (state === 'failed') notifyReliance(execution, lasting.key, { ask: 'withdraw', who });
}

/** If the step had to apply the effect, it had been lost for incidents that had confirmed it before. They get a note. */
function confirmClaim(
  execution: PlanExecution,
  done: StepExecution,
  key: string,
  others: readonly Reliant[],
): void {
  const lost = done.began ? others.filter((one) => one.proved === true) : [];
  notifyReliance(execution, key, { ask: 'proved', who: reliantOf(execution, done), instead: lost });
  for (const one of lost)
    noteInCase(execution, one, foundEnded(done.step, execution.scope.record.file.number), one.step);
}

/** Adds a note to the case file of another run. */
function noteInCase({ scope }: PlanExecution, to: Reliant, text: string, ended?: number): void {
  const { ctx, seal } = scope;
  const { instanceId, generation } = to;
  const content = { at: isoTime(ctx), text, ...(ended === undefined ? {} : { ended }) };
  scope.waiting.queueSignal(() => signalNote(ctx, seal, { instanceId, generation }, content));
}

/**
 * Before an effect is undone: releases it. Returns undefined if others rely on it; the effect then stays and the step
 * ends. Otherwise returns the outputs of the incidents that released it before, because their actions are undone, too.
 */
export function* release(execution: PlanExecution, stepId: string): Process<readonly unknown[] | undefined> {
  const { lasting } = execution.step(stepId).step;
  if (lasting?.does !== 'begin') return [];
  for (let next = execution.step(stepId); next.phase === 'run'; next = execution.step(stepId)) {
    yield* execution.scope.waiting.sleepUntil(next.nextAt);
    const request = { ask: 'release' as const, who: reliantOf(execution, next), output: createdOutput(next) };
    const answer = yield* queryReliance(execution, lasting.key, request);
    if (answer.state === 'may-end') {
      execution.advance({ ...next, attempt: 0 });
      return answer.left;
    }
    if (answer.state === 'relied-on') {
      const proof = reliedOn(answer.others);
      const { number } = execution.scope.record.file;
      for (const one of answer.others) noteInCase(execution, one, releasedBy(next.step, number));
      execution.advance(
        finishUndo(next, { state: 'relied-on', proof, evidence: {} }, isoTime(execution.scope.ctx)),
      );
    } else if (answer.state === 'refused' && answer.code === 'over') {
      execution.advance(
        finishUndo(next, { state: 'not-ours', proof: HAD_ENDED, evidence: {} }, isoTime(execution.scope.ctx)),
      );
    } else retryOrFail(execution, next, answer);
  }
  return undefined;
}

/** After an undo: reports whether the effect has ended. */
export function settleRelease(execution: PlanExecution, stepId: string): void {
  const done = execution.step(stepId);
  const { lasting } = done.step;
  if (lasting?.does !== 'begin') return;
  const stillInForce = ['failed', 'unconfirmed'].includes(done.effect.undo?.state ?? '');
  const who = reliantOf(execution, done);
  notifyReliance(
    execution,
    lasting.key,
    stillInForce ? { ask: 'kept', who, output: createdOutput(done) } : { ask: 'released', who },
  );
}

/** Withdraws the claim to an effect that others have ended. */
export function withdraw(execution: PlanExecution, stepId: string): void {
  const { lasting } = execution.step(stepId).step;
  if (lasting !== undefined)
    notifyReliance(execution, lasting.key, {
      ask: 'withdraw',
      who: reliantOf(execution, execution.step(stepId)),
    });
}

const HAD_ENDED =
  'Nothing was undone: others had already ended the effect, and this incident no longer relied on it.';

/** The output of the step, if the step itself applied the effect or may have done so. */
function createdOutput({ effect, output }: StepExecution): unknown {
  return effect.state === 'already-done' ? null : output;
}

/** Schedules another attempt, or ends the step. */
function retryOrFail(execution: PlanExecution, next: StepExecution, answer: RelianceAnswer): void {
  const { ctx } = execution.scope;
  execution.advance(onRunResult(next, { ok: false, error: refusal(answer) }, now(ctx), isoOf(ctx)));
}

function refusal(answer: RelianceAnswer): ErrorInfo {
  const ownFault = { fault: 'responder', retry: 'no' } as const;
  if (answer.state === 'wait') {
    const message = `Incident #${answer.by.number ?? '?'} is ending the effect at the moment.`;
    return { ...ownFault, code: 'being-ended', message, retry: 'later' };
  }
  if (answer.state === 'relied-on') {
    const next = 'Undo it in that incident, or end it manually.';
    return { ...ownFault, code: 'relied-on', message: reliedOn(answer.others), next };
  }
  return {
    ...ownFault,
    code: 'reliance-unclear',
    message: 'It is unknown whether other incidents rely on the effect.',
    next: 'Check what is in force and act manually.',
  };
}

function reliantOf(execution: PlanExecution, { step, decidedAt }: StepExecution): Reliant {
  const { ctx, record } = execution.scope;
  const { number } = record.file;
  return {
    instanceId: ctx.df.instanceId,
    generation: record.file.generation,
    step: execution.positionOf(step.id),
    ...(number === undefined ? {} : { number }),
    since: isoTime(ctx, decidedAt),
  };
}

function* queryReliance(
  { scope }: PlanExecution,
  key: string,
  request: RelianceRequest,
): Process<RelianceAnswer> {
  return yield* scope.waiting.askReliance(key, sealRequest(scope, key, request));
}

function notifyReliance({ scope }: PlanExecution, key: string, request: RelianceRequest): void {
  scope.waiting.queueSignal(() => signalReliance(scope.ctx, key, sealRequest(scope, key, request)));
}

function sealRequest({ seal }: PlanExecution['scope'], key: string, request: RelianceRequest) {
  const { instanceId, generation } = request.who;
  return seal({ key, request }, { purpose: 'reliance', instanceId, generation, sequence: 0 });
}
