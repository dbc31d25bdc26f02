/** The page sections for votes, timeline, audit trail and earlier runs. */
import type { ApprovalRequest } from '../../domain/approval.js';
import { html, type SafeHtml } from '../../domain/builders/html.js';
import type { CaseFile } from '../../domain/case-file.js';
import type { CaseAlarm } from '../../domain/case-record.js';
import { auditWords, type Briefing, count, readable, voteLines } from '../../views/index.js';
import type { AuditEntry } from '../http/approval-schemas.js';
import { auditOf } from '../http/approval-view.js';
import { NOTHING, phraseHtml, time } from './components.js';
import { PAGE } from './layout.js';

/** Approvals of the current revision. The audit trail lists approvals of earlier selections. */
export function votes(request: ApprovalRequest, now: number): SafeHtml | undefined {
  const lines = voteLines(request, now);
  if (lines.length > 0) return html`<ul>${lines.map((line) => html`<li>${phraseHtml(line)}</li>`)}</ul>`;
  return request.approvalsNeeded < 2 ? undefined : html`<p class="quiet">No one has approved yet.</p>`;
}

/** By day; each entry with the period since the incident was received. */
export function timeline({ timeline: days, receivedAt, took }: Briefing): SafeHtml {
  const total = took === undefined ? NOTHING : html`, handled in ${took}`;
  return html`<p class="quiet">Received ${time(receivedAt)}${total}. Times are UTC; the second time counts from the receipt.</p>${days.map(
    ({ date, entries }) =>
      html`<h3>${date}</h3><ol class="plain timeline">${entries.map(
        ({ at, time: clock, after, text }) =>
          html`<li><span class="quiet"><time datetime="${at}">${clock}</time>${after === undefined ? NOTHING : html` +${after}`}</span> ${text}</li>`,
      )}</ol>`,
  )}`;
}

/** The audit trail of the request, in chronological order. */
export function audit(file: CaseFile, request: ApprovalRequest, alarms: readonly CaseAlarm[]): SafeHtml {
  return html`<ol class="plain timeline">${auditOf(file, request, alarms).map(row)}</ol>`;
}

/** The outcomes of earlier runs of the same incident. */
export function earlierRuns({ earlierRuns: runs }: Briefing): SafeHtml | undefined {
  if (runs.length === 0) return undefined;
  return html`<ul>${runs.map(
    ({ receivedAt, outcome, effects }) =>
      html`<li>${time(receivedAt)} <strong>${outcome}</strong><ul>${effects.map((effect) => html`<li>${effect}</li>`)}</ul></li>`,
  )}</ul>`;
}

/** Where an incident that was merged is handled, and what was done in those that were merged into it. */
export function merges({ merges: all }: Briefing): SafeHtml | undefined {
  if (all.length === 0) return undefined;
  const items = all.map(
    ({ instanceId, text }) => html`<li>${text} <a href="${PAGE}/${instanceId}">Its case</a></li>`,
  );
  return html`<ul>${items}</ul>`;
}

function row(entry: AuditEntry): SafeHtml {
  const { at, text, decision, refused } = entry;
  const { who, what } = auditWords(entry);
  const { reason: words } = decision ?? refused ?? {};
  const bound =
    decision?.selectionHash === undefined
      ? NOTHING
      : html` <span class="quiet">Selection <code>${decision.selectionHash.slice(0, 12)}</code>, ${count(decision.steps.length, 'step')}.</span>`;
  const reason = words === undefined ? NOTHING : html` “${words}”`;
  return html`<li>${time(at)} <strong>${who}</strong> ${what}. <span class="quiet">${readable(text)}</span>${reason}${bound}</li>`;
}
