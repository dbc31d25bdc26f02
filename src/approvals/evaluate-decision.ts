/** Evaluates a decision and applies it to its request. Pure. */
import {
  type AnalystDecision,
  type ApprovalRequest,
  currentVotes,
  type RefusalCode,
  type SupersededBy,
} from '../domain/approval.js';
import type { ApprovalTier } from '../domain/approval-tier.js';
import { deciderKey } from '../domain/same-decision.js';
import { nextCheckAt } from './approval-timeouts.js';
import { type DeciderFacts, type Refusal, refuseDecider } from './eligibility.js';
import { submissionProblem } from './request.js';
import { accepted, type Evaluation, selectionHash, vote } from './vote.js';
import type { VoterFacts } from './voters.js';

export interface EvaluationContext {
  /** True once the run has ended; then only undo decisions are accepted. */
  readonly ended: boolean;
  readonly tiers: readonly ApprovalTier[];
  readonly facts: DeciderFacts;
  /** Facts about all approvers whose votes count so far. */
  readonly voters: VoterFacts;
}

/**
 * Evaluates a decision. The time at the channel counts for the deadline: a decision in time is not refused because the
 * orchestration evaluates it later. Call it once for each decision, in order of arrival.
 */
export function evaluateDecision(
  request: ApprovalRequest,
  decision: AnalystDecision,
  context: EvaluationContext,
): Evaluation {
  const refusal =
    refusalByState(request, decision, context.ended) ??
    refuseDecider(request, decision.by, context.facts) ??
    refuseContent(request, decision);
  if (refusal !== undefined) return { outcome: { accepted: false, ...refusal }, request };
  switch (decision.kind) {
    case 'reject':
      return accepted('rejected', 'The request is rejected; no step will be carried out.', {
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

/** The checks that need no directory. Channels use them, too, to refuse immediately. */
export function refusalByState(
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
  if (kind === 'approve' && request.submissionRefused) return refusal('submission-unsigned', request);
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

function extend(
  request: ApprovalRequest,
  decision: AnalystDecision,
  tiers: readonly ApprovalTier[],
): Evaluation {
  const expiresAt = new Date(Date.parse(request.expiresAt) + request.extension.byMs).toISOString();
  const extensions = [...request.extensions, { by: decision.by, at: decision.at, expiresAt }];
  const extended = { ...request, extensions, expiresAt };
  const message = `The request is now open until ${expiresAt}.`;
  return accepted('extended', message, { ...extended, nextCheckAt: nextCheckAt(extended, tiers) });
}

function refusal(code: RefusalCode, request: ApprovalRequest): Refusal {
  return { code, message: messageOf(code, request) };
}

function messageOf(code: RefusalCode, request: ApprovalRequest): string {
  switch (code) {
    case 'expired':
      return `The request expired at ${request.expiresAt}; nothing was changed by this decision.`;
    case 'ended':
      return 'The incident is no longer being handled; nothing was changed by this decision.';
    case 'superseded':
      return `This request was superseded: ${SUPERSEDED[request.supersededBy ?? 'closed']}. Nothing was changed by this decision.`;
    case 'already-decided':
      return `The request was already ${request.state}${deciders(request)}; nothing was changed by this decision.`;
    case 'wrong-kind':
      return request.purpose === 'undo'
        ? 'This is an undo request; it accepts only the decision undo.'
        : 'This is a response request; it accepts only the decisions approve, reject and extend.';
    case 'submission-unsigned':
      return submissionProblem(request) ?? '';
    case 'stale-plan':
      return 'The decision refers to another version of the plan. Reload the request and decide again.';
    case 'stale-revision':
      return `The selection has changed; the request is now at revision ${request.revision}. Reload the request and decide again.`;
    case 'unknown-action':
      return `The decision names a step that is not part of the request. Its steps: ${request.stepIds.join(', ')}.`;
    case 'nothing-selected':
      return 'The decision selects no step. Select at least one, or reject the request.';
    case 'reason-required':
      return 'A rejection needs a reason.';
    case 'no-more-time':
      return `The deadline cannot be extended again; the request is open until ${request.expiresAt}.`;
    case 'second-approver-must-differ':
      return 'You have already approved this selection; the other approval must come from another approver.';
    default:
      return 'The decision was refused; nothing was changed.';
  }
}

const SUPERSEDED: Readonly<Record<SupersededBy, string>> = {
  closed: 'the incident was closed',
  merged: 'the incident was merged into another one',
  gone: 'the incident no longer exists',
  elsewhere: 'the same incident is handled under another of its ids; decide there',
  changed: 'the incident has changed, and a new plan was made; decide about the new request',
  failed: 'the incident can no longer be handled',
  undo: 'the undo has started automatically',
};

function deciders(request: ApprovalRequest): string {
  const names = currentVotes(request).map(({ by }) => `${by.name} (${by.channel})`);
  return request.state === 'approved' && names.length > 0 ? ` by ${names.join(' and ')}` : '';
}
