/** The steps that a user names on the command line. A name that could mean two steps means none. Pure. */
import type { PlanStep } from '../../domain/plan.js';
import { suggestion } from '../../playbook/suggest.js';
import { CliError } from '../problem.js';
import { stripControl } from '../strip-control.js';

type Step = Pick<PlanStep, 'id' | 'action' | 'title' | 'target'>;

export interface StepNames {
  readonly requestId: string;
  /** Steps of the request. */
  readonly steps: readonly Step[];
  /** All steps that the names could mean: those of the whole incident, if the user named the incident. */
  readonly candidates: readonly Step[];
}

/**
 * The ids of the named steps, each once. A name is an exact id; or else the rule or the action of exactly one step, such as
 * `revoke-sessions` or `entra.revoke-sessions`.
 * @throws CliError `ambiguous-step`, `unknown-action`.
 */
export function resolveSteps(names: readonly string[], from: StepNames): string[] {
  return [...new Set(names.map((name) => resolveStep(name, from)))];
}

function resolveStep(name: string, { requestId, steps, candidates }: StepNames): string {
  const exact = steps.find(({ id }) => id === name);
  if (exact !== undefined) return exact.id;
  const named = candidates.filter((step) => namesOf(step).includes(name));
  if (named.length > 1) {
    throw new CliError(
      'ambiguous-step',
      `“${stripControl(name)}” could mean ${named.length} steps.`,
      `Use the id of one:${listed(named)}`,
    );
  }
  const [only] = named;
  const found = steps.find(({ id }) => id === only?.id);
  if (found !== undefined) return found.id;
  const known = [...new Set(steps.flatMap(shortNamesOf))];
  throw new CliError(
    'unknown-action',
    `${requestId} has no step “${stripControl(name)}”.`,
    `${stripControl(suggestion(name, known))}${listed(steps)}`,
  );
}

/** The id starts with the playbook's rule: `{rule}:{entity}`. */
function namesOf({ id, action }: Step): string[] {
  return [id.split(':', 1)[0] ?? '', action, action.slice(action.indexOf('.') + 1)];
}

const shortNamesOf = (step: Step): string[] => namesOf(step).filter((name) => !name.includes('.'));

function listed(steps: readonly Step[]): string {
  return steps
    .map(
      ({ id, title, target }) =>
        `\n    ${stripControl(id)}  (${stripControl(title)}: ${stripControl(target)})`,
    )
    .join('');
}
