/** The page sections for votes, timeline, audit trail and earlier runs. */
import { type ApprovalRequest, currentVotes } from '../../domain/approval.js';
import { html, type SafeHtml } from '../../domain/builders/html.js';
import type { CaseFile, EarlierRun } from '../../domain/case-file.js';
import type { CaseAlarm } from '../../domain/case-record.js';
import { voidedVotes } from '../../domain/voided-votes.js';
import { outcomeWords } from '../../views/index.js';
import type { AuditEntry } from '../http/approval-schemas.js';
import { auditOf } from '../http/approval-view.js';
import { ago, clockTime, NOTHING, time } from './components.js';

/** Approvals of the current revision. The audit trail lists approvals of earlier selections. */
export function votes(request: ApprovalRequest, now: number): SafeHtml | undefined {
  const counted = currentVotes(request);
  const voided = voidedVotes(request);
  if (counted.length === 0 && voided.length === 0) {
    return request.approvalsNeeded < 2 ? undefined : html`<p class="quiet">No one has approved yet.</p>`;
  }
  return html`<ul>${counted.map(
    ({ by, steps, at }) =>
      html`<li><strong>${by.name}</strong> (${by.channel}) approved ${steps.length === 1 ? '1 step' : `${steps.length} steps`} ${ago(at, now)}</li>`,
  )}${voided.map(({ text }) => html`<li><strong>Void.</strong> ${text}</li>`)}</ul>`;
}

export function timeline({ timeline: entries }: CaseFile): SafeHtml {
  return html`<ol class="plain timeline">${entries.map(({ at, text }) => html`<li><span class="quiet">${clockTime(at)}</span> ${text}</li>`)}</ol>`;
}

/** The audit trail of the request, in chronological order. */
export function audit(file: CaseFile, request: ApprovalRequest, alarms: readonly CaseAlarm[]): SafeHtml {
  return html`<ol class="plain timeline">${auditOf(file, request, alarms).map(row)}</ol>`;
}

/** The outcomes of earlier runs of the same incident. */
export function earlierRuns({ earlier = [] }: CaseFile): SafeHtml | undefined {
  if (earlier.length === 0) return undefined;
  const item = ({ receivedAt, outcome, effects }: EarlierRun) =>
    html`<li>${time(receivedAt)} <strong>${outcome === undefined ? 'not ended' : outcomeWords[outcome]}</strong><ul>${effects.map((effect) => html`<li>${effect}</li>`)}</ul></li>`;
  return html`<ul>${earlier.map(item)}</ul>`;
}

function row({ at, by, event, text, decision, refused }: AuditEntry): SafeHtml {
  const unnamed = event === 'refused' ? 'Unknown sender' : 'Responder';
  const who = by === undefined ? unnamed : `${by.name} (${by.channel})`;
  const { reason: words } = decision ?? refused ?? {};
  const bound =
    decision?.selectionHash === undefined
      ? NOTHING
      : html` <span class="quiet">Selection <code>${decision.selectionHash.slice(0, 12)}</code>, ${decision.steps.length} ${decision.steps.length === 1 ? 'step' : 'steps'}.</span>`;
  const reason = words === undefined ? NOTHING : html` “${words}”`;
  return html`<li>${time(at)} <strong>${who}</strong> ${what({ event, decision, refused })}. <span class="quiet">${text}</span>${reason}${bound}</li>`;
}

function what({ event, decision, refused }: Pick<AuditEntry, 'event' | 'decision' | 'refused'>): string {
  if (decision !== undefined) return `${decision.kind}, revision ${decision.revision}: ${decision.code}`;
  return refused === undefined ? event : `${refused.kind}, refused on submission: ${refused.code}`;
}
