/** Records the updates that an instance has received. */

import { TRIGGER_NAMES } from '../domain/submission.js';
import { retryWords, type Update } from '../domain/update.js';
import type { CaseRecorder } from './case-recorder.js';
import { noteInvolved } from './scope.js';

/** The case file stores the ids of this many deliveries, the newest last. */
const MOST_DELIVERIES = 50;
/** The timeline lists at most this many updates. */
const MOST_NOTED = 50;

/** Updates that were not received before, recorded with their submitters, and the people that they exclude. */
export function recordUpdates(record: CaseRecorder, received: readonly Update[]): Update[] {
  const { deliveries = [], submitters = [] } = record.file;
  const fresh = received.filter(
    ({ id }, i) => !deliveries.includes(id) && received.findIndex((one) => one.id === id) === i,
  );
  if (fresh.length === 0) return [];
  const people = fresh.flatMap(({ by, excluded }) => [
    ...(by?.kind === 'person' ? [by.id] : []),
    ...(excluded?.submitters ?? []),
  ]);
  noteInvolved(
    { record },
    fresh.flatMap(({ excluded }) => excluded?.involved ?? []),
  );
  record.addToNext({
    changes: {
      deliveries: [...deliveries, ...fresh.map(({ id }) => id)].slice(-MOST_DELIVERIES),
      ...(people.length === 0 ? {} : { submitters: [...new Set([...submitters, ...people])] }),
    },
  });
  return fresh;
}

/** A line about the updates, and what follows from them. */
export function noteUpdates(record: CaseRecorder, updates: readonly Update[], what: string): void {
  const retries = updates.flatMap(({ retriedBy, narrowing }) =>
    retriedBy === undefined ? [] : retryWords(retriedBy, narrowing),
  );
  const triggers = new Set(updates.flatMap((one) => (one.retriedBy ? [] : TRIGGER_NAMES[one.trigger])));
  const texts = [
    ...retries,
    ...(triggers.size === 0 ? [] : [`The incident was delivered again (${[...triggers].join(', ')}).`]),
  ];
  const noted = record.file.timeline.filter(({ text }) => text.includes(DELIVERED)).length;
  if (noted < MOST_NOTED || retries.length > 0) record.add({ text: [...texts, what].join(' ') });
  else record.sendAll();
}
const DELIVERED = 'delivered again';
