/** The words for the state of an approval request. */
import {
  type ApprovalRequest,
  currentVotes,
  type Purpose,
  type RequestState,
  type SupersededBy,
} from '../../domain/approval.js';
import type { CaseView } from '../../domain/case-file.js';
import { voidedVotes } from '../../domain/voided-votes.js';
import { carriedOut } from './carried-out.js';
import type { Words } from './case.js';
import { deciderName } from './decision.js';
import { at, ours, type Phrase, phrase } from './phrase.js';
import { between } from './time.js';

export interface RequestWords extends Words {
  /** More about the state, one sentence each. */
  readonly sentences: readonly Phrase[];
}

/** The state of a request alone, e.g. in a list. `RequestWords` also says what became of its steps. */
export const REQUEST_STATES: Readonly<Record<Purpose, Readonly<Record<RequestState, Words>>>> = {
  respond: {
    waiting: { words: 'Approval needed', tone: 'ask' },
    approved: { words: 'Approved', tone: 'over' },
    rejected: { words: 'Rejected', tone: 'over' },
    expired: { words: 'Expired without a decision', tone: 'warn' },
    contained: { words: 'Expired without a decision; temporarily contained', tone: 'warn' },
    superseded: { words: 'Superseded', tone: 'over' },
  },
  undo: {
    waiting: { words: 'Can be undone', tone: 'ask' },
    approved: { words: 'Undo approved', tone: 'over' },
    rejected: { words: 'Undo rejected', tone: 'over' },
    expired: { words: 'Can no longer be undone', tone: 'over' },
    contained: { words: 'Can no longer be undone', tone: 'over' },
    superseded: { words: 'Can no longer be undone', tone: 'over' },
  },
};

type Case = Pick<CaseView, 'effects' | 'plan' | 'outcome' | 'error' | 'decisions'>;

/** The state of a request, with what became of its steps. */
export function requestWords(view: Case, request: ApprovalRequest): RequestWords {
  const { purpose, state } = request;
  const words = REQUEST_STATES[purpose][state];
  if (purpose === 'undo') return { ...words, sentences: undoSentences(view, request) };
  switch (state) {
    case 'waiting':
      return waiting(request);
    case 'approved':
      return carriedOut(view, request, [approval(view, request), ...voided(request)]);
    case 'contained':
      return carriedOut(view, request, [CONTAINED]);
    case 'rejected':
      return { ...words, sentences: [rejection(view, request), NOTHING_DONE] };
    case 'expired':
      return { ...words, sentences: [phrase`No decision by ${at(request.expiresAt)}.`, NOTHING_DONE] };
    case 'superseded':
      return { ...words, sentences: [SUPERSEDED[request.supersededBy ?? 'closed'], NOTHING_DONE] };
  }
}

const NOTHING_DONE = phrase`No step is carried out.`;
const CONTAINED = phrase`No decision in time. Policy requires temporary containment: the steps are carried out for a limited time, then undone.`;
const SUPERSEDED: Readonly<Record<SupersededBy, Phrase>> = {
  closed: phrase`This request was superseded: the incident was closed.`,
  merged: phrase`This request was superseded: the incident was merged into another one.`,
  gone: phrase`This request was superseded: the incident no longer exists.`,
  elsewhere: phrase`This request was superseded: the same incident is handled under another of its ids.`,
  changed: phrase`This request was superseded: the incident has changed, and a new plan was made.`,
  failed: phrase`This request was superseded: the incident could not be handled further and needs manual action.`,
  undo: phrase`This request was superseded: the steps are undone without a decision.`,
};

function waiting(request: ApprovalRequest): RequestWords {
  const { approvalsNeeded, escalations, extensions, reminders, warnings } = request;
  const votes = currentVotes(request);
  const counted = `${votes.length} of ${approvalsNeeded} approved`;
  const missing = approvalsNeeded - votes.length;
  const voted =
    votes.length === 0
      ? []
      : [phrase`${ours(counted)}: ${voters(request)}. ${missing} more must approve exactly this selection.`];
  const reminded = reminders.at(-1);
  return {
    words: votes.length > 0 ? counted : REQUEST_STATES.respond.waiting.words,
    tone: 'ask',
    sentences: [
      ...voted,
      ...voided(request),
      ...escalations.map((one) => phrase`Escalated to ${one.to} at ${at(one.at)}.`),
      ...extensions.map(
        ({ by, expiresAt }) => phrase`${deciderName(by)} extended the deadline to ${at(expiresAt)}.`,
      ),
      ...(reminded === undefined
        ? []
        : [phrase`Reminder sent at ${at(reminded)}: still waiting for a decision.`]),
      ...warnings.map((warning) => phrase`Warning: ${warning}`),
    ],
  };
}

/** Votes that no longer count. */
function voided(request: ApprovalRequest): Phrase[] {
  return voidedVotes(request).map(({ text }) => phrase`${text}`);
}

function approval(view: Case, request: ApprovalRequest): Phrase {
  const last = lastDecision(view, request);
  return phrase`Approved by ${voters(request)}${after(request, last?.decision.at)}.`;
}

function rejection(view: Case, request: ApprovalRequest): Phrase {
  const last = lastDecision(view, request);
  if (last === undefined) return phrase`Rejected.`;
  const { by, reason, at: when } = last.decision;
  const why = reason === undefined ? [] : phrase` Reason: ${reason}`;
  return phrase`Rejected by ${deciderName(by)} at ${at(when)}${after(request, when)}.${why}`;
}

function undoSentences(view: Case, request: ApprovalRequest): Phrase[] {
  if (request.state === 'waiting')
    return [phrase`An approver can undo the steps until ${at(request.expiresAt)}.`];
  if (request.state !== 'approved') return [];
  const by = lastDecision(view, request)?.decision.by;
  return by === undefined ? [] : [phrase`${deciderName(by)} approved the undo.`];
}

/** The accepted decision that ended the request; an extension does not. */
function lastDecision({ decisions }: Pick<CaseView, 'decisions'>, { id }: Pick<ApprovalRequest, 'id'>) {
  return decisions
    .filter(({ decision, outcome }) => decision.requestId === id && outcome.accepted)
    .findLast(({ decision }) => decision.kind !== 'extend');
}

/** `, after 4 min 10 s`. */
function after({ requestedAt }: ApprovalRequest, decidedAt: string | undefined): Phrase {
  const period = between(requestedAt, decidedAt);
  return period === undefined ? [] : [ours(`, after ${period}`)];
}

function voters(request: ApprovalRequest): string {
  return (
    currentVotes(request)
      .map(({ by }) => deciderName(by))
      .join(', ') || 'policy'
  );
}
