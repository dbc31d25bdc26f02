import type { Outcome } from '../domain/case-file.js';
import type { ErrorInfo } from '../domain/errors.js';
import type { ActivityOutput } from './activities.js';
import { callWithRetries, type RetryPolicy, wasInterrupted } from './retry.js';
import type { Process } from './scheduler.js';
import type { RunScope } from './scope.js';

export type ReadResult =
  | { readonly kind: 'read'; readonly read: ActivityOutput<'readIncident'> }
  | { readonly kind: 'unreadable'; readonly outcome: Outcome; readonly error: ErrorInfo };

/** Sentinel may be unavailable for a working day: the pauses grow to half an hour and add up to about nine hours. */
const OUTAGE: RetryPolicy = { attempts: 26, firstMs: 5_000, longestMs: 1_800_000 };
/** Sentinel may send the event of an incident before its API returns the incident, its alerts and its entities. */
const PAUSES = [10_000, 30_000];

/** Reads the incident from Sentinel. The content of the message is not used, only the ARM id. */
export function* readIncident({ ctx, waiting, record, start }: RunScope, armId: string): Process<ReadResult> {
  const input = { armId, start, instanceId: ctx.df.instanceId };
  let isNoted = false;
  for (let attempt = 0; ; attempt++) {
    const result = yield* callWithRetries(waiting, 'readIncident', input, OUTAGE, (error) => {
      // An interrupted activity may not have verified the seal of the input yet.
      if (isNoted || wasInterrupted(error)) return;
      record.add({ text: `Sentinel could not be read yet: ${error.message}` });
      isNoted = true;
    });
    const pause = PAUSES[attempt];
    if (!result.ok) {
      const isMissing = result.error.code === 'not-found';
      if (!isMissing || pause === undefined) {
        return {
          kind: 'unreadable',
          outcome: isMissing ? 'incident-gone' : 'needs-analyst',
          error: result.error,
        };
      }
      record.add({ text: `Sentinel does not return the incident yet; trying again in ${pause / 1000} s.` });
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
