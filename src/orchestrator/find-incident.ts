/** The orchestration that finds the incident of an alert that does not name it. It ends when the incident has it, or without one. */
import type { AlertStatus } from '../domain/alert-lookup.js';
import type { ErrorInfo } from '../domain/errors.js';
import type { Context, Steps } from './durable.js';
import { callWithRetries, pauseAfter, type RetryPolicy } from './retry.js';
import type { Process } from './scheduler.js';
import { type Outbox, Waiting } from './waiting.js';

export const FIND_INCIDENT = 'findIncident';

/** The services answered, and none of them has an incident with the alert. */
export const NO_INCIDENT_YET = 'no-incident-yet';

/** Services may be unavailable for a working day: the pauses grow to half an hour and add up to about nine hours. */
const OUTAGE: RetryPolicy = { attempts: 26, firstMs: 5_000, longestMs: 1_800_000 };
/** An incident follows its alert within minutes, and reaches the log minutes later: the pauses add up to about half an hour. */
const NOT_YET: RetryPolicy = { attempts: 11, firstMs: 10_000, longestMs: 300_000 };

/** What has no incident is kept, however long the store is unavailable: the pauses add up to about a month. */
const KEEP: RetryPolicy = { attempts: 1_500, firstMs: 5_000, longestMs: 1_800_000 };

const NOTHING: Outbox = { isEmpty: true, send: () => undefined };

/** Ends with an error only if the alert could not be stored either: its input still has it. */
export function* findIncident(ctx: Context): Steps<void> {
  const waiting = new Waiting(ctx);
  const show = (status: AlertStatus) => ctx.df.setCustomStatus(status);
  show({ state: 'searching' });
  yield* waiting.run(search(waiting, ctx.df.instanceId, show), NOTHING);
}

function* search(waiting: Waiting, instanceId: string, show: (status: AlertStatus) => void): Process<void> {
  const failures = new Map<RetryPolicy, number>();
  for (;;) {
    const result = yield* waiting.call('findIncidents', { instanceId });
    if (result.ok) return show({ state: 'found', incidents: result.value.incidents });
    const { error } = result;
    const policy = error.code === NO_INCIDENT_YET ? NOT_YET : OUTAGE;
    const failed = (failures.get(policy) ?? 0) + 1;
    failures.set(policy, failed);
    if (error.retry === 'no' || failed >= policy.attempts) {
      return show(yield* reject(waiting, instanceId, error));
    }
    yield* waiting.sleep(pauseAfter(failed, policy, error));
  }
}

function* reject(waiting: Waiting, instanceId: string, error: ErrorInfo): Process<AlertStatus> {
  const kept = yield* callWithRetries(waiting, 'rejectAlert', { instanceId, error }, KEEP);
  if (!kept.ok) throw new Error(`${kept.error.code}: ${kept.error.message}`);
  return { state: 'rejected', ...kept.value };
}
