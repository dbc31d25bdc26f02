/**
 * The responder reads what it has changed about the incident back with the next version of it. That must be known as its
 * own: it is no news, and closing the incident does not end what is still open. Only what is in force counts: what failed,
 * was undone, was there before, or was changed by somebody else since, is theirs.
 */
import type { CaseFile, Effect } from './case-file.js';
import type { Incident } from './incident.js';
import { type IncidentChange, type OwnChanges, ownChangeId } from './incident-change.js';
import { stepsOf } from './settled.js';
import { lowerCase } from './unicode-text.js';

/** What this run and those before have changed, as far as it is not known to be over. */
export function ownChangesOf(
  file: Pick<CaseFile, 'generation' | 'plan' | 'formerPlans' | 'effects' | 'earlier' | 'ownEnded'>,
): OwnChanges {
  const ended = new Set(file.ownEnded);
  const now = stepsOf(file).flatMap(({ id, changes: change }) => {
    const effect = file.effects.find(({ stepId }) => stepId === id);
    if (change === undefined || effect === undefined || !mayBeInForce(effect)) return [];
    const isProved = effect.state === 'confirmed' && effect.undo === undefined;
    return [{ id: ownChangeId(file.generation, effect), change, isProved }];
  });
  return [...(file.earlier?.at(-1)?.own ?? []), ...now].filter(({ id }) => !ended.has(id));
}

/** While a step runs, its write may have arrived. */
function mayBeInForce({ state, undo }: Effect): boolean {
  if (state === 'already-done' || state === 'failed') return false;
  return undo === undefined || !['confirmed', 'already-done', 'not-ours'].includes(undo.state);
}

export interface Seen {
  /** As if the changes that are in force were not made. */
  readonly incident: Incident;
  /** Ids of the changes that were read back once, and are not in force any more. */
  readonly ended: readonly string[];
}

/** The incident without the responder's own changes. A value that others have set since stays. */
export function withoutOwnChanges(incident: Incident, own: OwnChanges): Seen {
  let seen = incident;
  const ended: string[] = [];
  // A later change may have begun with the value of an earlier one.
  for (const { id, change, isProved } of own.toReversed()) {
    const before = withoutChange(seen, change);
    if (before !== undefined) seen = before;
    else if (isProved) ended.push(id);
  }
  return { incident: seen, ended };
}

/** Undefined: the change is not in force. */
function withoutChange(incident: Incident, change: IncidentChange): Incident | undefined {
  switch (change.field) {
    case 'severity':
      return incident.severity === change.to ? { ...incident, severity: change.from } : undefined;
    case 'status': {
      const { status, classification, classificationReason: reason } = incident;
      const isOwn =
        status === 'closed' && isSame(classification, change.classification) && isSame(reason, change.reason);
      return isOwn ? { ...incident, status: 'active' } : undefined;
    }
    case 'label': {
      const labels = incident.labels.filter(({ name }) => !isSame(name, change.to));
      return labels.length < incident.labels.length ? { ...incident, labels } : undefined;
    }
  }
}

const isSame = (one: string | undefined, other: string | undefined): boolean =>
  lowerCase(one ?? '') === lowerCase(other ?? '');
