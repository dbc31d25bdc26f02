export { type AccountMatch, type DirectoryUser, isNamed, matchAccount } from './account-match.js';
export { applyTimeouts, nextCheckAt, type TimeoutEvent } from './approval-timeouts.js';
export { alarmProblem, type CaseProblem, planProblem } from './case-problem.js';
export type { ApprovalChannels, ApprovalNotice, CaseView, ChannelReport } from './channels.js';
export {
  type ConflictOfInterest,
  type DeciderFacts,
  isForeign,
  type Refusal,
  refuseDecider,
  type Standing,
} from './eligibility.js';
export { type EvaluationContext, evaluateDecision, refusalByState } from './evaluate-decision.js';
export { contentHash, hashPlan } from './plan-hash.js';
export { openRequest, submissionProblem, supersede } from './request.js';
export { createSealer } from './sealer.js';
export { keyIdOf, type SigningKeys, signMessage, verifyMessage } from './signature.js';
export { type Evaluation, selectionHash } from './vote.js';
export type { VoterFacts } from './voters.js';
