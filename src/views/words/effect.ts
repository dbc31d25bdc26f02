/** The words for the state of an effect, its undo, and a step. */
import type { ApprovalRequest } from '../../domain/approval.js';
import type { Effect, UndoEffect } from '../../domain/case-file.js';
import type { PlanStep } from '../../domain/plan.js';
import type { Words } from './case.js';
import { readable } from './time.js';

export const EFFECTS: Readonly<Record<Effect['state'], Words>> = {
  intended: { words: 'being requested', tone: 'busy' },
  requested: { words: 'requested, not confirmed yet', tone: 'busy' },
  'already-done': { words: 'already done', tone: 'good' },
  confirmed: { words: 'confirmed', tone: 'good' },
  unconfirmed: { words: 'could not be confirmed', tone: 'bad' },
  failed: { words: 'failed', tone: 'bad' },
  'handed-over': { words: 'left to another case', tone: 'over' },
};

export const UNDOS: Readonly<Record<UndoEffect['state'], Words>> = {
  intended: { words: 'is being undone', tone: 'busy' },
  requested: { words: 'undo requested, not confirmed yet', tone: 'busy' },
  'already-done': { words: 'was undone', tone: 'over' },
  confirmed: { words: 'was undone', tone: 'over' },
  unconfirmed: { words: 'undo could not be confirmed', tone: 'bad' },
  failed: { words: 'could not be undone', tone: 'bad' },
  'not-ours': { words: 'not undone: others caused the effect in force', tone: 'bad' },
  'relied-on': { words: 'not undone: another incident relies on it', tone: 'bad' },
};

const ENDED_BY_OTHERS: Words = { words: 'ended by others since', tone: 'over' };

export interface PresentState extends Words {
  /** What was read back, or the error; of the undo, if there is one. */
  readonly proof: string | undefined;
}

/** The current state of an effect. Its state before an undo is in the timeline only. */
export function presentEffect({ undo, endedByOthers, ...effect }: Effect): PresentState {
  if (undo !== undefined) return { ...stateOf(undo, UNDOS[undo.state]), proof: proofOf(undo) };
  if (endedByOthers !== undefined) return { ...ENDED_BY_OTHERS, proof: readable(endedByOthers.reason) };
  return { ...stateOf(effect, EFFECTS[effect.state]), proof: proofOf(effect) };
}

/** An effect that may still come is neither failed nor in force. */
function stateOf({ watchedUntil }: Pick<Effect, 'watchedUntil'>, words: Words): Words {
  if (watchedUntil === undefined) return words;
  return { words: readable(`not in effect yet, checked until ${watchedUntil}`), tone: 'warn' };
}

function proofOf({ proof, error }: Pick<Effect, 'proof' | 'error'>): string | undefined {
  const text = proof ?? error?.message;
  return text === undefined ? undefined : readable(text);
}

/** States of a step that has not started, by the state of the request for it. */
export const NOT_STARTED: Readonly<Record<ApprovalRequest['state'], Words>> = {
  waiting: { words: 'proposed, waiting for an analyst', tone: 'ask' },
  approved: { words: 'not approved', tone: 'over' },
  contained: { words: 'not approved', tone: 'over' },
  rejected: { words: 'rejected', tone: 'over' },
  expired: { words: 'not decided in time', tone: 'over' },
  superseded: { words: 'not decided: the request was superseded', tone: 'over' },
};
const NEXT: Words = { words: 'not started', tone: 'busy' };

/** The state of a step. @param request for the step; undefined if it needs none, or does not exist yet. */
export function stepState(
  step: Pick<PlanStep, 'mode' | 'id'>,
  effect: Effect | undefined,
  request: Pick<ApprovalRequest, 'state' | 'selected'> | undefined,
): PresentState {
  if (effect !== undefined) return presentEffect(effect);
  const isNext = step.mode === 'auto' || request?.selected.includes(step.id);
  return { ...(isNext ? NEXT : NOT_STARTED[request?.state ?? 'waiting']), proof: undefined };
}

/** The state of a call about a response, as terminals report it while it runs: `requested`, `undo confirmed`. */
export function progressState(state: string): Words {
  const [, undo, call = state] = /^(undo )?(.*)$/.exec(state) ?? [];
  const known: Readonly<Record<string, Words>> = undo === undefined ? EFFECTS : UNDOS;
  return known[IN_PROGRESS[call] ?? call] ?? { words: state, tone: 'busy' };
}

/** States of a call that are no states of an effect. */
const IN_PROGRESS: Readonly<Record<string, Effect['state']>> = {
  'already-in-progress': 'requested',
  pending: 'requested',
  error: 'failed',
};
