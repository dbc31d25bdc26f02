import type { HttpResponseInit } from '@azure/functions';
import type { JudgedDecision } from '../../domain/approval.js';
import { html, type SafeHtml } from '../../domain/builders/html.js';
import type { CaseFile } from '../../domain/case-file.js';
import type { Finding } from '../../domain/finding.js';
import type { ConditionRecord, PlanStep, RefusedStep } from '../../domain/plan.js';
import { conditionTitle, decisionLine, headline, stepState } from '../../report/index.js';
import { page } from './layout.js';
import { clockTime, NOTHING, section, severityTag, time, timeLeft, values } from './parts.js';

export interface RequestPage {
  readonly file: CaseFile;
  readonly now: number;
  /** Goes back with the form; undefined for callers that have no form. */
  readonly formToken: string;
  /** Why the last decision did not count. */
  readonly refusal?: string;
}

/** Everything an analyst needs to decide about one incident; afterwards, what became of it. */
export function requestPage({ file, now, formToken, refusal }: RequestPage): HttpResponseInit {
  const open = file.approval?.state === 'waiting' && file.outcome === undefined;
  const after = html`${section('Responses', outcomeOfSteps(file))}
${section('Decisions', decisions(file.decisions))}
${section('Timeline', timeline(file))}`;
  const live = !open && file.stage !== 'ended';
  return page({
    title: file.title,
    status: refusal === undefined ? 200 : 409,
    ...(live ? { refresh: 2 } : {}),
    content: html`${facts(file, now)}
${refusal === undefined ? NOTHING : html`<div class="card notice" role="alert"><p><strong>The decision did not count.</strong> ${refusal}</p></div>`}
${section('Decision', decisionOf(file))}
${open ? form(file, formToken) : after}
${section('What happened', whatHappened(file))}
${section('Not proposed', refused(file.plan?.refused ?? []))}
${section('Could not be found out', unknowns(file.findings))}
${section('Why', conditions(file))}
${section('Findings', findings(file.findings))}
${open ? html`${section('Decisions so far', decisions(file.decisions))}${section('Timeline', timeline(file))}` : NOTHING}`,
  });
}

function facts(file: CaseFile, now: number): SafeHtml {
  const { approval, outcome } = file;
  const left =
    approval?.state === 'waiting' && outcome === undefined ? timeLeft(approval.expiresAt, now) : '';
  const portal = file.url?.startsWith('https://')
    ? html`<a href="${file.url}" rel="noopener noreferrer">Open in Sentinel</a>`
    : NOTHING;
  const error = file.error ? html`<div class="card notice"><p>${file.error.message}</p></div>` : NOTHING;
  return html`<div class="facts">${severityTag(file.severity)}<span>${file.number === undefined ? '' : `Incident ${file.number}`}</span><strong>${headline(file)}</strong><span>${left}</span><span class="quiet">received ${time(file.receivedAt)}</span>${portal}</div>${error}`;
}

function whatHappened({ description, alerts = [] }: CaseFile): SafeHtml | undefined {
  if (!description && alerts.length === 0) return undefined;
  const byTime = [...alerts].sort((a, b) => ((a.startedAt ?? '') < (b.startedAt ?? '') ? -1 : 1));
  const item = ({ title, severity, startedAt }: (typeof alerts)[number]) =>
    html`<li>${startedAt === undefined ? NOTHING : time(startedAt)} ${title} <span class="quiet">${severity}</span></li>`;
  return html`${description ? html`<p>${description}</p>` : NOTHING}<ul>${byTime.map(item)}</ul>`;
}

function decisionOf(file: CaseFile): SafeHtml | undefined {
  const line = decisionLine(file);
  return line === undefined ? undefined : html`<p>${line}</p>`;
}

function form(file: CaseFile, formToken: string): SafeHtml {
  const asked = file.plan?.steps.filter((step) => file.approval?.stepIds.includes(step.id)) ?? [];
  return html`<form method="post" action="/api/approvals/page/${file.instanceId}/decide">
<input type="hidden" name="form" value="${formToken}"><input type="hidden" name="planHash" value="${file.approval?.planHash ?? ''}">
<h2 id="steps">Proposed responses</h2>
<p class="quiet">Asked: ${file.approval?.approvers.join(', ') ?? ''}</p>
<fieldset aria-labelledby="steps">${asked.map((step, index) => choice(step, index))}</fieldset>
<label for="reason">Reason (it is kept in the case file)</label>
<textarea id="reason" name="reason" maxlength="2000"></textarea>
<div class="buttons"><button name="kind" value="approve">Approve the selected</button><button class="second" name="kind" value="reject">Reject all</button></div>
</form>`;
}

