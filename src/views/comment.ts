/** The comment on the incident: findings, decisions, responses and proofs, for everyone who opens the incident. */
import type { DecisionKind } from '../domain/approval.js';
import { html, type SafeHtml } from '../domain/builders/html.js';
import type { CaseView, Effect } from '../domain/case-file.js';
import { clip } from '../domain/clip.js';
import type { PlanStep } from '../domain/plan.js';
import { uncheckedWords } from '../domain/target.js';
import { voidedVotes } from '../domain/voided-votes.js';
import {
  conditionTitle,
  decisionLine,
  headline,
  presentEffect,
  requestAbout,
  shortTime,
  stepState,
} from './phrases.js';

/** https://learn.microsoft.com/azure/sentinel/sentinel-service-limits allows 30,000 characters. */
const MAXIMUM = 29_000;
const LONGEST_TEXT = 400;
const MOST_ITEMS = 25;

/**
 * Renders the comment as the HTML subset that Sentinel preserves: headings, paragraphs, lists, emphasis. Omits sections
 * that would exceed the length limit, the least important first.
 */
export function renderComment(view: CaseView): string {
  const sections = [
    heading(view),
    warnings(view),
    steps(view),
    refused(view),
    decisions(view),
    failedFindings(view),
    reasons(view),
  ];
  let text = '';
  for (const section of sections) {
    if (section === undefined) continue;
    if (text.length + section.text.length > MAXIMUM) continue;
    text += section.text;
  }
  return text + footer(view).text;
}

function heading(view: CaseView): SafeHtml {
  const line = decisionLine(view);
  const why = line === undefined ? html`` : html`<p>${line}</p>`;
  const error = view.error ? html`<p>Error: ${short(view.error.message)}</p>` : html``;
  return html`<h3>Sentinel Responder: ${headline(view)}</h3>${why}${error}`;
}

function steps({ plan, approvals, effects }: CaseView): SafeHtml | undefined {
  if (plan === undefined || plan.steps.length === 0) return undefined;
  const items = plan.steps.map((step) => {
    const effect = effects.find(({ stepId }) => stepId === step.id);
    return html`<li><strong>${short(step.title)}</strong> (${short(step.target)}): ${stepState(step, effect, requestAbout(step, approvals))}${proof(effect)}${unchecked(step)}${undo(step, effect)}</li>`;
  });
  return list('Responses', items);
}

function unchecked({ record }: PlanStep): SafeHtml {
  const words = uncheckedWords(record);
  return words === undefined ? html`` : html` <em>${short(words)}</em>`;
}

function proof(effect: Effect | undefined): SafeHtml {
  const text = effect && presentEffect(effect).proof;
  return text === undefined ? html`` : html`. ${short(text)}`;
}

function undo(step: PlanStep, effect: Effect | undefined): SafeHtml {
  return effect === undefined || effect.undo !== undefined
    ? html``
    : html` <em>${step.reversible ? 'Undo' : 'No undo'}: ${short(step.undo)}</em>`;
}

function refused({ plan }: CaseView): SafeHtml | undefined {
  if (plan === undefined || plan.refused.length === 0) return undefined;
  const items = plan.refused.map(
    (step) => html`<li>${short(step.title)} (${short(step.target)}): ${short(step.reason)}</li>`,
  );
  return list('Not proposed, manual review needed', items);
}

function decisions({ decisions: all }: CaseView): SafeHtml | undefined {
  const counted = all.filter(({ outcome }) => outcome.accepted);
  if (counted.length === 0) return undefined;
  const items = counted.map(({ decision }) => {
    const reason = decision.reason ? html`: ${short(decision.reason)}` : html``;
    const what = DECIDED[decision.kind];
    return html`<li>${what} by ${short(decision.by.name)} at ${shortTime(decision.at)}${reason}</li>`;
  });
  return list('Decision', items);
}

const DECIDED: Readonly<Record<DecisionKind, string>> = {
  approve: 'Approved',
  reject: 'Rejected',
  extend: 'Deadline extended',
  undo: 'Undo approved',
};

/** Reasons why a request may never be approved, and votes that no longer count. */
function warnings({ approvals }: CaseView): SafeHtml | undefined {
  const texts = approvals.flatMap((request) => [
    ...voidedVotes(request).map(({ text }) => text),
    ...(request.state === 'waiting' ? request.warnings : []),
  ]);
  const items = texts.map((text) => html`<li>${short(text)}</li>`);
  return items.length === 0 ? undefined : list('The approval needs attention', items);
}

function failedFindings({ findings }: CaseView): SafeHtml | undefined {
  const items = findings.flatMap((finding) =>
    finding.status === 'failed'
      ? [html`<li>${finding.as} (${short(finding.target)}): ${short(finding.error.message)}</li>`]
      : [],
  );
  return items.length === 0 ? undefined : list('Could not be determined', items);
}

function reasons(view: CaseView): SafeHtml | undefined {
  const held = view.decision?.conditions.filter(({ result }) => result !== 'false') ?? [];
  if (held.length === 0) return undefined;
  const items = held.map((condition) => {
    const why = condition.result === 'unknown' ? condition.because.join('; ') : valuesText(condition.values);
    return html`<li>${short(conditionTitle(condition, view))}: ${condition.result} (${short(why)})</li>`;
  });
  return list('Why', items);
}

function valuesText(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
    .join(', ');
}

function footer({ instanceId }: CaseView): SafeHtml {
  return html`<p><em>${instanceId}. This comment is updated in place.</em></p>`;
}

function list(title: string, items: readonly SafeHtml[]): SafeHtml {
  const more = items.length - MOST_ITEMS;
  const rest = more > 0 ? html`<li>and ${more} more</li>` : html``;
  return html`<h4>${title}</h4><ul>${items.slice(0, MOST_ITEMS)}${rest}</ul>`;
}

function short(text: string): string {
  return clip(text, LONGEST_TEXT);
}
