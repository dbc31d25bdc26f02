/** Records the updates that an instance has received. */

import type { HandedOver } from '../domain/handed-over.js';
import { withOrigins } from '../domain/incident-origin.js';
import { storedInvolved } from '../domain/involved.js';
import { withHandedOver } from '../domain/merge.js';
import { TRIGGER_NAMES } from '../domain/submission.js';
import { excludedByUpdates, RETRIED, retryWords, type Update } from '../domain/update.js';
import type { CaseRecorder } from './case-recorder.js';

/** The case file stores the ids of this many deliveries, the newest last. */
const MOST_DELIVERIES = 50;
/** The timeline lists at most this many deliveries, and this many retries: neither takes the room of the other. */
const MOST_NOTED = 50;
/** A line names this many retries: all that arrive during an outage are answered together. */
const MOST_RETRIES = 5;

/** Updates that were not received before, recorded with their submitters, and the people that they exclude. */
export function recordUpdates(record: CaseRecorder, received: readonly Update[]): Update[] {
  const { origin, deliveries = [], submitters = [], handedOverFrom = [], otherOrigins = [] } = record.file;
  const fresh = received.filter(
    ({ id }, i) => !deliveries.includes(id) && received.findIndex((one) => one.id === id) === i,
  );
  if (fresh.length === 0) return [];
  const handedOver = fresh.flatMap((one) => one.handedOver ?? []);
  const { submitters: people, involved: named } = excludedByUpdates(fresh);
  const others = fresh.flatMap(({ alsoAs }) => alsoAs ?? []);
  record.addToNext({
    changes: {
      ...(others.length === 0 ? {} : { otherOrigins: withOrigins(otherOrigins, others, origin) }),
      deliveries: [...deliveries, ...fresh.map(({ id }) => id)].slice(-MOST_DELIVERIES),
      ...(handedOver.length === 0 ? {} : { handedOverFrom: withHandedOver(handedOverFrom, handedOver) }),
      ...(named.length === 0 ? {} : { involved: storedInvolved(record.file.involved, named) }),
      ...(people.length === 0 ? {} : { submitters: [...new Set([...submitters, ...people])] }),
    },
  });
  return fresh;
}

/** A line about the updates, and what follows from them. */
export function noteUpdates(record: CaseRecorder, updates: readonly Update[], what: string): void {
  const handedOver = updates.flatMap((one) => one.handedOver?.slice(0, 1) ?? []);
  const delivered = updates.filter((one) => !one.retriedBy && !one.handedOver);
  const retries = updates.flatMap(({ retriedBy, narrowing }) =>
    retriedBy === undefined ? [] : retryWords(retriedBy, narrowing),
  );
  const more = retries.length - MOST_RETRIES;
  const triggers = new Set(delivered.map(({ trigger }) => TRIGGER_NAMES[trigger]));
  const merged = handedOver.map(handedOverWords);
  const texts = [
    ...merged,
    ...retries.slice(0, MOST_RETRIES),
    ...(more > 0 ? [`More retries were requested: ${more}.`] : []),
    ...(triggers.size === 0 ? [] : [`The incident was delivered again (${[...triggers].join(', ')}).`]),
  ];
  const mark = retries.length > 0 ? RETRIED : DELIVERED;
  const noted = record.file.timeline.filter(({ text }) => text.includes(mark)).length;
  if (noted < MOST_NOTED || merged.length > 0) record.add({ text: [...texts, what].join(' ') });
  else record.sendAll();
}
const DELIVERED = 'delivered again';

/** What the timeline says about a case that has handed over. */
export function handedOverWords({ because, from: { number, key } }: HandedOver): string {
  const name = number === undefined ? key : `#${number}`;
  if (because === 'merged') return `Incident ${name} was merged into this one, and handed over.`;
  const gone = because === 'gone' ? ' It is not returned under that id any more.' : '';
  return `The same incident was handled as ${key}, whose case has handed over.${gone}`;
}
