/** The life of one approval request. Pure: the time is always a parameter, in milliseconds since 1970 (UTC). */
import type {
  AnalystDecision,
  ApprovalRequest,
  JudgedDecision,
  RefusalCode,
  Verdict,
} from '../domain/approval.js';
import { ResponderError } from '../domain/errors.js';
import type { Plan } from '../domain/plan.js';

/** What a decision is judged against besides the request. */
export interface JudgeContext {
  /** Milliseconds since 1970: when the decision is judged. */
  readonly now: number;
  /** True once nothing of this incident waits for anybody any more. */
  readonly ended: boolean;
  /** All decisions of this request so far, also the refused ones. */
  readonly judged: readonly JudgedDecision[];
}

/**
 * Opens the request for the steps of a plan that need approval.
 * Throws ResponderError `nothing-to-approve` when there are none: then nobody must be asked.
 */
export function openRequest(plan: Plan, instanceId: string, now: number): ApprovalRequest {
  const stepIds = plan.steps.filter((step) => step.mode === 'approval').map((step) => step.id);
  if (stepIds.length === 0) {
    throw new ResponderError({
      code: 'nothing-to-approve',
      message: 'the plan has no step that needs approval',
      blame: 'responder',
      retry: 'no',
    });
  }
  return {
    id: instanceId,
    planHash: plan.hash,
    stepIds,
    approvers: plan.approval.approvers,
    requestedAt: new Date(now).toISOString(),
    expiresAt: new Date(now + plan.approval.deadlineMs).toISOString(),
    state: 'waiting',
  };
}

/**
 * Whether a decision counts. A decision whose id was judged before gets the same verdict again.
 * Of several reasons to refuse, the one that the analyst can do least about is named.
 */
export function judge(request: ApprovalRequest, decision: AnalystDecision, context: JudgeContext): Verdict {
  const earlier = context.judged.find((entry) => entry.decision.id === decision.id);
  if (earlier) return earlier.verdict;
  const code = refusalOf(request, decision, context);
  return code ? { accepted: false, code, message: messageOf(code, request) } : { accepted: true };
}

/**
 * Judges a decision and says what follows from it. `repeated` means that it was counted before: neither
 * the request nor the list changed.
 */
export function receive(
  request: ApprovalRequest,
  decision: AnalystDecision,
  context: JudgeContext,
): { request: ApprovalRequest; judged: readonly JudgedDecision[]; verdict: Verdict; repeated: boolean } {
  const repeated = context.judged.some((entry) => entry.decision.id === decision.id);
  const verdict = judge(request, decision, context);
  if (repeated) return { request, judged: context.judged, verdict, repeated };
  return {
    request: applyVerdict(request, decision, verdict, context.now),
    judged: [...context.judged, { decision, verdict }],
    verdict,
    repeated,
  };
}

/** The request after a verdict. A rejection rejects the whole plan, whatever steps it names. */
export function applyVerdict(
  request: ApprovalRequest,
  decision: AnalystDecision,
  verdict: Verdict,
  now: number,
): ApprovalRequest {
  if (verdict.accepted) {
    return { ...request, state: decision.kind === 'approve' ? 'approved' : 'rejected' };
  }
  return expire(request, now);
}

/** The request at a time: a waiting one is expired from exactly `expiresAt` on. */
export function expire(request: ApprovalRequest, now: number): ApprovalRequest {
  const over = request.state === 'waiting' && now >= Date.parse(request.expiresAt);
  return over ? { ...request, state: 'expired' } : request;
}

/** Ids of the steps that may be carried out, in the plan's order; empty unless the request was approved. */
export function approvedSteps(request: ApprovalRequest, judged: readonly JudgedDecision[]): string[] {
  if (request.state !== 'approved') return [];
  const counted = judged.find((entry) => entry.verdict.accepted && entry.decision.kind === 'approve');
  return request.stepIds.filter((id) => counted?.decision.steps.includes(id));
}

function refusalOf(
  request: ApprovalRequest,
  decision: AnalystDecision,
  { now, ended }: JudgeContext,
): RefusalCode | undefined {
  if (request.state === 'expired') return 'expired';
  if (ended) return 'ended';
  if (request.state !== 'waiting') return 'already-decided';
  // The door's clock and the orchestration's differ a little: whichever is later counts.
  const expiresAt = Date.parse(request.expiresAt);
  if (now >= expiresAt || Date.parse(decision.at) >= expiresAt) return 'expired';
  if (decision.planHash !== request.planHash) return 'stale-plan';
  if (decision.steps.some((id) => !request.stepIds.includes(id))) return 'unknown-action';
  if (decision.kind === 'approve' && decision.steps.length === 0) return 'nothing-selected';
  return undefined;
}

function messageOf(code: RefusalCode, request: ApprovalRequest): string {
  switch (code) {
    case 'expired':
      return `The request expired at ${request.expiresAt}; nothing was changed by this decision.`;
    case 'ended':
      return 'The incident is no longer being handled; nothing was changed by this decision.';
    case 'already-decided':
      return `The request was already ${request.state}; the first decision counts.`;
    case 'stale-plan':
      return 'The decision is about another version of the plan. Load the request again and decide on that.';
    case 'unknown-action':
      return `The decision names a step that is not part of the request. Its steps: ${request.stepIds.join(', ')}.`;
    case 'nothing-selected':
      return 'The approval selects no step. Select at least one, or reject the request.';
  }
}
