import type { ApprovalRequest } from '../domain/approval.js';
import type { Effect, Outcome, Stage } from '../domain/case-file.js';
import { ResponderError } from '../domain/errors.js';
import type { Plan, PlanStep } from '../domain/plan.js';
import { judgeMessage } from './decisions.js';
import { isoTime, now, type Steps, timeOf } from './durable.js';
import { count, type IncidentHandling } from './handling.js';
import { COMPUTE, callWithRetries } from './retry.js';
import { afterConfirm, afterRun, begin, isProved, type StepWork, stepRef } from './steps.js';
import { runLegs } from './waiting.js';

/** The activity gives up by itself before that. */
const LEG_DEADLINE_MS = 120_000;

/**
 * Carries out a plan: steps that need no approval at once, the others when an analyst approves them, each on its own
 * way to a proved effect. One loop waits for all: for a decision, for the deadline, for the next attempt.
 */
export function* respond(handling: IncidentHandling, plan: Plan): Steps<Outcome> {
  const { ctx, record, inbox } = handling;
  const automatic = plan.steps.filter((step) => step.mode === 'auto');
  const asked = plan.steps.filter((step) => step.mode === 'approval');
  let approval = asked.length > 0 ? yield* openApproval(handling, plan) : undefined;
  let works = automatic.map((step) => begin(step, now(ctx), isoTime(ctx)));
  record.add({
    text: opening(automatic, asked, approval),
    changes: { stage: stageOf(approval, works), ...(approval && { approval }) },
    effects: works.map((work) => work.effect),
  });

  for (;;) {
    const open = works.filter((work) => work.phase !== 'over');
    const waiting = approval?.state === 'waiting' ? approval : undefined;
    if (open.length === 0 && waiting === undefined) break;
    if (open.some((work) => work.nextAt <= now(ctx))) {
      works = yield* workOn(handling, works, approval);
      continue;
    }
    const wakeAt = [...open.map((work) => work.nextAt), ...(waiting ? [timeOf(waiting.expiresAt)] : [])];
    const arrived = yield* inbox.next(Math.min(...wakeAt));
    if (arrived !== undefined) {
      const judged = yield* judgeMessage(handling, arrived.message);
      if (judged === undefined || waiting === undefined || judged.approval.state === 'waiting') continue;
      approval = judged.approval;
      const approved = asked.filter((step) => judged.approved.includes(step.id));
      const begun = approved.map((step) => begin(step, now(ctx), isoTime(ctx)));
      works = [...works, ...begun];
      recordDecided(handling, approval, works, begun);
    } else if (waiting !== undefined && now(ctx) >= timeOf(waiting.expiresAt)) {
      approval = { ...waiting, state: 'expired' };
      recordDecided(handling, approval, works, []);
    }
  }
  return outcomeOf(plan, approval, works);
}

/** Runs and reads back whatever is due, all at once, and writes down what changed. */
function* workOn(
  { ctx, record, ref }: IncidentHandling,
  works: readonly StepWork[],
  approval: ApprovalRequest | undefined,
): Steps<StepWork[]> {
  const due = works.filter((work) => work.phase !== 'over' && work.nextAt <= now(ctx));
  const changed = new Map<StepWork, StepWork>();
  const running = due.filter((work) => work.phase === 'run');
  const runs = yield* runLegs(
    ctx,
    'runResponse',
    running.map(({ step }) => ({
      input: { incident: ref, step: stepRef(step) },
      deadlineMs: LEG_DEADLINE_MS,
    })),
  );
  running.forEach((work, i) => {
    const result = runs[i];
    if (result) changed.set(work, afterRun(work, result, now(ctx), isoTime(ctx)));
  });
  const confirming = due.filter((work) => work.phase === 'confirm');
  const confirms = yield* runLegs(
    ctx,
    'confirmResponse',
    confirming.map(({ step, output }) => ({
      input: { incident: ref, step: stepRef(step), output },
      deadlineMs: LEG_DEADLINE_MS,
    })),
  );
  confirming.forEach((work, i) => {
    const result = confirms[i];
    if (result) changed.set(work, afterConfirm(work, result, now(ctx), isoTime(ctx)));
  });
  const next = works.map((work) => changed.get(work) ?? work);
  const news = [...changed].filter(([before, after]) => before.effect !== after.effect);
  const stage = stageOf(approval, next);
  if (news.length > 0 || stage !== record.file.stage) {
    record.add({
      text:
        news.map(([, after]) => describe(after.step, after.effect)).join(' ') ||
        'Waiting for the effects to show.',
      changes: { stage },
      effects: news.map(([, after]) => after.effect),
    });
  }
  return next;
}

function* openApproval({ ctx }: IncidentHandling, plan: Plan): Steps<ApprovalRequest> {
  const input = { plan, instanceId: ctx.df.instanceId, now: now(ctx) };
  const opened = yield* callWithRetries(ctx, 'openApproval', input, COMPUTE);
  if (!opened.ok) throw new ResponderError(opened.error);
  return opened.value.approval;
}

function recordDecided(
  { record }: IncidentHandling,
  approval: ApprovalRequest,
  works: readonly StepWork[],
  begun: readonly StepWork[],
): void {
  const words: Readonly<Record<ApprovalRequest['state'], string>> = {
    waiting: '',
    approved: `${count(begun.length, 'step')} of ${approval.stepIds.length} will be carried out.`,
    rejected: 'Nothing of what was asked for will be carried out.',
    expired: 'Nobody decided in time. Nothing of what was asked for will be carried out.',
  };
  record.add({
    text: words[approval.state],
    changes: { approval, stage: stageOf(approval, works) },
    effects: begun.map((work) => work.effect),
  });
}

function stageOf(approval: ApprovalRequest | undefined, works: readonly StepWork[]): Stage {
  if (approval?.state === 'waiting') return 'awaiting-approval';
  return works.some((work) => work.phase === 'run') ? 'remediating' : 'confirming';
}

function opening(
  automatic: readonly PlanStep[],
  asked: readonly PlanStep[],
  approval: ApprovalRequest | undefined,
): string {
  const auto =
    automatic.length > 0 ? [`${count(automatic.length, 'step')} will be carried out at once.`] : [];
  const wait = approval
    ? [
        `${count(asked.length, 'step')} wait${asked.length === 1 ? 's' : ''} for an analyst until ${approval.expiresAt}.`,
      ]
    : [];
  return [...auto, ...wait].join(' ');
}

function describe(step: PlanStep, effect: Effect): string {
  const tail = effect.proof ?? effect.error?.message;
  const words: Readonly<Record<Effect['state'], string>> = {
    intended: 'will be tried again',
    requested: 'was requested',
    'already-done': 'was done before',
    confirmed: 'is confirmed',
    unconfirmed: 'could not be confirmed',
    failed: 'failed',
  };
  return `${step.title} (${step.target}) ${words[effect.state]}${tail === undefined ? '.' : `: ${ended(tail)}`}`;
}

function ended(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function outcomeOf(plan: Plan, approval: ApprovalRequest | undefined, works: readonly StepWork[]): Outcome {
  const proved = works.filter((work) => isProved(work.effect)).length;
  if (proved === works.length) {
    if (approval?.state === 'rejected' || approval?.state === 'expired') return approval.state;
    return plan.refused.length === 0 ? 'remediated' : 'partly-remediated';
  }
  return proved > 0 ? 'partly-remediated' : 'needs-analyst';
}
