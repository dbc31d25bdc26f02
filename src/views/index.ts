export { type Briefing, briefing, type EvidenceRow, type Signal } from './briefing.js';
export { renderComment } from './comment.js';
export {
  conditionTitle,
  decisionLine,
  headline,
  outcomeWords,
  presentEffect,
  shortTime,
  stageWords,
  stepState,
} from './phrases.js';
export { renderCase, renderTimeline } from './text.js';
