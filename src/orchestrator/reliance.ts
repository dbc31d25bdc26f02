/** What a step has to do with others that rely on the same effect: it claims it before it looks, and lets go before it ends it. */
import type { ErrorInfo } from '../domain/errors.js';
import type { RelianceAnswer, RelianceRequest, Reliant } from '../domain/reliance.js';
import { isoTime, now, signalNote, signalReliance } from './durable.js';
import type { PlanWork } from './plan-work.js';
import type { Process } from './process.js';
import { afterRun, endUndo, type StepWork } from './steps.js';
import { foundEnded, letGoBy, reliedOn, relyToo } from './words.js';

/**
 * Before a step acts: claims the effect that it begins, or asks whether it may end it. Where it must not, the step is
 * over with the reason. Gives those who relied on the effect already.
 */
export function* claim(work: PlanWork, stepId: string): Process<readonly Reliant[]> {
  const { lasting } = work.work(stepId).step;
  if (lasting === undefined) return [];
  const ask = lasting.does === 'begin' ? 'claim' : 'end';
  for (let next = work.work(stepId); next.phase === 'run'; next = work.work(stepId)) {
    yield* work.handling.waiting.until(() => work.isAbandoned, next.nextAt);
    if (work.isAbandoned) return [];
    const answer = yield* asked(work, lasting.key, { ask, who: whoIs(work, next) });
    if (answer.state === 'relies' || answer.state === 'may-end') {
      const others = answer.state === 'relies' ? answer.others : [];
      if (others.length > 0) work.handling.record.add({ text: relyToo(next.step, others) });
      work.advance({ ...next, attempt: 0 });
      return others;
    }
    notYet(work, next, answer);
  }
  return [];
}

/** After a step: whether its claim stands. `others`: those who relied on the effect before. */
export function settleClaim(work: PlanWork, stepId: string, others: readonly Reliant[]): void {
  const done = work.work(stepId);
  const { lasting } = done.step;
  if (lasting === undefined) return;
  const who = whoIs(work, done);
  const { state } = done.effect;
  const isProved = state === 'confirmed' || state === 'already-done';
  if (lasting.does === 'end')
    tell(work, lasting.key, { ask: isProved ? 'released' : 'kept', who, output: null });
  else if (isProved) stands(work, done, lasting.key, others);
  else if (state === 'failed') tell(work, lasting.key, { ask: 'withdraw', who });
}

/** Where the step had to bring the effect about, those for whom it was proved before had lost it. */
function stands(work: PlanWork, done: StepWork, key: string, others: readonly Reliant[]): void {
  const lost = done.began ? others.filter((one) => one.stands === true) : [];
  tell(work, key, { ask: 'stands', who: whoIs(work, done), instead: lost });
  for (const one of lost) note(work, one, foundEnded(done.step, work.handling.record.file.number), one.step);
}

/** In the case file of another run. */
function note({ handling }: PlanWork, to: Reliant, text: string, ended?: number): void {
  const { ctx, seal } = handling;
  const { instanceId, generation } = to;
  const content = { at: isoTime(ctx), text, ...(ended === undefined ? {} : { ended }) };
  handling.waiting.tell(() => signalNote(ctx, seal, { instanceId, generation }, content));
}

/**
 * Before an effect is undone: lets go of it. Undefined where others rely on it; then it stays, and the step is over.
 * Otherwise the outputs of those who let go before, whose effect is to be undone, too.
 */
