/** One approved step on its way, or its undo: run, then read back until the effect is proved. Pure: no waiting in here. */
import type { Effect, UndoEffect } from '../domain/case-file.js';
import type { PlanStep } from '../domain/plan.js';
import type { ActivityOutput, Envelope, StepRef } from './activities.js';
import { pauseAfter, type RetryPolicy } from './retry.js';

/** What was approved is tried for half an hour: a service that is away for some minutes must not lose it. */
const RUN: RetryPolicy = { attempts: 12, firstMs: 5_000, longestMs: 300_000 };
/** It was looked at once right after the act. */
const CONFIRM: RetryPolicy = { attempts: 1, firstMs: 15_000, longestMs: 120_000 };
/** How long an effect may take to show before it counts as unconfirmed. */
const CONFIRM_FOR_MS = 30 * 60_000;
/** It is looked for that often at least, also where that time passed while nobody could look. */
const FEWEST_LOOKS = 4;

export interface StepWork {
  readonly step: PlanStep;
  /** `undo`: what was done is being taken back. */
  readonly direction: 'do' | 'undo';
  readonly phase: 'run' | 'confirm' | 'over';
  /** When its doing, or undoing, was decided. Milliseconds since the epoch, as the next one: not before then. */
  readonly askedAt: number;
  readonly nextAt: number;
  /** Attempts of this phase so far. */
  readonly attempt: number;
  /** An attempt ended without an answer: the service may have done it all the same. */
  readonly mayHaveActed: boolean;
  /** It was read that there is something to do; nothing was sent before that. */
  readonly looked: boolean;
  readonly confirmUntil: number;
  /** It was not in force before it was done. */
  readonly began: boolean;
  /** What the doing gave; undoing needs it. */
  readonly output: unknown;
  readonly effect: Effect;
}
type Progress = Pick<Effect | UndoEffect, 'state' | 'proof' | 'evidence' | 'error'>;
type Change = Partial<Omit<StepWork, 'step' | 'direction' | 'effect'>> & {
  readonly progress?: Partial<Pick<Effect, 'state' | 'proof' | 'evidence' | 'error'>>;
};

/** A step that was approved and not begun. Its intent goes into the case file before anything is called. */
export function begin(step: PlanStep, at: number, time: string): StepWork {
  return {
    step,
    direction: 'do',
    phase: 'run',
    askedAt: at,
    nextAt: at,
    attempt: 0,
    mayHaveActed: false,
    looked: false,
    confirmUntil: at,
    began: false,
    output: undefined,
    effect: { stepId: step.id, action: step.action, target: step.target, state: 'intended', at: time },
  };
}

/** Takes back what a step did. */
export function beginUndo(
  done: StepWork,
  because: UndoEffect['because'],
  at: number,
  time: string,
): StepWork {
  const undo: UndoEffect = { state: 'intended', because, at: time };
  const effect: Effect = { ...done.effect, undo };
  const fresh = { askedAt: at, nextAt: at, attempt: 0, mayHaveActed: false, looked: false, confirmUntil: at };
  return { ...done, ...fresh, direction: 'undo', phase: 'run', effect };
}

/** Whether there is, or may be, something of ours to take back, or an effect of others to let go of. */
export function canBeUndone({ step, direction, phase, effect, output }: StepWork): boolean {
  const states = ['requested', 'confirmed', 'unconfirmed'];
  if (step.lasting?.does === 'begin') states.push('already-done');
  return (
    step.reversible &&
    direction === 'do' &&
    phase === 'over' &&
    output !== undefined &&
    effect.endedByOthers === undefined &&
    states.includes(effect.state)
  );
}

/** Whether it may have been done although nothing is known that could be taken back. */
export function mayBeInForce({ direction, output, mayHaveActed }: StepWork): boolean {
  return direction === 'do' && output === undefined && mayHaveActed;
}

export function isDone({ phase }: StepWork): boolean {
  return phase === 'over';
}

/** How the present direction goes. */
export function progressOf({ direction, effect }: StepWork): Progress {
  return direction === 'undo' && effect.undo !== undefined ? effect.undo : effect;
}

export function stepRef({ action, entityKey, target, record, input }: PlanStep): StepRef {
  return { action, entityKey, target, record, input };
}

