export { type CommentView, renderComment } from './comment.js';
export { renderCase, renderTimeline } from './text.js';
export {
  conditionTitle,
  decisionLine,
  headline,
  outcomeWords,
  shortTime,
  stageWords,
  stepState,
} from './words.js';
