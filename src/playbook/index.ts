export { approverWarnings, type UsersOf } from './approvers.js';
export {
  type ActionCatalogue,
  type ActionTarget,
  type CatalogueEnrichment,
  type CatalogueResponse,
  catalogueOf,
} from './catalogue.js';
export { type Choice, choosePlaybook, whyNotApplied } from './choose.js';
export { decide, type PlaybookDecision } from './decide.js';
export { compileEnrichments, type EnrichmentTask } from './enrichment-plan.js';
export { type LoadedPlaybooks, loadPlaybooks, type PlaybookText } from './load.js';
export {
  type CheckedPlaybook,
  type EnrichRule,
  type Playbook,
  type RespondRule,
  withTiers,
} from './playbook.js';
export {
  type ApprovalPolicy,
  type GroupWithoutId,
  groupIdsSchema,
  type LoadedPolicy,
  loadPolicy,
  policyJsonSchema,
  policyTiers,
} from './policy.js';
export { describeProblems, type PlaybookProblem, playbookError } from './problems.js';
export type { PlaybookContext } from './read-playbook.js';
export { playbookJsonSchema } from './schema.js';
export { type TargetRequest, targetRequests } from './target-requests.js';
export { type ResolvedTarget, type Targets, targetKey } from './targets.js';
