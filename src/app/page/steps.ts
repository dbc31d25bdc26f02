/** The steps of a plan: what they do, and what became of them. */
import type { ApprovalRequest } from '../../domain/approval.js';
import { html, type SafeHtml } from '../../domain/builders/html.js';
import type { CaseFile, Effect, UndoEffect } from '../../domain/case-file.js';
import type { PlanStep } from '../../domain/plan.js';
import { stepState, undoWords } from '../../report/index.js';
import { NOTHING } from './parts.js';

const TONES = { low: 'quiet', disruptive: 'warn', destructive: 'bad' } as const;

export function riskTag({ risk }: PlanStep): SafeHtml {
  return html`<span class="tag ${TONES[risk]}">${risk}</span>`;
}

export function explained(step: PlanStep): SafeHtml {
  return html`<dl><dt>Why</dt><dd>${step.why}</dd><dt>Impact</dt><dd>${step.impact}</dd><dt>${step.reversible ? 'Undo' : 'No undo'}</dt><dd>${step.undo}</dd></dl>`;
}

/** What became of the steps of a request, or of all of the plan. */
export function stepsOf(file: CaseFile, request?: ApprovalRequest): SafeHtml | undefined {
  const steps = file.plan?.steps.filter(({ id }) => request?.stepIds.includes(id) ?? true) ?? [];
  if (steps.length === 0) return undefined;
  return html`${steps.map((step) => {
    const effect = file.effects.find(({ stepId }) => stepId === step.id);
    const proof = effect?.endedByOthers?.reason ?? effect?.proof ?? effect?.error?.message;
    return html`<div class="card"><h3>${step.title}: ${step.target}</h3><p class="${tone(effect)}">${stepState(step, effect, requestFor(file, step))}</p>${proof === undefined ? NOTHING : html`<p>${proof}</p>`}${undone(effect)}${effect ? explained(step) : NOTHING}</div>`;
  })}`;
}

const UNDO_TONES: Readonly<Record<UndoEffect['state'], string>> = {
  intended: 'quiet',
  requested: 'quiet',
  'already-done': 'good',
  confirmed: 'good',
  unconfirmed: 'bad',
  failed: 'bad',
  'not-ours': 'warn',
  'relied-on': 'warn',
};

function undone(effect: Effect | undefined): SafeHtml {
  if (effect?.undo === undefined) return NOTHING;
  const { state, proof, error } = effect.undo;
  const told = proof ?? error?.message;
  return html`<p class="${UNDO_TONES[state]}">Undo: ${undoWords[state]}${told === undefined ? '' : `. ${told}`}</p>`;
}

function requestFor(file: CaseFile, step: PlanStep): ApprovalRequest | undefined {
  return file.approvals.find(({ purpose, stepIds }) => purpose === 'respond' && stepIds.includes(step.id));
}

function tone(effect: Effect | undefined): string {
  if (effect?.state === 'confirmed' || effect?.state === 'already-done') return 'good';
  return effect?.state === 'failed' || effect?.state === 'unconfirmed' ? 'bad' : 'quiet';
}
