/** The one thing that a person must see first: what came of what they just did, or that others were faster. */
import { currentVotes, type JudgedDecision } from '../../domain/approval.js';
import { html, type SafeHtml } from '../../domain/builders/html.js';
import { ago, NOTHING } from './parts.js';
import type { RequestPage } from './request.js';

export function banner(parts: RequestPage & { readonly pending: boolean }): SafeHtml {
  const { refusal, pending } = parts;
  if (refusal !== undefined) return bad(html`<strong>This did not count.</strong> ${refusal.message}`);
  if (pending) return good(html`<strong>Recorded.</strong> It is being checked; this page follows.`);
  return html`${own(parts)}${settled(parts)}${progress(parts)}`;
}

/** The verdict on the decision that led here; only its maker is told so. */
function own({ file, justDecided, visitor }: RequestPage): SafeHtml {
  const mine = file.decisions.find(({ decision }) => decision.id === justDecided);
  if (mine === undefined || mine.decision.by.kind !== 'person') return NOTHING;
  if (mine.decision.by.objectId !== visitor.caller.person.id) return NOTHING;
  const { verdict } = mine;
  return verdict.accepted
    ? good(html`<strong>Your decision counts.</strong> ${verdict.message}`)
    : bad(html`<strong>This did not count.</strong> ${verdict.message}`);
}

/** `Megan Bowen approved 2 min ago.` */
function settled({ file, request, now, justDecided }: RequestPage): SafeHtml {
  if (request.state === 'waiting') return NOTHING;
  const last = file.decisions
    .filter(({ decision, verdict }) => decision.requestId === request.id && verdict.accepted)
    .at(-1);
  if (last === undefined || last.decision.id === justDecided) return NOTHING;
  return html`<div class="card notice quietly" role="status"><p>${who(last)} ${did(last)} ${ago(last.judgedAt, now)}.</p></div>`;
}

function progress({ request, visitor, now }: RequestPage): SafeHtml {
  const votes = currentVotes(request);
  const missing = request.approvalsNeeded - votes.length;
  if (request.state !== 'waiting' || votes.length === 0 || missing < 1) return NOTHING;
  const mine = votes.some(({ by }) => by.kind === 'person' && by.objectId === visitor.caller.person.id);
  const [first] = votes;
  const more = missing === 1 ? 'One more approver' : `${missing} more approvers`;
  const told = mine
    ? `You approved; ${missing === 1 ? 'one more person' : `${missing} more people`} must approve the same steps.`
    : `${more} must approve the same steps: they are selected below. Another selection starts anew.`;
  const since = first === undefined ? '' : `${first.by.name} approved ${ago(first.at, now)}. `;
  return html`<div class="card notice quietly" role="status"><p><strong>${votes.length} of ${request.approvalsNeeded}.</strong> ${mine ? '' : since}${told}</p></div>`;
}

export function who({ decision: { by } }: JudgedDecision): string {
  return by.kind === 'person' ? by.name : `${by.name} (automation)`;
}

const DID = {
  approve: 'approved',
  reject: 'rejected',
  extend: 'asked for more time',
  undo: 'asked to undo',
} as const;
export function did({ decision: { kind } }: JudgedDecision): string {
  return DID[kind];
}

function good(content: SafeHtml): SafeHtml {
  return html`<div class="card notice good" role="status"><p>${content}</p></div>`;
}

function bad(content: SafeHtml): SafeHtml {
  return html`<div class="card notice" role="alert"><p>${content}</p></div>`;
}
