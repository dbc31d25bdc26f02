/** The page sections for incident summary, supporting evidence and conditions, in the order of the Teams card. */
import { html, type SafeHtml } from '../../domain/builders/html.js';
import type { CaseFile } from '../../domain/case-file.js';
import type { ConditionRecord } from '../../domain/plan.js';
import { type Briefing, decisionLine } from '../../views/index.js';
import { NOTHING, time, values } from './components.js';

export function narrative(file: CaseFile, { sentence }: Briefing): SafeHtml {
  const { description, alerts = [], error } = file;
  const byTime = [...alerts].sort((a, b) => ((a.startedAt ?? '') < (b.startedAt ?? '') ? -1 : 1));
  const items = byTime.map(
    ({ title, severity, startedAt }) =>
      html`<li>${startedAt === undefined ? NOTHING : time(startedAt)} ${title} <span class="quiet">${severity}</span></li>`,
  );
  return html`<p>${sentence}</p>
${error ? html`<div class="card notice"><p>${error.message}</p></div>` : NOTHING}
<details><summary>${alerts.length === 1 ? 'The alert' : `All ${alerts.length} alerts`}</summary>${description ? html`<p>${description}</p>` : NOTHING}<ul>${items}</ul></details>`;
}

export function outcome({ signals, unknown }: Briefing, file: CaseFile): SafeHtml {
  const line = decisionLine(file);
  const strongest = signals.map(
    ({ text, target, source }) =>
      html`<li><strong>${text}</strong>: ${target} <span class="quiet">${source}</span></li>`,
  );
  const missing = unknown.map(
    ({ what, target, why }) =>
      html`<li><strong>${target}</strong>: ${why} <span class="quiet">${what}</span></li>`,
  );
  return html`${line === undefined ? NOTHING : html`<p>${line}</p>`}
${strongest.length === 0 ? NOTHING : html`<ul>${strongest}</ul>`}
${missing.length === 0 ? NOTHING : html`<h3>Could not be determined</h3><ul>${missing}</ul>`}`;
}

/** Two columns; one column on a phone, because narrow columns break words. */
export function evidence({ evidence: rows }: Briefing, file: CaseFile): SafeHtml | undefined {
  const why = conditions(file);
  if (rows.length === 0) return why;
  const items = rows.map(
    ({ source, target, values: shown }) =>
      html`<dt>${source}</dt><dd>${target}${shown.length === 0 ? NOTHING : html`: <span class="quiet">${shown.join(' · ')}</span>`}</dd>`,
  );
  return html`<dl>${items}</dl>${why ?? NOTHING}`;
}

export function notProposed({ plan }: CaseFile): SafeHtml | undefined {
  if (plan === undefined || plan.refused.length === 0) return undefined;
  return html`<ul>${plan.refused.map(({ title, target, reason }) => html`<li><strong>${title}</strong> (${target}): ${reason}</li>`)}</ul>`;
}

const TONES = { true: 'good', false: 'quiet', unknown: 'warn' } as const;

function conditions({ decision, findings, plan }: CaseFile): SafeHtml | undefined {
  if (decision === undefined) return undefined;
  const shown = new Map(
    [...findings, ...(plan?.steps ?? []), ...(plan?.refused ?? [])].map((one) => [one.entityKey, one.target]),
  );
  const card = ({ rule, entityKey, expression, result, values: seen, because }: ConditionRecord) =>
    html`<div class="card"><h3>${rule}${entityKey === undefined ? '' : ` for ${shown.get(entityKey) ?? entityKey}`} <span class="tag ${TONES[result]}">${result}</span></h3>${because.length === 0 ? NOTHING : html`<p class="warn">${because.join('; ')}</p>`}${values(seen)}<pre>${expression}</pre></div>`;
  return html`<details><summary>All conditions with their input values</summary>${decision.conditions.map(card)}</details>`;
}
