import { stepsOf } from '../../domain/settled.js';
import { instanceIdOfKey } from '../../intake/index.js';
import { type CommonOptions, connect } from '../approvals/connection.js';
import { resolveSteps } from '../approvals/steps.js';
import type { ResponderApi } from '../approvals-api.js';
import { openTerminal } from '../terminal.js';

export interface RetryOptions extends CommonOptions {
  readonly step: readonly string[];
}

const DONE = {
  reading: 'The incident is read again now.',
  updated: 'What is unfinished is proposed again. Another approver has to decide about it.',
  restarted: 'A new run begins. Another approver has to decide about what it proposes.',
} as const;

/**
 * @throws CliError `unknown-incident`, `still-running`, `end-is-final`, `unknown-step`, `settled-step`,
 * `handled-elsewhere`, and what `resolveSteps` throws.
 */
export async function retry(named: string, options: RetryOptions): Promise<void> {
  const id = instanceIdOfKey(named) ?? named;
  const terminal = openTerminal({ json: options.json === true });
  const api = connect(options);
  const steps = await namedSteps(api, id, options.step);
  const result = await api.retry(id, steps);
  if (terminal.json) return terminal.data({ ...result, steps });
  terminal.line(`${result.instanceId}: ${DONE[result.status]}`);
}

/** Steps of all plans of the last run: a later plan may not have a step of an earlier one. */
async function namedSteps(api: ResponderApi, id: string, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const all = stepsOf(await api.caseFile(id));
  const steps = [...new Map(all.map((step) => [step.id, step])).values()];
  return resolveSteps(names, { requestId: id, steps, candidates: steps });
}
