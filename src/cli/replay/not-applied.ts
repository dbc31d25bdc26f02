/** Why no playbook applied to a replayed incident. Pure. */
import type { ConditionRecord } from '../../domain/plan.js';
import { type CheckedPlaybook, whyNotApplied } from '../../playbook/index.js';
import type { ReplayRun } from './run.js';

export interface NotApplied {
  readonly playbook: string;
  readonly file: string;
  /** The parts of its `when` that are false or unknown. */
  readonly conditions: readonly Pick<ConditionRecord, 'expression' | 'result' | 'values' | 'because'>[];
}

/** All playbooks with the conditions that failed; empty if the incident has a plan or could not be read. */
export function notApplied(
  { file, incident }: Pick<ReplayRun, 'file' | 'incident'>,
  playbooks: readonly CheckedPlaybook[],
): NotApplied[] {
  if (file.plan !== undefined || incident === undefined) return [];
  const reasons = playbooks.map((playbook) => ({
    playbook: playbook.id,
    file: playbook.file,
    conditions: whyNotApplied(playbook, incident).map(({ expression, result, values, because }) => ({
      expression,
      result,
      values,
      because,
    })),
  }));
  return reasons.every(({ conditions }) => conditions.length > 0) ? reasons : [];
}

export const notAppliedLines = (playbooks: readonly NotApplied[]): string[] =>
  playbooks.flatMap(({ playbook, file, conditions }) => [
    `playbook "${playbook}" (${file}) does not apply`,
    ...conditions.flatMap(({ expression, result, values, because }) => [
      `  ${result}: ${expression.replace(/\s+/g, ' ')}`,
      ...Object.entries(values).map(([path, value]) => `    ${path} = ${JSON.stringify(value)}`),
      ...because.map((reason) => `    ${reason}`),
    ]),
  ]);
