/** Whether a decision counts, and what it does to its request. Pure. */
import {
  type AnalystDecision,
  type ApprovalRequest,
  currentVotes,
  type RefusalCode,
} from '../domain/approval.js';
import type { ApprovalTier } from '../domain/approval-tier.js';
import { deciderKey } from '../domain/same-decision.js';
import { type DeciderFacts, type Refusal, refuseDecider } from './eligibility.js';
import { wakeAt } from './passing-time.js';
import { handInDoubt } from './request.js';
import { accepted, type Judged, selectionHash, vote } from './vote.js';
import type { VoterFacts } from './voters.js';

export interface JudgeContext {
  /** True once the handling of this incident is over; only an undo may still be decided then. */
  readonly ended: boolean;
  readonly tiers: readonly ApprovalTier[];
  readonly facts: DeciderFacts;
  /** About everybody whose vote counts so far. */
  readonly voters: VoterFacts;
}

/**
 * Judges a decision. A door's time counts for the deadline: who answered in time is not turned away because the
 * orchestration looked later. Decisions must be given in the order in which they came, and each once.
 */
export function judge(request: ApprovalRequest, decision: AnalystDecision, context: JudgeContext): Judged {
  const refusal =
    refuseByState(request, decision, context.ended) ??
    refuseDecider(request, decision.by, context.facts) ??
    refuseContent(request, decision);
  if (refusal !== undefined) return { verdict: { accepted: false, ...refusal }, request };
  switch (decision.kind) {
    case 'reject':
      return accepted('rejected', 'The request is rejected; nothing of it will be carried out.', {
        ...request,
        state: 'rejected',
      });
    case 'extend':
      return extend(request, decision, context.tiers);
    case 'approve':
    case 'undo':
      return vote(request, decision, context.voters);
  }
}

/** What needs no directory: also for doors, which answer at once with what they can already see. */
export function refuseByState(
  request: ApprovalRequest,
  decision: AnalystDecision,
  ended: boolean,
): Refusal | undefined {
  const { state, purpose } = request;
  if (state === 'expired' || state === 'contained') return refusal('expired', request);
  if (state === 'superseded') return refusal('superseded', request);
  if (state !== 'waiting') return refusal('already-decided', request);
  if (ended && purpose === 'respond') return refusal('ended', request);
  if (Date.parse(decision.at) >= Date.parse(request.expiresAt)) return refusal('expired', request);
  if ((decision.kind === 'undo') !== (purpose === 'undo')) return refusal('wrong-kind', request);
  if (decision.planHash !== request.planHash) return refusal('stale-plan', request);
  if (decision.revision !== request.revision) return refusal('stale-revision', request);
  return undefined;
}

function refuseContent(request: ApprovalRequest, decision: AnalystDecision): Refusal | undefined {
  const { kind, steps, reason, by } = decision;
  if (kind === 'approve' && request.handInRefused) return refusal('hand-in-unsigned', request);
  if (steps.some((id) => !request.stepIds.includes(id))) return refusal('unknown-action', request);
  if (kind === 'reject') return reason?.trim() ? undefined : refusal('reason-required', request);
  if (kind === 'extend') {
    return request.extensions.length < request.extension.times ? undefined : refusal('no-more-time', request);
  }
  if (steps.length === 0) return refusal('nothing-selected', request);
  const hash = selectionHash(request, steps);
  const voted = currentVotes(request).some(
    (vote) => vote.selectionHash === hash && deciderKey(vote.by) === deciderKey(by),
  );
  return voted ? refusal('second-approver-must-differ', request) : undefined;
}

function extend(request: ApprovalRequest, decision: AnalystDecision, tiers: readonly ApprovalTier[]): Judged {
  const expiresAt = new Date(Date.parse(request.expiresAt) + request.extension.byMs).toISOString();
  const extensions = [...request.extensions, { by: decision.by, at: decision.at, expiresAt }];
  const extended = { ...request, extensions, expiresAt };
  const message = `The request now stays open until ${expiresAt}.`;
  return accepted('extended', message, { ...extended, wakeAt: wakeAt(extended, tiers) });
}

function refusal(code: RefusalCode, request: ApprovalRequest): Refusal {
  return { code, message: messageOf(code, request) };
}

function messageOf(code: RefusalCode, request: ApprovalRequest): string {
  switch (code) {
    case 'expired':
      return `The request expired at ${request.expiresAt}; nothing was changed by this decision.`;
    case 'ended':
    case 'superseded':
      return 'The incident is no longer being handled; nothing was changed by this decision.';
    case 'already-decided':
      return `The request was already ${request.state}${deciders(request)}; nothing was changed by this decision.`;
    case 'wrong-kind':
      return request.purpose === 'undo'
        ? 'This request is about undoing what was done; it can only be answered by undo.'
        : 'This request is about carrying something out; it can only be approved, rejected or given more time.';
    case 'hand-in-unsigned':
      return handInDoubt(request) ?? '';
    case 'stale-plan':
      return 'The decision is about another version of the plan. Load the request again and decide on that.';
    case 'stale-revision':
      return `The selection was changed meanwhile: this is revision ${request.revision} now. Load the request again and decide on that.`;
    case 'unknown-action':
      return `The decision names a step that is not part of the request. Its steps: ${request.stepIds.join(', ')}.`;
    case 'nothing-selected':
      return 'The decision selects no step. Select at least one, or reject the request.';
    case 'reason-required':
      return 'A rejection needs a reason, in a few words.';
    case 'no-more-time':
      return `The request cannot be given more time; it stays open until ${request.expiresAt}.`;
    case 'second-approver-must-differ':
      return 'You have approved this selection already; the other approval must come from somebody else.';
    default:
      return 'The decision did not count; nothing was changed by it.';
  }
}

function deciders(request: ApprovalRequest): string {
  const names = currentVotes(request).map(({ by }) => `${by.name} (${by.channel})`);
  return request.state === 'approved' && names.length > 0 ? ` by ${names.join(' and ')}` : '';
}
