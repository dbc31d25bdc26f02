/** The steps of a plan: impact, undo and current state. */
import type { ApprovalRequest } from '../../domain/approval.js';
import { html, type SafeHtml } from '../../domain/builders/html.js';
import type { CaseFile } from '../../domain/case-file.js';
import type { PlanStep } from '../../domain/plan.js';
import { uncheckedWords } from '../../domain/target.js';
import { presentEffect, stepState } from '../../views/index.js';
import { NOTHING } from './components.js';

const TONES = { low: 'quiet', disruptive: 'warn', destructive: 'bad' } as const;

export function riskTag({ risk }: PlanStep): SafeHtml {
  return html`<span class="tag ${TONES[risk]}">${risk}</span>`;
}

export function explained(step: PlanStep): SafeHtml {
  const unchecked = uncheckedWords(step.record);
  const { agreed } = step.record;
  const known =
    agreed.length === 0
      ? NOTHING
      : html`<dt>Identified by</dt><dd>${agreed.join(', ')}${unchecked === undefined ? NOTHING : html`. ${unchecked}`}</dd>`;
  return html`<dl>${known}<dt>Why</dt><dd>${step.why}</dd><dt>Impact</dt><dd>${step.impact}</dd><dt>${step.reversible ? 'Undo' : 'No undo'}</dt><dd>${step.undo}</dd></dl>`;
}

/** The state of the steps of a request, or of all steps of the plan. */
export function stepsOf(file: CaseFile, request?: ApprovalRequest): SafeHtml | undefined {
  const steps = file.plan?.steps.filter(({ id }) => request?.stepIds.includes(id) ?? true) ?? [];
  if (steps.length === 0) return undefined;
  return html`${steps.map((step) => {
    const effect = file.effects.find(({ stepId }) => stepId === step.id);
    const now = effect && presentEffect(effect);
    return html`<div class="card"><h3>${step.title}: ${step.target}</h3><p class="${TONE_CLASSES[now?.tone ?? 'open']}">${stepState(step, effect, requestFor(file, step))}</p>${now?.proof === undefined ? NOTHING : html`<p>${now.proof}</p>`}${effect ? explained(step) : NOTHING}</div>`;
  })}`;
}

const TONE_CLASSES = { good: 'good', open: 'quiet', bad: 'bad', over: 'quiet' } as const;

function requestFor(file: CaseFile, step: PlanStep): ApprovalRequest | undefined {
  return file.approvals.find(({ purpose, stepIds }) => purpose === 'respond' && stepIds.includes(step.id));
}
