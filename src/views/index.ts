export { type BriefedCase, type Briefing, briefing } from './briefing.js';
export { renderComment } from './comment.js';
export { acceptedDecisions, auditWords, decidedAgo, voteLines } from './decisions.js';
export type { ConditionView, Evidence, EvidenceRow } from './findings.js';
export { approverNames, listedState, needs, type RequestView, requestView } from './requests.js';
export { canBeUndone, type ManualAction, type StepView, stepView } from './steps.js';
export type { TimelineDay } from './timeline.js';
export {
  ALARMS,
  headline,
  listedHeadline,
  MANUAL_ACTION,
  MANUAL_ACTIONS,
  OUTCOMES,
  RISKS,
  SEVERITIES,
  STAGES,
  type Tone,
  type Words,
} from './words/case.js';
export { CHANNELS, DECISIONS, deciderName } from './words/decision.js';
export { type PresentState, presentEffect, progressState } from './words/effect.js';
export { labelOf } from './words/labels.js';
export { type Phrase, phraseText } from './words/phrase.js';
export { ago, between, clockTime, count, duration, readable, shortTime, timeLeft } from './words/time.js';