export function* letGo(work: PlanWork, stepId: string): Process<readonly unknown[] | undefined> {
  const { lasting } = work.work(stepId).step;
  if (lasting?.does !== 'begin') return [];
  for (let next = work.work(stepId); next.phase === 'run'; next = work.work(stepId)) {
    yield* work.handling.waiting.sleepUntil(next.nextAt);
    const request = { ask: 'release' as const, who: whoIs(work, next), output: madeBy(next) };
    const answer = yield* asked(work, lasting.key, request);
    if (answer.state === 'may-end') {
      work.advance({ ...next, attempt: 0 });
      return answer.left;
    }
    if (answer.state === 'relied-on') {
      const proof = reliedOn(answer.others);
      const { number } = work.handling.record.file;
      for (const one of answer.others) note(work, one, letGoBy(next.step, number));
      work.advance(endUndo(next, { state: 'relied-on', proof, evidence: {} }, isoTime(work.handling.ctx)));
    } else if (answer.state === 'refused' && answer.code === 'over') {
      work.advance(
        endUndo(next, { state: 'not-ours', proof: HAD_ENDED, evidence: {} }, isoTime(work.handling.ctx)),
      );
    } else notYet(work, next, answer);
  }
  return undefined;
}

/** After an undo: whether the effect has ended. */
export function settleRelease(work: PlanWork, stepId: string): void {
  const done = work.work(stepId);
  const { lasting } = done.step;
  if (lasting?.does !== 'begin') return;
  const kept = ['failed', 'unconfirmed'].includes(done.effect.undo?.state ?? '');
  const who = whoIs(work, done);
  tell(work, lasting.key, kept ? { ask: 'kept', who, output: madeBy(done) } : { ask: 'released', who });
}

/** Its effect has ended by somebody else's doing. */
export function withdraw(work: PlanWork, stepId: string): void {
  const { lasting } = work.work(stepId).step;
  if (lasting !== undefined)
    tell(work, lasting.key, { ask: 'withdraw', who: whoIs(work, work.work(stepId)) });
}

const HAD_ENDED =
  'Nothing was undone: others had ended the effect before, and this incident relied on it no longer.';

/** What it gave, where the step itself brought the effect about, or may have. */
function madeBy({ effect, output }: StepWork): unknown {
  return effect.state === 'already-done' ? null : output;
}

/** A pause before it asks again, or the end of the step. */
function notYet(work: PlanWork, next: StepWork, answer: RelianceAnswer): void {
  const { ctx } = work.handling;
  work.advance(afterRun(next, { ok: false, error: refusal(answer) }, now(ctx), isoTime(ctx)));
}

function refusal(answer: RelianceAnswer): ErrorInfo {
  const ours = { blame: 'responder', retry: 'no' } as const;
  if (answer.state === 'wait') {
    const message = `Incident #${answer.by.number ?? '?'} is ending the effect just now.`;
    return { ...ours, code: 'being-ended', message, retry: 'later' };
  }
  if (answer.state === 'relied-on') {
    const next = 'Undo it in that incident, or end it by hand.';
    return { ...ours, code: 'relied-on', message: reliedOn(answer.others), next };
  }
  return {
    ...ours,
    code: 'reliance-unclear',
    message: 'Whether other incidents rely on the effect could not be found out.',
    next: 'See what is in force, and act by hand.',
  };
}

function whoIs({ handling, plan }: PlanWork, { step, askedAt }: StepWork): Reliant {
  const { ctx, record } = handling;
  const { number } = record.file;
  return {
    instanceId: ctx.df.instanceId,
    generation: record.file.generation,
    step: plan.steps.findIndex(({ id }) => id === step.id),
    ...(number === undefined ? {} : { number }),
    since: isoTime(ctx, askedAt),
  };
}

function* asked({ handling }: PlanWork, key: string, request: RelianceRequest): Process<RelianceAnswer> {
  return yield* handling.waiting.askReliance(key, sealed(handling, key, request));
}

function tell({ handling }: PlanWork, key: string, request: RelianceRequest): void {
  handling.waiting.tell(() => signalReliance(handling.ctx, key, sealed(handling, key, request)));
}

function sealed({ seal }: PlanWork['handling'], key: string, request: RelianceRequest) {
  const { instanceId, generation } = request.who;
  return seal({ key, request }, { purpose: 'reliance', instanceId, generation, sequence: 0 });
}
