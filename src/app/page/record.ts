/** Who decided what, and what happened when. */
import { type ApprovalRequest, currentVotes } from '../../domain/approval.js';
import { html, type SafeHtml } from '../../domain/builders/html.js';
import type { CaseFile } from '../../domain/case-file.js';
import type { AuditEntry } from '../http/approval-schemas.js';
import { auditOf } from '../http/approval-view.js';
import { ago, clockTime, NOTHING, time } from './parts.js';

/** Approvals of the present revision; those of an earlier selection stand in the audit. */
export function votes(request: ApprovalRequest, now: number): SafeHtml | undefined {
  const counted = currentVotes(request);
  if (counted.length === 0 && request.approvalsNeeded < 2) return undefined;
  if (counted.length === 0) return html`<p class="quiet">Nobody has approved yet.</p>`;
  return html`<ul>${counted.map(
    ({ by, steps, at }) =>
      html`<li><strong>${by.name}</strong> (${by.channel}) approved ${steps.length === 1 ? '1 step' : `${steps.length} steps`} ${ago(at, now)}</li>`,
  )}</ul>`;
}

export function timeline({ timeline: entries }: CaseFile): SafeHtml {
  return html`<ol class="plain timeline">${entries.map(({ at, text }) => html`<li><span class="quiet">${clockTime(at)}</span> ${text}</li>`)}</ol>`;
}

export function audit(file: CaseFile, request: ApprovalRequest): SafeHtml {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Audit of the request"><table><thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th></tr></thead><tbody>${auditOf(file, request).map(row)}</tbody></table></div>`;
}

function row({ at, by, event, text, decision }: AuditEntry): SafeHtml {
  const who =
    by === undefined
      ? html`<span class="quiet">responder</span>`
      : html`${by.name} <span class="quiet">${by.channel}</span>`;
  const what =
    decision === undefined ? event : `${decision.kind}, revision ${decision.revision}: ${decision.code}`;
  const bound =
    decision?.selectionHash === undefined
      ? NOTHING
      : html`<br><span class="quiet">selection <code>${decision.selectionHash.slice(0, 12)}</code>, ${decision.steps.length} ${decision.steps.length === 1 ? 'step' : 'steps'}</span>`;
  const reason = decision?.reason === undefined ? NOTHING : html`<br>“${decision.reason}”`;
  return html`<tr><td>${time(at)}</td><td>${who}</td><td>${what}<br><span class="quiet">${text}</span>${reason}${bound}</td></tr>`;
}
