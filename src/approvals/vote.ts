/** Adds one approval of a selection to a request. Pure. */
import {
  type AcceptedCode,
  type AnalystDecision,
  type ApprovalRequest,
  currentVotes,
  type DecisionOutcome,
  type Vote,
} from '../domain/approval.js';
import { deciderKey } from '../domain/same-decision.js';
import { voidedVotes } from '../domain/voided-votes.js';
import { contentHash } from './plan-hash.js';
import { checkedVotes, type VoterFacts } from './voters.js';

export interface Evaluation {
  readonly outcome: DecisionOutcome;
  /** The request afterwards; unchanged if the decision was refused. */
  readonly request: ApprovalRequest;
  readonly selectionHash?: string;
}

/** An approval is bound to this hash of the request, the plan and exactly these steps, in any order. */
export function selectionHash(request: ApprovalRequest, steps: readonly string[]): string {
  return contentHash({ request: request.id, plan: request.planHash, steps: [...new Set(steps)].sort() });
}

/** @param voters facts about all approvers whose votes count so far; checked when the quorum is reached. */
export function vote(request: ApprovalRequest, decision: AnalystDecision, voters: VoterFacts): Evaluation {
  const { id, by, at } = decision;
  const steps = request.stepIds.filter((step) => decision.steps.includes(step));
  const hash = selectionHash(request, steps);
  const before = currentVotes(request);
  const changed = before.some((vote) => vote.selectionHash !== hash);
  const revision = request.revision + (changed ? 1 : 0);
  const cast: Vote = { decisionId: id, by, revision, steps, selectionHash: hash, at };
  const others = changed ? [] : before;
  const voted = { ...request, revision, votes: [...request.votes, cast] };
  if (!enough(request, [...others, cast])) return counted(voted, hash, [changed ? CHANGED : '']);
  const checked = checkedVotes(request, others, voters, at);
  if (checked === 'unknown') {
    const code = 'membership-unknown';
    return { outcome: { accepted: false, code, message: VOTERS_UNKNOWN }, request };
  }
  const votes = [...request.votes.map((one) => checked.find((now) => isSameVote(now, one)) ?? one), cast];
  const left = { ...voted, votes };
  const notes = voidedVotes({ votes: checked }).map(({ text }) => text);
  return enough(request, currentVotes(left))
    ? decided(left, decision, hash, notes)
    : counted(left, hash, notes);
}

const isSameVote = (one: Vote, other: Vote) =>
  one.decisionId === other.decisionId && one.revision === other.revision;

const CHANGED = 'The selection changed, so the count restarts.';
const VOTERS_UNKNOWN =
  'The directory is unavailable, so it is unknown whether the earlier approvers may still decide. Nothing was changed; try again.';

/** The vote counts, but the quorum is not reached. */
function counted(request: ApprovalRequest, hash: string, notes: readonly string[]): Evaluation {
  const missing = Math.max(request.approvalsNeeded - currentVotes(request).length, 1);
  const who = `${missing} more ${missing > 1 ? 'approvers' : 'approver'} must approve the same selection.`;
  const message = [...notes, who].filter((text) => text !== '').join(' ');
  return { ...accepted('more-approvers-needed', message, request), selectionHash: hash };
}

function decided(
  request: ApprovalRequest,
  { kind, steps }: AnalystDecision,
  hash: string,
  notes: readonly string[],
): Evaluation {
  const selected = request.stepIds.filter((step) => steps.includes(step));
  const number = selected.length === 1 ? '1 step' : `${selected.length} steps`;
  const [code, what] =
    kind === 'undo' ? (['undo-approved', 'undone'] as const) : (['approved', 'carried out'] as const);
  const message = [`${number} will be ${what}.`, ...notes].join(' ');
  return { ...accepted(code, message, { ...request, state: 'approved', selected }), selectionHash: hash };
}

/** Counts different deciders for the same selection; four eyes (two-person approval) counts people only. */
function enough(request: ApprovalRequest, votes: readonly Vote[]): boolean {
  const counting = request.fourEyes ? votes.filter(({ by }) => by.kind === 'person') : votes;
  return new Set(counting.map(({ by }) => deciderKey(by))).size >= request.approvalsNeeded;
}

export function accepted(code: AcceptedCode, message: string, request: ApprovalRequest): Evaluation {
  return { outcome: { accepted: true, code, message }, request };
}
