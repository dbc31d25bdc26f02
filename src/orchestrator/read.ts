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
/** Sentinel may announce an incident a little before it can be read, and before its alerts and entities. */
const PAUSES = [10_000, 30_000];

/** Reads the incident back; what the message said is not used. */
export function* readIncident({ ctx, record, start }: Handling, armId: string): Steps<ReadResult> {
  const { instanceId } = ctx.df;
  for (let look = 0; ; look++) {
    const read = yield* callWithRetries(ctx, 'readIncident', { armId, start, instanceId }, OUTAGE);
    const pause = PAUSES[look];
    if (!read.ok) {
      const gone = read.error.code === 'not-found';
      if (!gone || pause === undefined) {
        return { kind: 'unreadable', outcome: gone ? 'incident-gone' : 'needs-analyst', error: read.error };
      }
      record.add({ text: `Sentinel does not know the incident; looking for it again in ${pause / 1000} s.` });
      yield* sleep(ctx, pause);
      continue;
    }
    const { incident } = read.value;
    const open = incident.status !== 'closed' && incident.status !== 'merged';
    if (!open || incident.entities.length > 0 || pause === undefined) return { kind: 'read', incident };
    record.add({ text: `The incident has no entities yet; reading it again in ${pause / 1000} s.` });
    yield* sleep(ctx, pause);
  }
}
