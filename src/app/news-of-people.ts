/** Who must not decide because of a delivery that brings nothing else: each person who submits the same event counts. */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { NO_INVOLVED } from '../domain/involved.js';
import type { Submission } from '../domain/submission.js';
import { type Excluded, withExcluded } from '../domain/update.js';
import type { CurrentRun } from './deliver-again.js';

export interface PersonSubmission {
  readonly personId: string;
  /** Differs for each person who submits the same delivery. */
  readonly id: string;
}

/** Undefined: no authenticated person submits it. */
export function submissionOf(by: Submission['by'], deliveryId: string): PersonSubmission | undefined {
  if (by?.kind !== 'person') return undefined;
  const text = `${deliveryId} by ${by.id}`;
  return { personId: by.id, id: createHash('sha256').update(text).digest('hex').slice(0, 16) };
}

const NONE: Excluded = { submitters: [], involved: NO_INVOLVED };

/** Those who must not decide and are new to the run; undefined if it knows all of them. */
export function newsOfPeople(
  person: PersonSubmission | undefined,
  excluded: Excluded | undefined,
  { file, deliveries }: CurrentRun,
): Excluded | undefined {
  const submitters = person === undefined ? [] : [person.personId];
  const named = withExcluded(excluded ?? NONE, { submitters, involved: NO_INVOLVED });
  if (file === undefined) {
    const isKnown = person === undefined || deliveries.includes(person.id);
    return isKnown && excluded === undefined ? undefined : named;
  }
  const known = withExcluded(file, NONE);
  return isDeepStrictEqual(withExcluded(known, named), known) ? undefined : named;
}
