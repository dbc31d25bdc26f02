export { type Briefing, briefing } from './briefing.js';
export { renderComment } from './comment.js';
export { auditWords, decidedAgo, voteLines } from './decisions.js';
export type { ConditionView } from './findings.js';
export { approverNames, listedState, needs, type RequestView } from './requests.js';
export { canBeUndone, type StepView, stepView } from './steps.js';
export {
  ALARMS,
  builtInLine,
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
export { presentEffect, progressState } from './words/effect.js';
export { labelOf } from './words/labels.js';
export { type Phrase, phraseText } from './words/phrase.js';
export { ago, between, clockTime, count, duration, readable, shortTime, timeLeft } from './words/time.js';