function choice(step: PlanStep, index: number): SafeHtml {
  return html`<div class="card step"><input type="checkbox" id="step-${index}" name="step" value="${step.id}" checked>
<div><label for="step-${index}"><strong>${step.title}</strong>: ${step.target}</label> ${riskTag(step)}${explained(step)}</div></div>`;
}

function explained(step: PlanStep): SafeHtml {
  return html`<dl><dt>Why</dt><dd>${step.why}</dd><dt>Impact</dt><dd>${step.impact}</dd><dt>${step.reversible ? 'Undo' : 'No undo'}</dt><dd>${step.undo}</dd></dl>`;
}

function riskTag({ risk }: PlanStep): SafeHtml {
  const tone = risk === 'low' ? 'quiet' : risk === 'disruptive' ? 'warn' : 'bad';
  return html`<span class="tag ${tone}">${risk}</span>`;
}

function outcomeOfSteps({ plan, effects, approval }: CaseFile): SafeHtml | undefined {
  if (plan === undefined || plan.steps.length === 0) return undefined;
  return html`${plan.steps.map((step) => {
    const effect = effects.find(({ stepId }) => stepId === step.id);
    const proof = effect?.proof ?? effect?.error?.message;
    const good = effect?.state === 'confirmed' || effect?.state === 'already-done';
    const bad = effect?.state === 'failed' || effect?.state === 'unconfirmed';
    return html`<div class="card"><h3>${step.title}: ${step.target}</h3><p class="${good ? 'good' : bad ? 'bad' : 'quiet'}">${stepState(step, effect, approval)}</p>${proof === undefined ? NOTHING : html`<p>${proof}</p>`}${effect ? explained(step) : NOTHING}</div>`;
  })}`;
}

function refused(steps: readonly RefusedStep[]): SafeHtml | undefined {
  if (steps.length === 0) return undefined;
  return html`<ul>${steps.map(({ title, target, reason }) => html`<li><strong>${title}</strong> (${target}): ${reason}</li>`)}</ul>`;
}

function unknowns(all: readonly Finding[]): SafeHtml | undefined {
  const items = all.flatMap((finding) =>
    finding.status === 'failed'
      ? [html`<li><strong>${finding.as}</strong> of ${finding.target}: ${finding.error.message}</li>`]
      : [],
  );
  return items.length === 0 ? undefined : html`<ul>${items}</ul>`;
}

function conditions(file: CaseFile): SafeHtml | undefined {
  const { decision } = file;
  if (decision === undefined) return undefined;
  const tone = { true: 'good', false: 'quiet', unknown: 'warn' } as const;
  const card = (condition: ConditionRecord) => {
    const { expression, result, values: seen, because } = condition;
    return html`<div class="card"><h3>${conditionTitle(condition, file)} <span class="tag ${tone[result]}">${result}</span></h3>${because.length === 0 ? NOTHING : html`<p class="warn">${because.join('; ')}</p>`}${values(seen)}<details><summary>Condition</summary><pre>${expression}</pre></details></div>`;
  };
  return html`${decision.conditions.map(card)}`;
}

function findings(all: readonly Finding[]): SafeHtml | undefined {
  const found = all.flatMap((finding) => (finding.status === 'ok' ? [finding] : []));
  if (found.length === 0) return undefined;
  return html`${found.map(
    ({ as, target, action, durationMs, output }) =>
      html`<details class="card"><summary>${as} of ${target} <span class="quiet">${action}, ${Math.round(durationMs)} ms</span></summary>${values(output)}</details>`,
  )}`;
}

function decisions(all: readonly JudgedDecision[]): SafeHtml | undefined {
  if (all.length === 0) return undefined;
  const item = ({ decision, verdict }: JudgedDecision) => {
    const what = decision.kind === 'approve' ? 'Approval' : 'Rejection';
    const counted = verdict.accepted ? 'counted' : `did not count: ${verdict.message}`;
    const reason = decision.reason ? html` “${decision.reason}”` : NOTHING;
    return html`<li>${time(decision.at)} ${what} by ${decision.by.name} (${decision.by.channel}) ${counted}${reason}</li>`;
  };
  return html`<ul>${all.map(item)}</ul>`;
}

function timeline({ timeline: entries }: CaseFile): SafeHtml {
  return html`<ol class="plain timeline">${entries.map(({ at, text }) => html`<li><span class="quiet">${clockTime(at)}</span> ${text}</li>`)}</ol>`;
}
