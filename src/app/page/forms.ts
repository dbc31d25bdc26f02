/**
 * The decision on a pending request: the selection and the decision bar, in view at once and while scrolling; below, in
 * the section of the steps, the reasons. Each form is self-contained and works without scripts.
 */
import type { ApprovalRequest, DecisionKind } from '../../domain/approval.js';
import { html, type SafeHtml } from '../../domain/builders/html.js';
import { duration, type RequestView, type StepView } from '../../views/index.js';
import { NOTHING, tag } from './components.js';
import { PAGE } from './layout.js';
import { explained } from './steps.js';

/** The submitted form values. The page keeps them when it refuses a decision. */
export interface Entered {
  readonly kind: DecisionKind;
  readonly steps: readonly string[];
  readonly reason: string;
}
export interface DecisionForm {
  readonly request: ApprovalRequest;
  readonly asked: RequestView;
  readonly token: string;
  readonly entered?: Entered;
}

const SELECTION = 'selection';

export function decisionForms(parts: DecisionForm): SafeHtml {
  const { asked, entered } = parts;
  const undo = asked.purpose === 'undo';
  const chosen = chosenSteps(asked, entered);
  const steps = asked.steps.map((step, index) => choice(step, index, undo, chosen.includes(step.id)));
  return html`${form(
    parts,
    SELECTION,
    html`<fieldset><legend>${undo ? 'Steps to undo' : 'Steps to carry out'}</legend>${steps}</fieldset>`,
  )}
<div class="bar" role="group" aria-label="Decision"><button form="${SELECTION}" name="kind" value="${undo ? 'undo' : 'approve'}">${undo ? 'Undo selected' : 'Approve selected'}</button>
${undo ? NOTHING : rejection(parts)}
${undo ? NOTHING : moreTime(parts)}</div>`;
}

/** The impact of each step, and the note. */
export function decisionDetails({ asked, entered }: DecisionForm): SafeHtml {
  const undo = asked.purpose === 'undo';
  const note = chosenReason(entered, undo ? 'undo' : 'approve');
  return html`<section><h2>${undo ? 'Undo' : 'Proposed responses'}</h2>${asked.steps.map(
    (step, index) =>
      html`<div class="card" id="about-${index}"><h3>${step.title}: ${step.target} ${tag(step.risk)}</h3>${explained(step)}</div>`,
  )}
${reason('note', 'Note for the audit (optional)', note, { form: SELECTION })}</section>`;
}

function rejection(parts: DecisionForm): SafeHtml {
  const { entered } = parts;
  const open = entered?.kind === 'reject' ? html` open` : NOTHING;
  return html`<details${open}><summary class="bad">Reject…</summary>
${form(
  parts,
  'rejection',
  html`${reason('why', 'Why is this rejected?', chosenReason(entered, 'reject'), { required: true })}
<div class="buttons"><button class="second" name="kind" value="reject">Reject all</button></div>`,
)}</details>`;
}

function moreTime(parts: DecisionForm): SafeHtml {
  const { extension, extensions } = parts.request;
  const left = extension.times - extensions.length;
  if (left < 1) return NOTHING;
  return html`<details><summary>More time…</summary>
${form(
  parts,
  'extension',
  html`<p>Moves the deadline by ${duration(extension.byMs)}; possible ${left === 1 ? 'once' : `${left} times`} more.</p>
<div class="buttons"><button class="second calm" name="kind" value="extend">Ask for more time</button></div>`,
)}</details>`;
}

function form({ request, token }: DecisionForm, id: string, content: SafeHtml): SafeHtml {
  return html`<form method="post" action="${PAGE}/${request.id}" id="${id}">
<input type="hidden" name="form" value="${token}"><input type="hidden" name="revision" value="${request.revision}"><input type="hidden" name="planHash" value="${request.planHash}">
${content}</form>`;
}

/** The entered selection; otherwise the default one. */
function chosenSteps({ preselected }: RequestView, entered: Entered | undefined): readonly string[] {
  return entered?.kind === 'approve' || entered?.kind === 'undo' ? entered.steps : preselected;
}

function choice(
  { id, title, target, risk, canBeUndone }: StepView,
  index: number,
  undo: boolean,
  chosen: boolean,
): SafeHtml {
  const about = undo ? NOTHING : html` ${tag(risk)} <span class="quiet">${canBeUndone}</span>`;
  return html`<div class="step"><input type="checkbox" id="step-${index}" name="step" value="${id}"${chosen ? html` checked` : NOTHING} aria-describedby="about-${index}">
<div><label for="step-${index}"><strong>${title}</strong>: ${target}</label>${about} <a href="#about-${index}">${undo ? 'How' : 'Why, impact'}</a></div></div>`;
}

function reason(
  id: string,
  label: string,
  value: string,
  { required = false, form: owner }: { readonly required?: boolean; readonly form?: string },
): SafeHtml {
  const belongs = owner === undefined ? NOTHING : html` form="${owner}"`;
  return html`<label for="${id}">${label}</label><textarea id="${id}" name="reason" maxlength="2000"${belongs}${required ? html` required` : NOTHING}>${value}</textarea>`;
}

function chosenReason(entered: Entered | undefined, kind: DecisionKind): string {
  return entered?.kind === kind ? entered.reason : '';
}
