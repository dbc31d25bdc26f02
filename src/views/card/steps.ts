/** The proposed responses on a card: as choices while the request waits, later as a table with their results. */
import type { ApprovalRequest } from '../../domain/approval.js';
import { clip } from '../../domain/clip.js';
import type { RequestView } from '../requests.js';
import type { ManualAction, StepView } from '../steps.js';
import { MANUAL_ACTION, MANUAL_ACTIONS } from '../words/case.js';
import { capital } from '../words/labels.js';
import { type ChoiceSet, cell, type Element, heading, text, twoColumns } from './elements.js';
import { markdown, plain } from './text.js';

/** Id of the input; its value lists the positions of the selected steps in the request, separated by commas. */
export const SELECTION_INPUT = 'selection';

export interface Lengths {
  readonly text: number;
  readonly steps: number;
  readonly evidence: number;
}

type Positions = Pick<ApprovalRequest, 'stepIds'>;

export function choices(view: RequestView, request: Positions, lengths: Lengths): Element[] {
  const set = choiceSet(view, request, lengths, 'Proposed responses: select the steps to carry out', (step) =>
    [step.found, step.unchecked ?? '', step.impact, `(${step.canBeUndone})`].join(' '),
  );
  return [set, ...rest(view.steps.length - set.choices.length)];
}

/** The steps that can be undone, for the nested card. */
export function undoChoices(view: RequestView, undo: Positions, lengths: Lengths): ChoiceSet {
  return choiceSet(view, undo, lengths, 'Select the steps to undo', (step) => step.undo);
}

function choiceSet(
  { steps, preselected }: RequestView,
  { stepIds }: Positions,
  lengths: Lengths,
  label: string,
  about: (step: StepView) => string,
): ChoiceSet {
  const shown = steps.slice(0, lengths.steps);
  const positionOf = ({ id }: StepView) => String(stepIds.indexOf(id));
  return {
    type: 'Input.ChoiceSet',
    id: SELECTION_INPUT,
    label,
    style: 'expanded',
    isMultiSelect: true,
    wrap: true,
    value: shown
      .filter(({ id }) => preselected.includes(id))
      .map(positionOf)
      .join(','),
    choices: shown.map((step) => ({
      value: positionOf(step),
      title: `${plain(named(step), NAMED)}. ${plain(about(step), lengths.text)}`,
    })),
  };
}

export function results({ steps }: RequestView, lengths: Lengths): Element[] {
  const shown = steps.slice(0, lengths.steps);
  const rows = shown.map(
    (step) =>
      [
        cell(text(markdown(capital(step.state.words), lengths.text), { weight: 'Bolder' })),
        cell(text(markdown(named(step), NAMED)), ...small(step.state.proof, lengths)),
      ] as const,
  );
  return [
    ...(rows.length === 0 ? [] : [twoColumns(['Result', 'Response'], rows)]),
    ...rest(steps.length - shown.length),
  ];
}

/** They stay on the card after the decision. */
export function manualActions(all: readonly ManualAction[], lengths: Lengths): Element[] {
  if (all.length === 0) return [];
  const rows = all.slice(0, lengths.steps).map((action) => manualAction(action, lengths));
  return [heading(MANUAL_ACTIONS), twoColumns(['What', 'Response'], rows), ...rest(all.length - rows.length)];
}

export function manualAction({ title, target, reason }: ManualAction, lengths: Lengths) {
  return [
    cell(text(MANUAL_ACTION, { weight: 'Bolder' })),
    cell(text(markdown(`${title}: ${target}`, lengths.text)), ...small(reason, lengths)),
  ] as const;
}

export function small(value: string | undefined, lengths: Lengths) {
  if (value === undefined || value === '') return [];
  return [text(markdown(value, lengths.text), { isSubtle: true, size: 'Small', spacing: 'None' })];
}

/** Long enough for the full record name and id, even on the shortest card. */
const NAMED = 260;
const named = ({ title, target }: StepView) => `${clip(title, 60)}: ${target}`;

function rest(more: number): Element[] {
  return more > 0 ? [text(`and ${more} more: open the browser to see all`, { isSubtle: true })] : [];
}
