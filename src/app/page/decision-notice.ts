/** The notice at the top of the page: the outcome of the decision just made, or a decision by another approver. */
import { type ApprovalRequest, currentVotes } from '../../domain/approval.js';
import { html, type SafeHtml } from '../../domain/builders/html.js';
import type { CaseFile } from '../../domain/case-file.js';
import { ago, decidedAgo, readable } from '../../views/index.js';
import { NOTHING, phraseHtml } from './components.js';
import type { Viewer } from './viewer.js';

/** A refusal of the decision just submitted, with the HTTP status of the page that shows it. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
}
export interface DecisionNotice {
  readonly file: CaseFile;
  readonly request: ApprovalRequest;
  readonly viewer: Viewer;
  readonly now: number;
  readonly refusal?: Refusal;
  /** Id of the decision that led here. */
  readonly justDecided?: string | undefined;
  /** That decision is not evaluated yet. */
  readonly pending: boolean;
}

export function decisionNotice(parts: DecisionNotice): SafeHtml {
  const { refusal, pending } = parts;
  if (refusal !== undefined)
    return bad(html`<strong>Decision refused.</strong> ${readable(refusal.message)}`);
  if (pending)
    return good(
      html`<strong>Recorded.</strong> The decision is being evaluated; this page refreshes automatically.`,
    );
  return html`${own(parts)}${settled(parts)}${progress(parts)}`;
}

/** The outcome of the decision that led here; shown only to the person who made it. */
function own({ file, justDecided, viewer }: DecisionNotice): SafeHtml {
  const mine = file.decisions.find(({ decision }) => decision.id === justDecided);
  if (mine === undefined || mine.decision.by.kind !== 'person') return NOTHING;
  if (mine.decision.by.objectId !== viewer.caller.person.id) return NOTHING;
  const { outcome } = mine;
  return outcome.accepted
    ? good(html`<strong>Decision accepted.</strong> ${readable(outcome.message)}`)
    : bad(html`<strong>Decision refused.</strong> ${readable(outcome.message)}`);
}

/** `Megan Bowen (Teams) approved 2 min ago.` */
function settled({ file, request, now, justDecided }: DecisionNotice): SafeHtml {
  if (request.state === 'waiting') return NOTHING;
  const last = file.decisions
    .filter(({ decision, outcome }) => decision.requestId === request.id && outcome.accepted)
    .at(-1);
  if (last === undefined || last.decision.id === justDecided) return NOTHING;
  return html`<div class="card notice quietly" role="status"><p>${phraseHtml(decidedAgo(last, now))}.</p></div>`;
}

function progress({ request, viewer, now }: DecisionNotice): SafeHtml {
  const votes = currentVotes(request);
  const missing = request.approvalsNeeded - votes.length;
  if (request.state !== 'waiting' || votes.length === 0 || missing < 1) return NOTHING;
  const mine = votes.some(({ by }) => by.kind === 'person' && by.objectId === viewer.caller.person.id);
  const [first] = votes;
  const more = missing === 1 ? 'One more approver' : `${missing} more approvers`;
  const needed = mine
    ? `You approved; ${missing === 1 ? 'one more approver' : `${missing} more approvers`} must approve the same steps.`
    : `${more} must approve the same steps, which are selected below. A different selection discards the approvals so far.`;
  const since = first === undefined ? '' : `${first.by.name} approved ${ago(first.at, now)}. `;
  return html`<div class="card notice quietly" role="status"><p><strong>${votes.length} of ${request.approvalsNeeded}.</strong> ${mine ? '' : since}${needed}</p></div>`;
}

function good(content: SafeHtml): SafeHtml {
  return html`<div class="card notice good" role="status"><p>${content}</p></div>`;
}

function bad(content: SafeHtml): SafeHtml {
  return html`<div class="card notice" role="alert"><p>${content}</p></div>`;
}
