/** Whether the app can do its work with the settings and the playbooks that it was given. Looked at once, when it is loaded. */
import { cleanErrorText } from '../domain/error-text.js';
import { toErrorInfo } from '../domain/errors.js';
import { composition } from './composition.js';
import type { Problem } from './problem.js';
import { teamsSetup } from './teams/setup.js';

let looked: { readonly problem: Problem | undefined } | undefined;

/**
 * What is wrong, or undefined. While something is, the app handles nothing: its HTTP routes answer 503 with the problem,
 * messages stay in their queues, instances wait in storage, and Event Grid is told to send its events again.
 */
export function setupProblem(): Problem | undefined {
  looked ??= { problem: look() };
  return looked.problem;
}

/** One line for the console of the host, which shows nothing else of it. */
export function inOneLine({ code, detail, place, next }: Problem): string {
  const where = place === undefined || place === '' ? '' : ` (${place})`;
  return cleanErrorText(
    `Nothing is handled until this is corrected: ${code}${where}: ${detail}${next === undefined ? '' : ` Next: ${next}`}`,
  );
}

function look(): Problem | undefined {
  try {
    composition();
    teamsSetup();
    return undefined;
  } catch (thrown) {
    const { code, message, next, place } = toErrorInfo(thrown);
    return {
      status: 503,
      code,
      detail: message,
      next: next ?? 'Look into the log of the host.',
      ...(place === undefined ? {} : { place }),
    };
  }
}
