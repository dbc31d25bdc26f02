/** The state of a card whose steps were, or are being, carried out or undone. */
import type { ApprovalRequest } from '../../domain/approval.js';
import type { CaseView, Effect, UndoEffect } from '../../domain/case-file.js';
import type { CardState } from './state.js';

/** @param how a sentence that names the approvers or the policy. */
export function carriedOut(view: CaseView, request: ApprovalRequest, how: string): CardState {
  const effects = view.effects.filter(({ stepId }) => request.selected.includes(stepId));
  const { word, tone, sentences } =
    takenBack(view, effects) ??
    goingOn(effects, request) ??
    unproved(effects) ??
    endedByOthers(effects) ??
    proved(view, request);
  return { word, tone, sentences: [how, ...sentences] };
}

function takenBack({ plan }: CaseView, effects: readonly Effect[]): CardState | undefined {
  const undos = effects.flatMap(({ undo }) => undo ?? []);
  if (undos.length === 0) return undefined;
  const are = (...states: UndoEffect['state'][]) =>
    undos.filter(({ state }) => states.includes(state)).length;
  if (are('intended', 'requested') > 0)
    return { word: 'Undoing', tone: 'accent', sentences: ['The steps are being undone.'] };
  if (are('failed', 'unconfirmed') > 0)
    return {
      word: 'Undo failed',
      tone: 'attention',
      sentences: ['Some steps could not be undone; manual follow-up needed.'],
    };
  const left = are('not-ours', 'relied-on');
  const others = effects.filter(isInForce);
  const isReversible = ({ stepId }: Effect) =>
    plan?.steps.some((step) => step.id === stepId && step.reversible);
  const kept = others.filter(isReversible).length;
  if (left + kept > 0) {
    const none = left === undos.length;
    const what =
      left > 0
        ? 'the remaining effects belong to others, or another incident relies on them'
        : 'the other steps were not selected';
    return {
      word: none ? 'Not undone' : 'Partly undone',
      tone: 'warning',
      sentences: [`${none ? 'Nothing' : 'Only a part'} was undone: ${what}.`],
    };
  }
  const what = others.length > 0 ? 'All reversible steps were' : 'The response was';
  return {
    word: 'Undone',
    tone: 'emphasis',
    sentences: [`${what} undone, and the undo is proved.`],
  };
}

/** The effect is, or may be, in force, and no one has ended it. */
function isInForce({ state, undo, endedByOthers }: Effect): boolean {
  return state !== 'failed' && undo === undefined && endedByOthers === undefined;
}

function goingOn(effects: readonly Effect[], { selected }: ApprovalRequest): CardState | undefined {
  const isGoingOn = effects.some(({ state }) => state === 'intended' || state === 'requested');
  if (effects.length >= selected.length && !isGoingOn) return undefined;
  return { word: 'Being carried out', tone: 'accent', sentences: [] };
}

function unproved(effects: readonly Effect[]): CardState | undefined {
  const wrong = effects.filter(({ state }) => state === 'failed' || state === 'unconfirmed').length;
  if (wrong === 0) return undefined;
  const none = wrong === effects.length;
  const all = none ? 'No step' : `Only ${effects.length - wrong} of ${effects.length} steps`;
  return {
    word: none ? 'Failed' : 'Partly done',
    tone: 'attention',
    sentences: [`${all} could be proved; manual follow-up needed.`],
  };
}

function endedByOthers(effects: readonly Effect[]): CardState | undefined {
  const ended = effects.filter((effect) => effect.endedByOthers !== undefined).length;
  if (ended === 0) return undefined;
  const all =
    ended === effects.length
      ? 'All steps were done and proved, but others have ended them since'
      : 'All steps were done and proved, but others have ended some of them since';
  return {
    word: ended === effects.length ? 'Ended by others' : 'Partly ended by others',
    tone: 'warning',
    sentences: [`${all}: see below.`],
  };
}

function proved({ plan, outcome }: CaseView, { state }: ApprovalRequest): CardState {
  if (state === 'contained') return { word: 'Contained and proved', tone: 'warning', sentences: [] };
  const left = plan?.refused.length ?? 0;
  if (left > 0) {
    const sentence = `${left === 1 ? '1 response needs' : `${left} responses need`} manual action: see below.`;
    return { word: 'Done and proved, manual actions remain', tone: 'warning', sentences: [sentence] };
  }
  // Green means that the incident is remediated, not only this request.
  if (outcome !== undefined && outcome !== 'remediated')
    return {
      word: 'Done and proved, incident not fully remediated',
      tone: 'warning',
      sentences: ['Other responses for this incident were not fully carried out, or were undone.'],
    };
  return { word: 'Done and proved', tone: 'good', sentences: [] };
}
