/** The state of one step, or of its undo: run, then confirm until the effect is proved. Pure functions: nothing waits here. */
import type { Effect, UndoEffect } from '../domain/case-file.js';
import type { PlanStep } from '../domain/plan.js';
import type { ActivityOutput, Result, StepRef } from './activities.js';
import { pauseAfter, type RetryPolicy } from './retry.js';

/** Retries for half an hour: an outage of some minutes must not cancel an approved step. */
const RUN: RetryPolicy = { attempts: 12, firstMs: 5_000, longestMs: 300_000 };
/** One check has already run, right after the action. */
const CONFIRM: RetryPolicy = { attempts: 1, firstMs: 15_000, longestMs: 300_000 };
/** An effect that does not show within this time is unconfirmed: people decide what to do meanwhile. */
const CONFIRM_FOR_MS = 30 * 60_000;
/**
 * Afterwards it is read back for as long as the service may take, after pauses of this part of the time that has passed. Each
 * reading stays in the history: an effect that is late by an hour is likely to be late by hours.
 */
const PAUSE_PARTS = { inFirstHour: 1 / 4, later: 1 / 2 };
const HOUR_MS = 3_600_000;
const LONGEST_PAUSE_MS = 12 * HOUR_MS;
/** The least number of checks, even if the host was down for all of that time. */
const FEWEST_LOOKS = 4;

export interface StepExecution {
  readonly step: PlanStep;
  /** `undo`: the step is being undone. */
  readonly direction: 'do' | 'undo';
  readonly phase: 'run' | 'confirm' | 'over';
  /** When the step, or its undo, was decided. Milliseconds since the epoch. */
  readonly decidedAt: number;
  /** The next attempt is not before this time. Milliseconds since the epoch. */
  readonly nextAt: number;
  /** Attempts of this phase so far. */
  readonly attempt: number;
  /** An attempt ended without an answer: the service may have carried it out. */
  readonly outcomeUnknown: boolean;
  /** The precheck has run: the effect is not in force, and nothing has been sent before. */
  readonly prechecked: boolean;
  readonly confirmUntil: number;
  /** When the service accepted the request. Milliseconds since the epoch. */
  readonly requestedAt: number;
  /** The effect was not in force before this step. */
  readonly began: boolean;
  /** Output of the action; the undo needs it. */
  readonly output: unknown;
  readonly effect: Effect;
}
type Progress = Pick<Effect | UndoEffect, 'state' | 'watchedUntil' | 'proof' | 'evidence' | 'error'>;
/** Writes a time in milliseconds since the epoch as ISO 8601, UTC. */
type Iso = (at: number) => string;
type Change = Partial<Omit<StepExecution, 'step' | 'direction' | 'effect'>> & {
  readonly progress?: Partial<Pick<UndoEffect, 'watchedUntil' | 'proof' | 'evidence' | 'error'>> & {
    readonly state?: Exclude<Effect['state'], 'handed-over'>;
  };
};

/** The initial state of an approved step. The case file records it before any call. */
export function startStep(step: PlanStep, at: number, time: string): StepExecution {
  return {
    step,
    direction: 'do',
    phase: 'run',
    decidedAt: at,
    nextAt: at,
    attempt: 0,
    outcomeUnknown: false,
    prechecked: false,
    confirmUntil: at,
    requestedAt: at,
    began: false,
    output: undefined,
    effect: { stepId: step.id, action: step.action, target: step.target, state: 'intended', at: time },
  };
}

/** The initial state of the undo of a step. */
export function startUndo(
  done: StepExecution,
  because: UndoEffect['because'],
  at: number,
  time: string,
): StepExecution {
  const undo: UndoEffect = { state: 'intended', because, at: time };
  const { watchedUntil: _, ...before } = done.effect;
  const effect: Effect = { ...before, undo };
  const fresh = {
    decidedAt: at,
    nextAt: at,
    attempt: 0,
    outcomeUnknown: false,
    prechecked: false,
    confirmUntil: at,
    requestedAt: at,
  };
  return { ...done, ...fresh, direction: 'undo', phase: 'run', effect };
}

