/** The words for a request whose steps were, or are being, carried out or undone. */
import type { ApprovalRequest } from '../../domain/approval.js';
import type { CaseView, Effect, UndoEffect } from '../../domain/case-file.js';
import { manualActions, type Words } from './case.js';
import { ours, type Phrase } from './phrase.js';

type Case = Pick<CaseView, 'effects' | 'plan' | 'outcome'>;
interface Became extends Words {
  readonly more?: string;
}

/** @param how names the approvers or the policy. */
export function carriedOut(
  view: Case,
  request: ApprovalRequest,
  how: readonly Phrase[],
): Words & { readonly sentences: readonly Phrase[] } {
  const effects = view.effects.filter(({ stepId }) => request.selected.includes(stepId));
  const { words, tone, more } =
    takenBack(view, effects) ??
    goingOn(effects, request) ??
    unproved(effects) ??
    endedByOthers(effects) ??
    leftToOthers(effects) ??
    proved(view, request);
  return { words, tone, sentences: [...how, ...(more === undefined ? [] : [[ours(more)]])] };
}

function takenBack({ plan }: Case, effects: readonly Effect[]): Became | undefined {
  const undos = effects.flatMap(({ undo }) => undo ?? []);
  if (undos.length === 0) return undefined;
  const are = (...states: UndoEffect['state'][]) =>
    undos.filter(({ state }) => states.includes(state)).length;
  if (are('intended', 'requested') > 0)
    return { words: 'Undoing', tone: 'busy', more: 'The steps are being undone.' };
  if (are('failed', 'unconfirmed') > 0)
    return {
      words: 'Undo failed',
      tone: 'bad',
      more: 'Some steps could not be undone; manual action needed.',
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
      words: none ? 'Not undone' : 'Partly undone',
      tone: 'warn',
      more: `${none ? 'Nothing' : 'Only a part'} was undone: ${what}.`,
    };
  }
  const what = others.length > 0 ? 'All reversible steps were' : 'The response was';
  return {
    words: 'Undone',
    tone: 'over',
    more: `${what} undone, and the undo is proved.`,
  };
}

/** The effect is, or may be, in force, and no one has ended it. */
function isInForce({ state, undo, endedByOthers }: Effect): boolean {
  return state !== 'failed' && undo === undefined && endedByOthers === undefined;
}

function goingOn(effects: readonly Effect[], { selected }: ApprovalRequest): Became | undefined {
  const isGoingOn = effects.some(({ state }) => state === 'intended' || state === 'requested');
  if (effects.length >= selected.length && !isGoingOn) return undefined;
  return { words: 'Being carried out', tone: 'busy' };
}

function unproved(effects: readonly Effect[]): Became | undefined {
  const wrong = effects.filter(({ state }) => state === 'failed' || state === 'unconfirmed').length;
  if (wrong === 0) return undefined;
  const none = wrong === effects.length;
  const all = none ? 'No step' : `Only ${effects.length - wrong} of ${effects.length} steps`;
  const mayCome = effects.filter(({ watchedUntil }) => watchedUntil !== undefined).length;
  if (mayCome === wrong) {
    const more = none
      ? 'The steps are not in effect yet; they are checked again: see below.'
      : `${all} could be proved; the others are not in effect yet, and are checked again: see below.`;
    return { words: none ? 'Not in effect yet' : 'Partly done', tone: 'warn', more };
  }
  return {
    words: none ? 'Failed' : 'Partly done',
    tone: 'bad',
    more: `${all} could be proved; manual action needed.`,
  };
}

function endedByOthers(effects: readonly Effect[]): Became | undefined {
  const ended = effects.filter((effect) => effect.endedByOthers !== undefined).length;
  if (ended === 0) return undefined;
  const all =
    ended === effects.length
      ? 'All steps were done and proved, but others have ended them since'
      : 'All steps were done and proved, but others have ended some of them since';
  return {
    words: ended === effects.length ? 'Ended by others' : 'Partly ended by others',
    tone: 'warn',
    more: `${all}: see below.`,
  };
}

function leftToOthers(effects: readonly Effect[]): Became | undefined {
  const isLeft = effects.length > 0 && effects.every(({ state }) => state === 'handed-over');
  if (!isLeft) return undefined;
  const more = 'Nothing was repeated here: another case has taken these steps on, see below.';
  return { words: 'Left to another case', tone: 'over', more };
}

function proved({ plan, outcome }: Case, { state }: ApprovalRequest): Became {
  if (state === 'contained') return { words: 'Contained and proved', tone: 'warn' };
  const left = plan?.refused.length ?? 0;
  if (left > 0) {
    const more = `${manualActions(left)}: see below.`;
    return { words: 'Done and proved, manual actions remain', tone: 'warn', more };
  }
  // Green means that the incident is remediated, not only this request.
  if (outcome !== undefined && outcome !== 'remediated')
    return {
      words: 'Done and proved, incident not fully remediated',
      tone: 'warn',
      more: 'Other responses for this incident were not fully carried out, or were undone.',
    };
  return { words: 'Done and proved', tone: 'good' };
}
