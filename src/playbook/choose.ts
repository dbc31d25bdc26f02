import type { Incident } from '../domain/incident.js';
import type { ConditionRecord } from '../domain/plan.js';
import type { Playbook } from './playbook.js';
import { incidentContent } from './variables.js';

export interface Choice {
  /** The first that applies; undefined when none does. */
  readonly playbook: Playbook | undefined;
  /** Ids of the others that would apply, too. */
  readonly alsoApplied: readonly string[];
  /** Each playbook's `when` as it was evaluated; `rule` is `when of <id>`. */
  readonly conditions: readonly ConditionRecord[];
}

/** Picks the playbook for an incident: the first that applies, in the order given (that of the files' names). */
export function choosePlaybook(playbooks: readonly Playbook[], incident: Incident): Choice {
  const asked = playbooks.map((playbook) => ({ playbook, record: whenRecord(playbook, incident) }));
  const [first, ...others] = asked.filter(({ record }) => record.result === 'true');
  return {
    playbook: first?.playbook,
    alsoApplied: others.map(({ playbook }) => playbook.id),
    conditions: asked.map(({ playbook, record }) => ({ ...record, rule: `when of ${playbook.id}` })),
  };
}

/** A playbook's `when`, evaluated. Unknown means that it does not apply. */
export function whenRecord(playbook: Playbook, incident: Incident): ConditionRecord {
  const { result, values, because } = playbook.when.evaluate({ incident: incidentContent(incident) });
  return {
    rule: 'when',
    expression: playbook.when.expression,
    result,
    values: { ...values },
    because: [...because],
  };
}