export function afterRun(
  work: StepWork,
  result: Envelope<ActivityOutput<'runResponse' | 'undoResponse'>>,
  at: number,
  time: string,
): StepWork {
  const attempt = work.attempt + 1;
  if (result.ok) {
    if (result.value.state === 'not-ours') {
      const { reason, evidence } = result.value;
      return endUndo(work, { state: 'not-ours', proof: reason, evidence }, time);
    }
    // Its second half, the act, is due at once.
    if (result.value.state === 'looked') return { ...work, looked: true, nextAt: at };
    const { state, output, evidence, confirmation } = result.value;
    const done = state === 'already-done';
    const acted = changed(work, time, {
      phase: 'confirm',
      attempt: 0,
      output: work.direction === 'do' ? output : work.output,
      began: work.began || (work.direction === 'do' && result.value.began === true),
      nextAt: done ? at : at + CONFIRM.firstMs,
      confirmUntil: at + CONFIRM_FOR_MS,
      progress: { state: done ? 'already-done' : 'requested', evidence },
    });
    if (confirmation === undefined) return acted;
    return afterConfirm(acted, { ok: true, value: confirmation }, at, time);
  }
  const { error } = result;
  const mayHaveActed = work.mayHaveActed || error.retry === 'read-first';
  if (error.retry !== 'no' && attempt < RUN.attempts) {
    return changed(work, time, {
      attempt,
      mayHaveActed,
      // Where nothing was sent, what was read is out of date after the pause.
      looked: work.looked && mayHaveActed,
      nextAt: at + pauseAfter(attempt, RUN, error),
      progress: { error },
    });
  }
  // Whether an attempt reached the service is not known: that is not the same as having failed.
  const state = mayHaveActed ? 'unconfirmed' : 'failed';
  return changed(work, time, { phase: 'over', attempt, progress: { state, error } });
}

export function afterConfirm(
  work: StepWork,
  result: Envelope<ActivityOutput<'confirmResponse'>>,
  at: number,
  time: string,
): StepWork {
  const attempt = work.attempt + 1;
  if (result.ok && result.value.state === 'confirmed') {
    const before = progressOf(work);
    const state = before.state === 'already-done' ? 'already-done' : 'confirmed';
    const evidence = { ...before.evidence, ...result.value.evidence };
    return changed(work, time, {
      phase: 'over',
      attempt,
      progress: { state, proof: result.value.proof, evidence },
    });
  }
  if (result.ok && result.value.state === 'failed') {
    return changed(work, time, {
      phase: 'over',
      attempt,
      progress: { state: 'failed', proof: result.value.reason },
    });
  }
  const error = result.ok ? undefined : result.error;
  const nextAt = at + pauseAfter(attempt + 1, CONFIRM, error);
  if (error?.retry === 'no' || (nextAt > work.confirmUntil && attempt >= FEWEST_LOOKS)) {
    const proof =
      result.ok && result.value.state === 'pending' ? `Last read back as: ${result.value.status}` : undefined;
    return changed(work, time, {
      phase: 'over',
      attempt,
      progress: { state: 'unconfirmed', ...(proof && { proof }), ...(error && { error }) },
    });
  }
  return { ...work, attempt, nextAt };
}

/** Asks for nothing more. What was asked for already is still read back, and what is to be taken back still is. */
export function giveUp(work: StepWork, time: string): StepWork {
  if (work.phase !== 'run' || work.direction === 'undo') return work;
  const state = work.mayHaveActed ? 'unconfirmed' : 'failed';
  const proof = 'Given up: the incident could not be handled further.';
  return changed(work, time, { phase: 'over', progress: { state, proof } });
}

/** The undo is over without anything having been reverted. */
export function endUndo(
  work: StepWork,
  end: Pick<UndoEffect, 'state' | 'proof' | 'evidence'>,
  time: string,
): StepWork {
  const { undo } = work.effect;
  if (undo === undefined) return work;
  return { ...work, phase: 'over', effect: { ...work.effect, undo: { ...undo, ...end, at: time } } };
}

/** True when the effect on the world is proved. */
export function isProved({ state, proof }: Progress): boolean {
  return (state === 'confirmed' || state === 'already-done') && proof !== undefined;
}

function changed(work: StepWork, time: string, change: Change): StepWork {
  const { progress, ...rest } = change;
  const { effect } = work;
  if (work.direction === 'undo' && effect.undo !== undefined) {
    const { error: _passed, ...before } = effect.undo;
    return { ...work, ...rest, effect: { ...effect, undo: { ...before, ...progress, at: time } } };
  }
  const { error: _passed, ...before } = effect;
  return { ...work, ...rest, effect: { ...before, ...progress, at: time } };
}
