import type { Outcome } from '../domain/case-file.js';
import type { ErrorInfo } from '../domain/errors.js';
import type { ActivityOutput } from './activities.js';
import type { Handling } from './handling.js';
import type { Process } from './process.js';
import { callWithRetries, type RetryPolicy } from './retry.js';

export type ReadResult =
  | { readonly kind: 'read'; readonly read: ActivityOutput<'readIncident'> }
  | { readonly kind: 'unreadable'; readonly outcome: Outcome; readonly error: ErrorInfo };

/** Sentinel may be away for a working day: the pauses grow to half an hour and add up to about nine hours. */
const OUTAGE: RetryPolicy = { attempts: 26, firstMs: 5_000, longestMs: 1_800_000 };
/** Sentinel may announce an incident a little before it can be read, and before its alerts and entities. */
const PAUSES = [10_000, 30_000];

/** Reads the incident back; what the message said is not used. */
export function* readIncident({ ctx, waiting, record, start }: Handling, armId: string): Process<ReadResult> {
  const input = { armId, start, instanceId: ctx.df.instanceId };
  let isNoted = false;
  for (let look = 0; ; look++) {
    const result = yield* callWithRetries(waiting, 'readIncident', input, OUTAGE, ({ message }) => {
      if (!isNoted) record.add({ text: `Sentinel could not be read yet: ${message}` });
      isNoted = true;
    });
    const pause = PAUSES[look];
    if (!result.ok) {
      const gone = result.error.code === 'not-found';
      if (!gone || pause === undefined) {
        return { kind: 'unreadable', outcome: gone ? 'incident-gone' : 'needs-analyst', error: result.error };
      }
      record.add({ text: `Sentinel does not know the incident; looking for it again in ${pause / 1000} s.` });
      yield* waiting.sleep(pause);
      continue;
    }
    const { status, entities } = result.value.incident;
    const isOpen = status !== 'closed' && status !== 'merged';
    if (!isOpen || entities.length > 0 || pause === undefined) return { kind: 'read', read: result.value };
    record.add({ text: `The incident has no entities yet; reading it again in ${pause / 1000} s.` });
    yield* waiting.sleep(pause);
  }
}
