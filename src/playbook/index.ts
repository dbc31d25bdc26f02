export { approverWarnings, type UsersOf } from './approvers.js';
export {
  type ActionCatalogue,
  type ActionTarget,
  type CatalogueEnrichment,
  type CatalogueResponse,
  catalogueOf,
} from './catalogue.js';
export { type Choice, choosePlaybook } from './choose.js';
export { decide, type PlaybookDecision } from './decide.js';
export { compileEnrichments, type EnrichmentTask } from './enrichment-plan.js';
export { type LoadedPlaybooks, loadPlaybooks, type PlaybookText } from './load.js';
export type { EnrichRule, Playbook, RespondRule } from './playbook.js';
export { describeProblems, type PlaybookProblem, playbookError } from './problems.js';
export { playbookJsonSchema } from './schema.js';
export { type TargetRequest, targetRequests } from './target-requests.js';
export { type ResolvedTarget, type Targets, targetKey } from './targets.js';
