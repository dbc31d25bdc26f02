/** All promises of the contract, in the order of the table. */
import { actingChecks } from './acting.js';
import { answerChecks } from './answers.js';
import type { EnrichmentCheck, ResponseCheck } from './check.js';
import { declaredChecks, declaredEnrichmentChecks } from './declared.js';
import { readingChecks } from './reading.js';
import { enrichmentSecrets, requestChecks } from './requests.js';
import { changed, enrichmentDisagree, responseDisagree } from './targets.js';
import { undoChecks } from './undoing.js';

export const responseChecks: readonly ResponseCheck[] = [
  ...declaredChecks,
  ...[responseDisagree, changed],
  ...actingChecks,
  ...answerChecks,
  ...undoChecks,
  ...requestChecks,
];
export const enrichmentChecks: readonly EnrichmentCheck[] = [
  ...declaredEnrichmentChecks,
  enrichmentDisagree,
  ...readingChecks,
  enrichmentSecrets,
];
