/** The steps of a plan: impact, undo and current state. */
import { html, type SafeHtml } from '../../domain/builders/html.js';
import type { StepView } from '../../views/index.js';
import { CLASSES, NOTHING } from './components.js';

export function explained(step: StepView): SafeHtml {
  const { identifiedBy, unchecked, found, why, impact, undoLabel, undo } = step;
  const warning = unchecked === undefined ? NOTHING : html`. ${unchecked}`;
  const agreed = identifiedBy === undefined ? NOTHING : html` The same in the incident: ${identifiedBy}`;
  const known = html`<dt>Identified by</dt><dd>${found}${agreed}${warning}</dd>`;
  return html`<dl>${known}<dt>Why</dt><dd>${why}</dd><dt>Impact</dt><dd>${impact}</dd><dt>${undoLabel}</dt><dd>${undo}</dd></dl>`;
}

/** The steps with their current state. */
export function stepCards(steps: readonly StepView[]): SafeHtml | undefined {
  if (steps.length === 0) return undefined;
  return html`${steps.map((step) => {
    const { title, target, state, isStarted } = step;
    const proof = state.proof === undefined ? NOTHING : html`<p>${state.proof}</p>`;
    return html`<div class="card"><h3>${title}: ${target}</h3><p class="${CLASSES[state.tone]}">${state.words}</p>${proof}${isStarted ? explained(step) : NOTHING}</div>`;
  })}`;
}
