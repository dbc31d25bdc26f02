import type { Outcome } from '../domain/case-file.js';
import type { ErrorInfo } from '../domain/errors.js';
import type { Incident } from '../domain/incident.js';
import type { Steps } from './durable.js';
import type { Handling } from './handling.js';
import { callWithRetries, type RetryPolicy } from './retry.js';
import { sleep } from './waiting.js';

export type ReadResult =
  | { readonly kind: 'read'; readonly incident: Incident }
  | { readonly kind: 'unreadable'; readonly outcome: Outcome; readonly error: ErrorInfo };

/** Sentinel may be away for a working day: the pauses grow to half an hour and add up to about nine hours. */
const OUTAGE: RetryPolicy = { attempts: 26, firstMs: 5_000, longestMs: 1_800_000 };
/** Sentinel attaches alerts and entities a little after it announces an incident. */
const PAUSES_FOR_ENTITIES = [10_000, 30_000];

/** Reads the incident back; what the message said is not used. */
export function* readIncident({ ctx, record }: Handling, armId: string): Steps<ReadResult> {
  for (let look = 0; ; look++) {
    const read = yield* callWithRetries(ctx, 'readIncident', { armId }, OUTAGE);
    if (!read.ok) {
      const gone = read.error.code === 'not-found';
      return { kind: 'unreadable', outcome: gone ? 'incident-gone' : 'needs-analyst', error: read.error };
    }
    const { incident } = read.value;
    const open = incident.status !== 'closed' && incident.status !== 'merged';
    const pause = PAUSES_FOR_ENTITIES[look];
    if (!open || incident.entities.length > 0 || pause === undefined) return { kind: 'read', incident };
    record.add({ text: `The incident has no entities yet; reading it again in ${pause / 1000} s.` });
    yield* sleep(ctx, pause);
  }
}
