export { type AccountMatch, type DirectoryUser, isNamed, matchAccount } from './account-match.js';
export { alarmTrouble, type CaseTrouble, planTrouble } from './case-trouble.js';
export type { ApprovalChannels, ApprovalNotice, CaseView, ChannelReport } from './channels.js';
export {
  type DeciderFacts,
  type Involvement,
  type Refusal,
  refuseDecider,
  type Standing,
} from './eligibility.js';
export { type JudgeContext, judge, refuseByState } from './judge.js';
export { advance, type Passage, wakeAt } from './passing-time.js';
export { handInDoubt, openRequest, supersede } from './request.js';
export { contentHash, sealPlan } from './seal.js';
export { createSealer } from './sealed.js';
export { keyIdOf, type SigningKeys, signMessage, verifyMessage } from './signature.js';
export { type Judged, selectionHash } from './vote.js';
export type { VoterFacts } from './voters.js';
