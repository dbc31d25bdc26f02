export { approverDoubts, type UsersOf } from './approvers.js';
export {
  type ActionCatalogue,
  type ActionTarget,
  type CatalogueEnrichment,
  type CatalogueResponse,
  catalogueOf,
} from './catalogue.js';
export { type Choice, choosePlaybook } from './choose.js';
export { type Decided, decide } from './decide.js';
export { compileLegs, type EnrichmentLeg } from './legs.js';
export { type LoadedPlaybooks, loadPlaybooks, type PlaybookText } from './load.js';
export type { EnrichRule, Playbook, RespondRule } from './playbook.js';
export { describeProblems, type PlaybookProblem, playbookError } from './problems.js';
export { playbookJsonSchema } from './schema.js';
export { type ResolvedTarget, type Targets, targetKey } from './targets.js';
export { type WantedTarget, wantedTargets } from './wanted.js';
