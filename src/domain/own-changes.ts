/**
 * The responder reads what it has changed about the incident back with the next version of it. That must be known as its
 * own: it is no news, and closing the incident does not end what is still open.
 */
import type { CaseFile } from './case-file.js';
import type { Incident } from './incident.js';
import type { IncidentChange, OwnChanges } from './incident-change.js';
import { stepsOf } from './settled.js';
import { lowerCase } from './unicode-text.js';

/** What this run and those before have changed, or have begun to change. Undefined: nothing. */
export function ownChangesOf(
  file: Pick<CaseFile, 'plan' | 'formerPlans' | 'effects' | 'severity' | 'earlier'>,
): OwnChanges | undefined {
  const earlier = file.earlier?.at(-1)?.own;
  const started = new Set(file.effects.map(({ stepId }) => stepId));
  const now = stepsOf(file).flatMap(({ id, changes }) =>
    started.has(id) && changes !== undefined ? [changes] : [],
  );
  const changes = [...(earlier?.changes ?? []), ...now];
  return changes.length === 0 ? undefined : { severity: earlier?.severity ?? file.severity, changes };
}

/** Whether the responder has closed the incident itself: that ends nothing. */
export const hasClosed = (own: OwnChanges | undefined): boolean =>
  own?.changes.some(({ field }) => field === 'status') ?? false;

/** The incident as if these changes were not made, as far as they are in force: a value that others have set since stays. */
export function withoutOwnChanges(incident: Incident, own: OwnChanges | undefined): Incident {
  if (own === undefined) return incident;
  const has = (field: IncidentChange['field'], value: string) =>
    own.changes.some((change) => change.field === field && lowerCase(change.to) === lowerCase(value));
  const { severity, status, labels } = incident;
  return {
    ...incident,
    severity: has('severity', severity) ? own.severity : severity,
    status: status === 'closed' && hasClosed(own) ? 'active' : status,
    labels: labels.filter(({ name }) => !has('label', name)),
  };
}
