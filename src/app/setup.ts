/** Checks once, at load, whether the app can run with its settings and playbooks. */
import { cleanErrorText } from '../domain/error-text.js';
import { toErrorInfo } from '../domain/errors.js';
import type { Problem } from './problem.js';
import { teamsSetup } from './teams/setup.js';
import { tenants } from './tenants.js';

let checked: { readonly problem: Problem | undefined } | undefined;

/**
 * The setup problem, or undefined. With a problem, the app handles nothing: its HTTP routes answer 503 with the problem,
 * messages stay in their queues, instances wait in storage, and Event Grid deliveries fail and are retried.
 */
export function setupProblem(): Problem | undefined {
  checked ??= { problem: check() };
  return checked.problem;
}

/** The problem as one line for the console of the host. */
export function oneLine({ code, detail, place, next }: Problem): string {
  const where = place === undefined || place === '' ? '' : ` (${place})`;
  return cleanErrorText(
    `Nothing is handled until this is corrected: ${code}${where}: ${detail}${next === undefined ? '' : ` Next: ${next}`}`,
  );
}

function check(): Problem | undefined {
  try {
    for (const tenant of tenants()) teamsSetup(tenant);
    return undefined;
  } catch (thrown) {
    const { code, message, next, place } = toErrorInfo(thrown);
    return {
      status: 503,
      code,
      detail: message,
      next: next ?? 'Check the log of the host.',
      ...(place === undefined ? {} : { place }),
    };
  }
}
