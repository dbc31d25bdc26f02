/** Reads the incident, and waits for what Sentinel does not return yet. */
import type { Outcome } from '../domain/case-file.js';
import { type ErrorInfo, isMissingPermission } from '../domain/errors.js';
import type { Incident } from '../domain/incident.js';
import type { Reading } from '../domain/reading.js';
import type { Unfinished } from '../domain/unfinished.js';
import type { ActivityOutput, Result } from './activities.js';
import { updateComment } from './comment.js';
import { isoTime, now } from './durable.js';
import { incidentFacts } from './incident-facts.js';
import { pauseAfter, pausesLeft, type RetryPolicy, wasInterrupted } from './retry.js';
import type { Process } from './scheduler.js';
import { incidentRef, type RunScope } from './scope.js';
import { describeReading } from './timeline-messages.js';

export type ReadResult =
  | { readonly kind: 'read'; readonly read: ActivityOutput<'readIncident'> }
  | {
      readonly kind: 'unreadable';
      readonly outcome: Outcome;
      readonly unfinished: Unfinished;
      readonly error: ErrorInfo;
      /** What could be read. */
      readonly incident: Incident | undefined;
    };

/** Sentinel may be unavailable for a working day: the pauses grow to half an hour and add up to about nine hours. */
const OUTAGE: RetryPolicy = { attempts: 26, firstMs: 5_000, longestMs: 1_800_000 };
/**
 * Sentinel sends the event of an incident before its API returns the incident, its alerts and its entities. They follow
 * within minutes: the pauses grow to five minutes and add up to a quarter of an hour.
 */
const NOT_YET: RetryPolicy = { attempts: 8, firstMs: 10_000, longestMs: 300_000 };
/** The analysts of the incident are informed when reading takes longer than this. */
const INFORM_AFTER_MS = 5 * 60_000;

/** Why an attempt to read was not enough. */
interface Obstacle extends Pick<Reading, 'because' | 'part'> {
  /** Absent: the list is empty. */
  readonly error?: ErrorInfo;
}

/** Reads the incident from Sentinel. The content of the message is not used, only the ARM id. */
export function readIncident(scope: RunScope, armId: string): Process<ReadResult> {
  return new Reader(scope, armId).read();
}

class Reader {
  /** Failed attempts, by policy: an outage does not use up the patience for what is not there yet. */
  readonly #failed = new Map<RetryPolicy, number>();
  readonly #noted = new Set<string>();
  readonly #startedAt: number;
  /** As far as it could be read. */
  #incident: Incident | undefined;
  #isInformed = false;

  constructor(
    private readonly scope: RunScope,
    private readonly armId: string,
  ) {
    this.#startedAt = now(scope.ctx);
  }

  *read(): Process<ReadResult> {
    const { ctx, waiting, start } = this.scope;
    const input = { armId: this.armId, start, instanceId: ctx.df.instanceId };
    for (;;) {
      const result = yield* waiting.call('readIncident', input);
      if (result.ok) this.#incident = result.value.incident;
      const obstacle = obstacleOf(result);
      if (obstacle === undefined && result.ok) return { kind: 'read', read: result.value };
      if (obstacle === undefined) continue;
      const policy = obstacle.because === 'unavailable' ? OUTAGE : NOT_YET;
      const failed = (this.#failed.get(policy) ?? 0) + 1;
      this.#failed.set(policy, failed);
      const isFinal = obstacle.because === 'unavailable' && obstacle.error?.retry === 'no';
      if (isFinal || failed >= policy.attempts) {
        if (obstacle.because === 'none' && result.ok) return { kind: 'read', read: result.value };
        return { kind: 'unreadable', incident: this.#incident, ...endOf(obstacle) };
      }
      this.#note(obstacle, pausesLeft(failed, policy));
      yield* this.#pause(pauseAfter(failed, policy, obstacle.error));
    }
  }

  /** Shows the obstacle; each one gets one line in the timeline. */
  #note(obstacle: Obstacle, leftMs: number): void {
    const { ctx, record } = this.scope;
    const { because, part, error } = obstacle;
    // An interrupted activity may not have verified the seal of the input yet.
    if (error !== undefined && wasInterrupted(error)) return;
    if (this.#noted.has(`${because} ${part}`)) return;
    this.#noted.add(`${because} ${part}`);
    const [since, until] = [isoTime(ctx, this.#startedAt), isoTime(ctx, now(ctx) + leftMs)];
    const reading = { because, part, since, until };
    const facts = this.#incident === undefined ? {} : incidentFacts(this.#incident);
    record.add({ text: describeReading(reading, error), changes: { ...facts, reading } });
  }

  *#pause(pauseMs: number): Process<void> {
    const { ctx, waiting } = this.scope;
    const until = now(ctx) + pauseMs;
    const informAt = this.#startedAt + INFORM_AFTER_MS;
    if (!this.#isInformed && informAt <= until) {
      yield* waiting.sleepUntil(informAt);
      yield* this.#inform();
    }
    if (now(ctx) < until) yield* waiting.sleep(until - now(ctx));
  }

  /** Writes the comment, if the incident itself could be read. Case file and status show the obstacle already. */
  *#inform(): Process<void> {
    if (this.scope.record.file.reading === undefined) return;
    this.#isInformed = true;
    const incident = this.#incident;
    if (incident === undefined) return;
    yield* updateComment({ ...this.scope, incident, ref: incidentRef(incident) }, 'proposal');
  }
}

function obstacleOf(result: Result<ActivityOutput<'readIncident'>>): Obstacle | undefined {
  if (!result.ok) return ofError('incident', result.error);
  const { unread, lacksEntities } = result.value;
  if (unread !== undefined) return ofError(unread.part, unread.error);
  return lacksEntities ? { because: 'none', part: 'entities' } : undefined;
}

function ofError(part: Reading['part'], error: ErrorInfo): Obstacle {
  return { because: error.code === 'not-found' ? 'not-found' : 'unavailable', part, error };
}

function endOf({ because, part, error }: Obstacle): {
  outcome: Outcome;
  unfinished: Unfinished;
  error: ErrorInfo;
} {
  const cause = error ?? { code: 'none', message: '', fault: 'service', retry: 'later' };
  if (part === 'incident' && because === 'not-found') {
    return { outcome: 'incident-gone', unfinished: 'gone', error: cause };
  }
  const unfinished = isMissingPermission(cause) ? 'no-permission' : 'unreadable';
  return { outcome: 'needs-analyst', unfinished, error: cause };
}
