/** The proposed responses on a card: as choices while the request waits, later as a table with their results. */
import { type ApprovalRequest, currentVotes } from '../../domain/approval.js';
import type { CaseView, Effect, UndoEffect } from '../../domain/case-file.js';
import { clip } from '../../domain/clip.js';
import { isPreselected, type PlanStep } from '../../domain/plan.js';
import { uncheckedWords } from '../../domain/target.js';
import { type ChoiceSet, cell, type Element, heading, text, twoColumns } from './elements.js';
import { markdown, plain } from './text.js';

/** Id of the input; its value lists the positions of the selected steps in the request, separated by commas. */
export const SELECTION_INPUT = 'selection';

export interface Lengths {
  readonly text: number;
  readonly steps: number;
  readonly evidence: number;
}

export function stepsOf(view: Pick<CaseView, 'plan'>, request: ApprovalRequest): PlanStep[] {
  const steps = new Map((view.plan?.steps ?? []).map((step) => [step.id, step]));
  return request.stepIds.flatMap((id) => steps.get(id) ?? []);
}

/** Destructive and irreversible steps are not preselected, unless an approver has already voted for them. */
export function choices(view: CaseView, request: ApprovalRequest, lengths: Lengths): Element[] {
  const steps = stepsOf(view, request);
  const shown = steps.slice(0, lengths.steps);
  const voted = currentVotes(request).at(-1)?.steps;
  const isSelected = (step: PlanStep) => voted?.includes(step.id) ?? isPreselected(step);
  const set: ChoiceSet = {
    type: 'Input.ChoiceSet',
    id: SELECTION_INPUT,
    label: 'Proposed responses: select the steps to carry out',
    style: 'expanded',
    isMultiSelect: true,
    wrap: true,
    value: shown
      .filter(isSelected)
      .map((step) => String(request.stepIds.indexOf(step.id)))
      .join(','),
    choices: shown.map((step) => ({
      value: String(request.stepIds.indexOf(step.id)),
      title: `${plain(named(step), NAMED)}. ${plain([uncheckedWords(step.record) ?? '', step.impact, undoWords(step)].join(' '), lengths.text)}`,
    })),
  };
  return [set, ...rest(steps.length - shown.length)];
}

/** The steps that can be undone, for the nested card. */
export function undoChoices(view: CaseView, undo: ApprovalRequest, lengths: Lengths): ChoiceSet {
  const steps = stepsOf(view, undo).slice(0, lengths.steps);
  return {
    type: 'Input.ChoiceSet',
    id: SELECTION_INPUT,
    label: 'Select the steps to undo',
    style: 'expanded',
    isMultiSelect: true,
    wrap: true,
    value: '',
    choices: steps.map((step) => ({
      value: String(undo.stepIds.indexOf(step.id)),
      title: `${plain(named(step), NAMED)}. ${plain(step.undo, lengths.text)}`,
    })),
  };
}

export function results(view: CaseView, request: ApprovalRequest, lengths: Lengths): Element[] {
  const steps = stepsOf(view, request);
  const rows = steps.slice(0, lengths.steps).map((step) => {
    const effect = view.effects.find(({ stepId }) => stepId === step.id);
    const lines = resultLines(request, step, effect).map((line) => markdown(line, lengths.text));
    const [word = '', ...details] = lines;
    return [
      cell(text(word, { weight: 'Bolder' })),
      cell(
        text(markdown(named(step), NAMED)),
        ...details.map((line) => text(line, { isSubtle: true, size: 'Small', spacing: 'None' })),
      ),
    ] as const;
  });
  return [
    ...(rows.length === 0 ? [] : [twoColumns(['Result', 'Response'], rows)]),
    ...rest(steps.length - rows.length),
  ];
}

/** Responses that policy calls for but that must not be automated. They stay on the card after the decision. */
export function leftToPeople({ plan }: Pick<CaseView, 'plan'>, lengths: Lengths): Element[] {
  const all = plan?.refused ?? [];
  if (all.length === 0) return [];
  const rows = all
    .slice(0, lengths.steps)
    .map(
      ({ title, target, reason }) =>
        [
          cell(text('To do', { weight: 'Bolder' })),
          cell(
            text(markdown(`${title}: ${target}`, lengths.text)),
            text(markdown(reason, lengths.text), { isSubtle: true, size: 'Small', spacing: 'None' }),
          ),
        ] as const,
    );
  return [
    heading('Manual actions'),
    twoColumns(['What', 'Response'], rows),
    ...rest(all.length - rows.length),
  ];
}

const EFFECT_WORDS: Readonly<Record<Effect['state'], string>> = {
  intended: 'Started',
  requested: 'Requested',
  'already-done': 'Already done',
  confirmed: 'Proved',
  unconfirmed: 'Not proved',
  failed: 'Failed',
};
const UNDO_WORDS: Readonly<Record<UndoEffect['state'], string>> = {
  intended: 'Undo started',
  requested: 'Undo requested',
  'already-done': 'Already undone',
  confirmed: 'Undone, proved',
  unconfirmed: 'Undo not proved',
  failed: 'Undo failed',
  'not-ours': 'Not undone',
  'relied-on': 'Not undone',
};

/** A short status, then sentences. */
function resultLines(request: ApprovalRequest, step: PlanStep, effect: Effect | undefined): string[] {
  if (effect === undefined) {
    if (request.state === 'waiting') return ['Proposed', step.impact];
    return [request.selected.includes(step.id) ? 'Waiting' : 'Not carried out'];
  }
  const detail = effect.proof ?? effect.error?.message;
  if (effect.undo === undefined && effect.endedByOthers)
    return ['Ended by others', effect.endedByOthers.reason];
  if (effect.undo === undefined)
    return [EFFECT_WORDS[effect.state], ...(detail === undefined ? [] : [detail])];
  const undone = effect.undo.proof ?? effect.undo.error?.message;
  return [UNDO_WORDS[effect.undo.state], ...(undone === undefined ? [] : [undone])];
}

/** Long enough for the full record name and id, even on the shortest card. */
const NAMED = 260;
const named = ({ title, target }: PlanStep) => `${clip(title, 60)}: ${target}`;

function undoWords(step: PlanStep): string {
  return step.reversible ? '(can be undone)' : '(cannot be undone)';
}

function rest(more: number): Element[] {
  return more > 0 ? [text(`and ${more} more: open the browser to see all`, { isSubtle: true })] : [];
}
