/** One approved step on its way: run, then read back until the effect is proved. Pure: no waiting in here. */
import type { Effect } from '../domain/case-file.js';
import type { PlanStep } from '../domain/plan.js';
import type { ActivityOutput, Envelope, StepRef } from './activities.js';
import { pauseAfter, type RetryPolicy } from './retry.js';

const RUN: RetryPolicy = { attempts: 6, firstMs: 5_000, longestMs: 300_000 };
const CONFIRM: RetryPolicy = { attempts: 1, firstMs: 5_000, longestMs: 120_000 };
/** How long an effect may take to show before it counts as unconfirmed. */
const CONFIRM_FOR_MS = 30 * 60_000;

export interface StepWork {
  readonly step: PlanStep;
  readonly phase: 'run' | 'confirm' | 'over';
  /** Milliseconds since the epoch: not before then. */
  readonly nextAt: number;
  /** Attempts of this phase so far. */
  readonly attempt: number;
  readonly confirmUntil: number;
  readonly output: unknown;
  readonly effect: Effect;
}
type Change = Partial<Omit<StepWork, 'step' | 'effect'>> & { readonly effect?: Partial<Effect> };

/** A step that was approved and not begun. Its intent goes into the case file before anything is called. */
export function begin(step: PlanStep, at: number, time: string): StepWork {
  return {
    step,
    phase: 'run',
    nextAt: at,
    attempt: 0,
    confirmUntil: at,
    output: undefined,
    effect: { stepId: step.id, action: step.action, target: step.target, state: 'intended', at: time },
  };
}

export function stepRef({ action, entityKey, target, input }: PlanStep): StepRef {
  return { action, entityKey, target, input };
}

export function afterRun(
  work: StepWork,
  result: Envelope<ActivityOutput<'runResponse'>>,
  at: number,
  time: string,
): StepWork {
  const attempt = work.attempt + 1;
  if (result.ok) {
    const { state, output, evidence } = result.value;
    const done = state === 'already-done';
    return changed(work, time, {
      phase: 'confirm',
      attempt: 0,
      output,
      nextAt: done ? at : at + CONFIRM.firstMs,
      confirmUntil: at + CONFIRM_FOR_MS,
      effect: { state: done ? 'already-done' : 'requested', evidence },
    });
  }
  const { error } = result;
  if (error.retry !== 'no' && attempt < RUN.attempts) {
    return changed(work, time, { attempt, nextAt: at + pauseAfter(attempt, RUN, error), effect: { error } });
  }
  // Whether the last attempt reached the service is not known: that is not the same as having failed.
  const state = error.retry === 'read-first' ? 'unconfirmed' : 'failed';
  return changed(work, time, { phase: 'over', attempt, effect: { state, error } });
}

export function afterConfirm(
  work: StepWork,
  result: Envelope<ActivityOutput<'confirmResponse'>>,
  at: number,
  time: string,
): StepWork {
  const attempt = work.attempt + 1;
  if (result.ok && result.value.state === 'confirmed') {
    const state = work.effect.state === 'already-done' ? 'already-done' : 'confirmed';
    const evidence = { ...work.effect.evidence, ...result.value.evidence };
    return changed(work, time, {
      phase: 'over',
      attempt,
      effect: { state, proof: result.value.proof, evidence },
    });
  }
  if (result.ok && result.value.state === 'failed') {
    return changed(work, time, {
      phase: 'over',
      attempt,
      effect: { state: 'failed', proof: result.value.reason },
    });
  }
  const error = result.ok ? undefined : result.error;
  const nextAt = at + pauseAfter(attempt + 1, CONFIRM, error);
  if (error?.retry === 'no' || nextAt > work.confirmUntil) {
    const proof =
      result.ok && result.value.state === 'pending' ? `Last read back as: ${result.value.status}` : undefined;
    return changed(work, time, {
      phase: 'over',
      attempt,
      effect: { state: 'unconfirmed', ...(proof && { proof }), ...(error && { error }) },
    });
  }
  return { ...work, attempt, nextAt };
}

/** True when the effect on the world is proved. */
export function isProved(effect: Effect): boolean {
  return (effect.state === 'confirmed' || effect.state === 'already-done') && effect.proof !== undefined;
}

function changed(work: StepWork, time: string, change: Change): StepWork {
  const { effect, ...rest } = change;
  const { error: _passed, ...before } = work.effect;
  return { ...work, ...rest, effect: { ...before, ...effect, at: time } };
}
