/** Records the updates that an instance has received. */

import { TRIGGER_NAMES } from '../domain/submission.js';
import { RETRIED, retryWords, type Update } from '../domain/update.js';
import type { CaseRecorder } from './case-recorder.js';

/** The case file stores the ids of this many deliveries, the newest last. */
const MOST_DELIVERIES = 50;
/** The timeline lists at most this many deliveries, and this many retries: neither takes the room of the other. */
const MOST_NOTED = 50;
/** A line names this many retries: all that arrive during an outage are answered together. */
const MOST_RETRIES = 5;

/** Updates that were not received before, recorded with their submitters. */
export function recordUpdates(record: CaseRecorder, received: readonly Update[]): Update[] {
  const { deliveries = [], submitters = [] } = record.file;
  const fresh = received.filter(
    ({ id }, i) => !deliveries.includes(id) && received.findIndex((one) => one.id === id) === i,
  );
  if (fresh.length === 0) return [];
  const people = fresh.flatMap(({ by }) => (by?.kind === 'person' ? [by.id] : []));
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
  const more = retries.length - MOST_RETRIES;
  const triggers = new Set(updates.flatMap((one) => (one.retriedBy ? [] : TRIGGER_NAMES[one.trigger])));
  const texts = [
    ...retries.slice(0, MOST_RETRIES),
    ...(more > 0 ? [`More retries were requested: ${more}.`] : []),
    ...(triggers.size === 0 ? [] : [`The incident was delivered again (${[...triggers].join(', ')}).`]),
  ];
  const mark = retries.length > 0 ? RETRIED : DELIVERED;
  const noted = record.file.timeline.filter(({ text }) => text.includes(mark)).length;
  if (noted < MOST_NOTED) record.add({ text: [...texts, what].join(' ') });
  else record.sendAll();
}
const DELIVERED = 'delivered again';
