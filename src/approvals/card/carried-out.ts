/** What a card says of a request whose steps were, or are being, carried out or undone. */
import type { ApprovalRequest } from '../../domain/approval.js';
import type { CaseView, Effect, UndoEffect } from '../../domain/case-file.js';
import type { CardState } from './state.js';

/** @param how who approved it, or which policy. */
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
    return { word: 'Undoing', tone: 'accent', sentences: ['What was carried out is being undone.'] };
  if (are('failed', 'unconfirmed') > 0)
    return {
      word: 'Undo failed',
      tone: 'attention',
      sentences: ['Not all could be undone: a person must look.'],
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
        ? "what is left is somebody else's, or another incident relies on it"
        : 'the rest was not to be undone';
    return {
      word: none ? 'Not undone' : 'Partly undone',
      tone: 'warning',
      sentences: [`${none ? 'Nothing' : 'Not all'} was undone: ${what}.`],
    };
  }
  const what = others.length > 0 ? 'What can be undone' : 'It';
  return {
    word: 'Undone',
    tone: 'emphasis',
    sentences: [`${what} was undone afterwards, and that is proved.`],
  };
}

/** It was done, or may have been, and nobody has ended it since. */
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
  const all = none ? 'None' : `${effects.length - wrong} of ${effects.length}`;
  return {
    word: none ? 'Failed' : 'Partly done',
    tone: 'attention',
    sentences: [`${all} could be proved: a person must look at the rest.`],
  };
}

function endedByOthers(effects: readonly Effect[]): CardState | undefined {
  const ended = effects.filter((effect) => effect.endedByOthers !== undefined).length;
  if (ended === 0) return undefined;
  const all =
    ended === effects.length ? 'It was done and proved, and' : 'All was done and proved, and part of it';
  return {
    word: ended === effects.length ? 'Ended by others' : 'Partly ended by others',
    tone: 'warning',
    sentences: [`${all} was ended by others since: see below.`],
  };
}

function proved({ plan, outcome }: CaseView, { state }: ApprovalRequest): CardState {
  if (state === 'contained') return { word: 'Contained and proved', tone: 'warning', sentences: [] };
  const left = plan?.refused.length ?? 0;
  if (left > 0) {
    const sentence = `${left === 1 ? '1 response is' : `${left} responses are`} left to people: see below.`;
    return { word: 'Done and proved, more is left to people', tone: 'warning', sentences: [sentence] };
  }
  // Green is for an incident that is remediated, however well this request went.
  if (outcome !== undefined && outcome !== 'remediated')
    return {
      word: 'Done and proved, not so the rest',
      tone: 'warning',
      sentences: ['What else was asked for about this incident was not carried out in full, or was undone.'],
    };
  return { word: 'Done and proved', tone: 'good', sentences: [] };
}
