/** The decision forms of a pending request. Each form is self-contained and works without scripts. */
import { type ApprovalRequest, currentVotes } from '../../domain/approval.js';
import { html, type SafeHtml } from '../../domain/builders/html.js';
import type { CaseFile } from '../../domain/case-file.js';
import { isPreselected, type PlanStep } from '../../domain/plan.js';
import { NOTHING } from './components.js';
import { PAGE } from './layout.js';
import type { Entered, RequestPage } from './request.js';
import { explained, riskTag } from './steps.js';

export function forms(parts: RequestPage & { readonly token: string }): SafeHtml {
  const { request, entered } = parts;
  const undo = request.purpose === 'undo';
  return html`<section aria-labelledby="decide"><h2 id="decide">${undo ? 'Undo' : 'Proposed responses'}</h2>
${form(
  parts,
  html`<fieldset><legend>${undo ? 'Steps to undo' : 'Steps to carry out'}</legend>${asked(parts.file, request).map((step, index) => choice(step, index, isChosen(step, request, entered)))}</fieldset>
${reason('note', undo ? 'Note for the audit (optional)' : 'Note for the audit (optional)', chosenReason(entered, undo ? 'undo' : 'approve'), false)}
<div class="buttons sticky"><button name="kind" value="${undo ? 'undo' : 'approve'}">${undo ? 'Undo selected' : 'Approve selected'}</button></div>`,
)}
${undo ? NOTHING : rejection(parts)}
${undo ? NOTHING : moreTime(parts)}</section>`;
}

function rejection(parts: RequestPage & { readonly token: string }): SafeHtml {
  const { entered } = parts;
  const open = entered?.kind === 'reject' ? html` open` : NOTHING;
  return html`<details class="card"${open}><summary>Reject…</summary>
${form(
  parts,
  html`${reason('why', 'Why is this rejected?', chosenReason(entered, 'reject'), true)}
<div class="buttons"><button class="second" name="kind" value="reject">Reject all</button></div>`,
)}</details>`;
}

function moreTime(parts: RequestPage & { readonly token: string }): SafeHtml {
  const { extension, extensions } = parts.request;
  const left = extension.times - extensions.length;
  if (left < 1) return NOTHING;
  const minutes = Math.round(extension.byMs / 60_000);
  const by = minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
  return html`<details class="card"><summary>More time…</summary>
${form(
  parts,
  html`<p>Moves the deadline by ${by}; possible ${left === 1 ? 'once' : `${left} times`} more.</p>
<div class="buttons"><button class="second calm" name="kind" value="extend">Ask for more time</button></div>`,
)}</details>`;
}

function form({ request, token }: RequestPage & { readonly token: string }, content: SafeHtml): SafeHtml {
  return html`<form method="post" action="${PAGE}/${request.id}">
<input type="hidden" name="form" value="${token}"><input type="hidden" name="revision" value="${request.revision}"><input type="hidden" name="planHash" value="${request.planHash}">
${content}</form>`;
}

function asked({ plan }: CaseFile, { stepIds }: ApprovalRequest): PlanStep[] {
  return plan?.steps.filter(({ id }) => stepIds.includes(id)) ?? [];
}

/** The entered selection; otherwise the selection that others approved; otherwise all preselected steps. */
function isChosen(step: PlanStep, request: ApprovalRequest, entered: Entered | undefined): boolean {
  if (entered !== undefined && entered.kind !== 'reject' && entered.kind !== 'extend') {
    return entered.steps.includes(step.id);
  }
  const [vote] = currentVotes(request);
  if (vote !== undefined) return vote.steps.includes(step.id);
  return request.purpose === 'respond' && isPreselected(step);
}

function choice(step: PlanStep, index: number, chosen: boolean): SafeHtml {
  return html`<div class="card step"><input type="checkbox" id="step-${index}" name="step" value="${step.id}"${chosen ? html` checked` : NOTHING} aria-describedby="about-${index}">
<div><label for="step-${index}"><strong>${step.title}</strong>: ${step.target}</label> ${riskTag(step)}<div id="about-${index}">${explained(step)}</div></div></div>`;
}

function reason(id: string, label: string, value: string, required: boolean): SafeHtml {
  return html`<label for="${id}">${label}</label><textarea id="${id}" name="reason" maxlength="2000"${required ? html` required` : NOTHING}>${value}</textarea>`;
}

function chosenReason(entered: Entered | undefined, kind: Entered['kind']): string {
  return entered?.kind === kind ? entered.reason : '';
}
