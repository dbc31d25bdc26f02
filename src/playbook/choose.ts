import type { Incident } from '../domain/incident.js';
import type { ConditionRecord } from '../domain/plan.js';
import type { Condition } from './expression.js';
import type { CheckedPlaybook, Playbook } from './playbook.js';
import { incidentContent } from './variables.js';

export interface Choice {
  /** The first playbook that applies; undefined if none does. */
  readonly playbook: Playbook | undefined;
  /** Ids of the other playbooks that also apply. */
  readonly alsoApplied: readonly string[];
  /** The evaluated `when` of each playbook; `rule` is `when of <id>`. */
  readonly conditions: readonly ConditionRecord[];
}

/** Chooses the playbook for an incident: the first that applies, in the given order (by file name). */
export function choosePlaybook(playbooks: readonly Playbook[], incident: Incident): Choice {
  const evaluated = playbooks.map((playbook) => ({ playbook, record: whenRecord(playbook, incident) }));
  const [first, ...others] = evaluated.filter(({ record }) => record.result === 'true');
  return {
    playbook: first?.playbook,
    alsoApplied: others.map(({ playbook }) => playbook.id),
    conditions: evaluated.map(({ playbook, record }) => ({ ...record, rule: `when of ${playbook.id}` })),
  };
}

/** Evaluates a playbook's `when`. Unknown means that the playbook does not apply. */
export const whenRecord = ({ when }: CheckedPlaybook, incident: Incident): ConditionRecord =>
  recordOf(when, incident);

/** The parts of a playbook's `when` because of which it does not apply: each is false or unknown. */
export function whyNotApplied({ when }: CheckedPlaybook, incident: Incident): ConditionRecord[] {
  if (recordOf(when, incident).result === 'true') return [];
  return when
    .conjuncts()
    .map((part) => recordOf(part, incident))
    .filter(({ result }) => result !== 'true');
}

function recordOf(condition: Condition, incident: Incident): ConditionRecord {
  const { result, values, because } = condition.evaluate({ incident: incidentContent(incident) });
  return {
    rule: 'when',
    expression: condition.expression,
    result,
    values: { ...values },
    because: [...because],
  };
}