/** Whether the step has, or may have, an effect to undo, or relies on an effect of another incident. */
export function canBeUndone({ step, direction, phase, effect, output }: StepExecution): boolean {
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

/** Whether the step may have an effect although it has no output to undo it with. */
export function mayBeInForce({ direction, output, outcomeUnknown }: StepExecution): boolean {
  return direction === 'do' && output === undefined && outcomeUnknown;
}

export function isDone({ phase }: StepExecution): boolean {
  return phase === 'over';
}

/** The progress of the current direction. */
export function progressOf({ direction, effect }: StepExecution): Progress {
  return direction === 'undo' && effect.undo !== undefined ? effect.undo : effect;
}

export function stepRef({ action, entityKey, target, record, input }: PlanStep): StepRef {
  return { action, entityKey, target, record, input };
}

export function onRunResult(
  execution: StepExecution,
  result: Result<ActivityOutput<'runResponse' | 'undoResponse'>>,
  at: number,
  iso: Iso,
): StepExecution {
  const attempt = execution.attempt + 1;
  const time = iso(at);
  if (result.ok) {
    if (result.value.state === 'not-ours') {
      const { reason, evidence } = result.value;
      return finishUndo(execution, { state: 'not-ours', proof: reason, evidence }, time);
    }
    // The precheck is done; the action itself follows at once.
    if (result.value.state === 'prechecked') return { ...execution, prechecked: true, nextAt: at };
    const { state, output, evidence, confirmation } = result.value;
    const done = state === 'already-done';
    const acted = changed(execution, time, {
      phase: 'confirm',
      attempt: 0,
      output: execution.direction === 'do' ? output : execution.output,
      began: execution.began || (execution.direction === 'do' && result.value.began === true),
      nextAt: done ? at : at + CONFIRM.firstMs,
      confirmUntil: at + CONFIRM_FOR_MS,
      requestedAt: at,
      progress: { state: done ? 'already-done' : 'requested', evidence },
    });
    if (confirmation === undefined) return acted;
    return onConfirmResult(acted, { ok: true, value: confirmation }, at, iso);
  }
  const { error } = result;
  const outcomeUnknown = execution.outcomeUnknown || error.retry === 'check-before-retry';
  if (error.retry !== 'no' && attempt < RUN.attempts) {
    return changed(execution, time, {
      attempt,
      outcomeUnknown,
      // If nothing was sent, the precheck is outdated after the pause.
      prechecked: execution.prechecked && outcomeUnknown,
      nextAt: at + pauseAfter(attempt, RUN, error),
      progress: { error },
    });
  }
  // An attempt may have reached the service: unconfirmed is not the same as failed.
  const state = outcomeUnknown ? 'unconfirmed' : 'failed';
  return changed(execution, time, { phase: 'over', attempt, progress: { state, error } });
}

export function onConfirmResult(
  execution: StepExecution,
  result: Result<ActivityOutput<'confirmResponse'>>,
  at: number,
  iso: Iso,
): StepExecution {
  const attempt = execution.attempt + 1;
  if (result.ok && result.value.state === 'confirmed') {
    const before = progressOf(execution);
    const state = before.state === 'already-done' ? 'already-done' : 'confirmed';
    const evidence = { ...before.evidence, ...result.value.evidence };
    return changed(execution, iso(at), {
      phase: 'over',
      attempt,
      progress: { state, proof: result.value.proof, evidence },
    });
  }
  if (result.ok && result.value.state === 'failed') {
    return changed(execution, iso(at), {
      phase: 'over',
      attempt,
      progress: { state: 'failed', proof: result.value.reason },
    });
  }
  const error = result.ok ? undefined : result.error;
  const nextAt = at + pauseAfter(attempt + 1, CONFIRM, error);
  if (error?.retry !== 'no' && (nextAt <= execution.confirmUntil || attempt < FEWEST_LOOKS)) {
    return { ...execution, attempt, nextAt };
  }
  const proof = lastReadBack(result);
  const until = watchUntil(execution);
  const watchedUntil = error?.retry !== 'no' && at < until ? iso(until) : undefined;
  return changed(execution, iso(at), {
    phase: 'over',
    attempt,
    nextAt: nextWatchAt(execution, at),
    progress: {
      state: 'unconfirmed',
      ...(watchedUntil && { watchedUntil }),
      ...(proof && { proof }),
      ...(error && { error }),
    },
  });
}

/** Whether an unconfirmed effect may still come, e.g. that of a machine action on an offline device. */
export function isWatched(execution: StepExecution): boolean {
  return execution.phase === 'over' && progressOf(execution).watchedUntil !== undefined;
}

/** The result of reading back an effect that is watched. */
export function onWatchResult(
  execution: StepExecution,
  result: Result<ActivityOutput<'confirmResponse'>>,
  at: number,
  iso: Iso,
): StepExecution {
  const isPending = result.ok && result.value.state === 'pending';
  if (result.ok && !isPending) return onConfirmResult(execution, result, at, iso);
  const isOver = at >= watchUntil(execution) || (!result.ok && result.error.retry === 'no');
  if (!isOver) return { ...execution, nextAt: nextWatchAt(execution, at) };
  const proof = lastReadBack(result) ?? progressOf(execution).proof;
  const error = result.ok ? undefined : result.error;
  const progress = { state: 'unconfirmed' as const, ...(proof && { proof }), ...(error && { error }) };
  return changed(execution, iso(at), { progress });
}

function lastReadBack(result: Result<ActivityOutput<'confirmResponse'>>): string | undefined {
  if (!result.ok || result.value.state !== 'pending') return undefined;
  return `Last read back as: ${result.value.status}`;
}

function watchUntil({ step, requestedAt }: StepExecution): number {
  return requestedAt + (step.takesUpToMs ?? 0);
}

function nextWatchAt(execution: StepExecution, at: number): number {
  const passed = at - execution.requestedAt;
  const part = passed < HOUR_MS ? PAUSE_PARTS.inFirstHour : PAUSE_PARTS.later;
  return Math.min(at + Math.min(Math.ceil(passed * part), LONGEST_PAUSE_MS), watchUntil(execution));
}

/** Ends a step that has not been requested. A requested step is still confirmed, and an undo still runs. */
export function abandonStep(execution: StepExecution, time: string, proof: string): StepExecution {
  if (execution.phase !== 'run' || execution.direction === 'undo') return execution;
  const state = execution.outcomeUnknown ? 'unconfirmed' : 'failed';
  return changed(execution, time, { phase: 'over', progress: { state, proof } });
}

/** Ends a step that another case has carried out. An attempt without an answer is still followed up. */
export function leaveToOther(execution: StepExecution, time: string, proof: string): StepExecution {
  if (execution.phase !== 'run' || execution.direction === 'undo' || execution.outcomeUnknown)
    return execution;
  const { error: _passed, ...before } = execution.effect;
  return { ...execution, phase: 'over', effect: { ...before, state: 'handed-over', proof, at: time } };
}

/** Whether the step is left to another case, which has proved it. */
export function isLeftToOther({ effect }: StepExecution): boolean {
  return effect.state === 'handed-over';
}

/** Ends an undo that did not revert anything. */
export function finishUndo(
  execution: StepExecution,
  end: Pick<UndoEffect, 'state' | 'proof' | 'evidence'>,
  time: string,
): StepExecution {
  const { undo } = execution.effect;
  if (undo === undefined) return execution;
  return {
    ...execution,
    phase: 'over',
    effect: { ...execution.effect, undo: { ...undo, ...end, at: time } },
  };
}

/** Whether the effect is proved. */
export function isProved({ state, proof }: Progress): boolean {
  return (state === 'confirmed' || state === 'already-done') && proof !== undefined;
}

function changed(execution: StepExecution, time: string, change: Change): StepExecution {
  const { progress, ...rest } = change;
  const { effect } = execution;
  if (execution.direction === 'undo' && effect.undo !== undefined) {
    const { error: _passed, watchedUntil: _over, ...before } = effect.undo;
    return { ...execution, ...rest, effect: { ...effect, undo: { ...before, ...progress, at: time } } };
  }
  const { error: _passed, watchedUntil: _over, ...before } = effect;
  return { ...execution, ...rest, effect: { ...before, ...progress, at: time } };
}
