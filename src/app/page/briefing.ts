/** The page sections for incident summary, supporting evidence and conditions, in the order of the Teams card. */
import { html, type SafeHtml } from '../../domain/builders/html.js';
import type { Briefing, ConditionView } from '../../views/index.js';
import { CLASSES, NOTHING, tag, time, values } from './components.js';

export function narrative({ sentence, description, alerts, error, unfinished, warning }: Briefing): SafeHtml {
  const items = alerts.map(
    ({ title, severity, startedAt }) =>
      html`<li>${startedAt === undefined ? NOTHING : time(startedAt)} ${title} <span class="quiet">${severity.words}</span></li>`,
  );
  const all =
    items.length === 0
      ? NOTHING
      : html`<details><summary>${items.length === 1 ? 'The alert' : `All ${items.length} alerts`}</summary>${description ? html`<p>${description}</p>` : NOTHING}<ul>${items}</ul></details>`;
  return html`<p>${sentence}</p>
${notice(error, unfinished)}${warning === undefined ? NOTHING : html`<div class="card notice warn"><p>${warning}</p></div>`}
${all}`;
}

function notice(error: string | undefined, unfinished: string | undefined): SafeHtml {
  const texts = [error, unfinished].flatMap((text) => (text ? [html`<p>${text}</p>`] : []));
  return texts.length === 0 ? NOTHING : html`<div class="card notice">${texts}</div>`;
}

const MOST_SIGNALS = 3;

export function basis({ signals, unknown, decision }: Briefing): SafeHtml {
  const strongest = signals
    .slice(0, MOST_SIGNALS)
    .map(({ text, about }) => html`<li><strong>${text}</strong>: <span class="quiet">${about}</span></li>`);
  const missing = unknown.map(({ text, about }) => html`<li><strong>${about}</strong>: ${text}</li>`);
  return html`${decision === undefined ? NOTHING : html`<p>${decision}</p>`}
${strongest.length === 0 ? NOTHING : html`<ul>${strongest}</ul>`}
${missing.length === 0 ? NOTHING : html`<h3>Could not be determined</h3><ul>${missing}</ul>`}`;
}

/** Two columns; one column on a phone, because narrow columns break words. */
export function evidence({ evidence: rows, conditions, builtIn }: Briefing): SafeHtml | undefined {
  if (rows.length === 0 && conditions.length === 0) return undefined;
  const items = rows.map(
    ({ source, target, values: shown }) =>
      html`<dt>${source}</dt><dd>${target}${shown.length === 0 ? NOTHING : html`: <span class="quiet">${shown.join(' · ')}</span>`}</dd>`,
  );
  const why =
    conditions.length === 0
      ? NOTHING
      : html`<details><summary>All conditions with their input values</summary>${conditions.map(condition)}</details>`;
  const others = builtIn === undefined ? NOTHING : html`<p class="quiet">${builtIn}</p>`;
  return html`${items.length === 0 ? NOTHING : html`<dl>${items}</dl>`}${others}${why}`;
}

export function manualActions({ manualActions: all }: Briefing): SafeHtml | undefined {
  if (all.length === 0) return undefined;
  return html`<ul>${all.map(({ title, target, reason }) => html`<li><strong>${title}</strong> (${target}): ${reason}</li>`)}</ul>`;
}

function condition({ title, words, expression, values: seen, because }: ConditionView): SafeHtml {
  const why = because.length === 0 ? NOTHING : html`<p class="${CLASSES.warn}">${because.join('; ')}</p>`;
  return html`<div class="card"><h3>${title} ${tag(words)}</h3>${why}${values(seen)}<pre>${expression}</pre></div>`;
}
