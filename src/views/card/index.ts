export type { CardLinks, CardTokens } from './actions.js';
export { LONGEST_REASON, REASON_INPUT } from './actions.js';
export { approvalCard, type CardInput, LARGEST_CARD_BYTES, sizeOf, summaryOf } from './card.js';
export { type AdaptiveCard, CARD_VERBS, type CardVerb } from './elements.js';
export { problemCard } from './problem-card.js';
export { SELECTION_INPUT } from './steps.js';
export { markdown, plain } from './text.js';
