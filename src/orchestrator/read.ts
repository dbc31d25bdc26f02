/** Reads the incident, and waits for what its service does not return yet. */
import type { AliasOwner } from '../domain/alias.js';
import type { Outcome } from '../domain/case-file.js';
import { type ErrorInfo, isMissingPermission } from '../domain/errors.js';
import type { Incident } from '../domain/incident.js';
import { defenderOriginOf, withOrigins } from '../domain/incident-origin.js';
import { ownChangesOf } from '../domain/own-changes.js';
import type { Reading } from '../domain/reading.js';
import type { SealedMessage } from '../domain/sealed.js';
import type { Unfinished } from '../domain/unfinished.js';
import type { Update } from '../domain/update.js';
import type { ActivityOutput, IncidentRead, Result } from './activities.js';
import { updateComment } from './comment.js';
import { isoTime, now } from './durable.js';
import { incidentFacts } from './incident-facts.js';
import { pauseAfter, pausesLeft, type RetryPolicy, wasInterrupted } from './retry.js';
import type { Process } from './scheduler.js';
import { incidentRef, type RunScope } from './scope.js';
import { describeReading } from './timeline-messages.js';
import { recordUpdates } from './updates.js';

export type ReadResult = {
  /** The updates that were not received before. Recorded. */
  readonly updates: readonly Update[];
  /** Whether the app has sealed any of the messages. */
  readonly isSealed: boolean;
} & (
  | { readonly kind: 'read'; readonly read: IncidentRead }
  | {
      readonly kind: 'unreadable';
      readonly outcome: Outcome;
      readonly unfinished: Unfinished;
      readonly error: ErrorInfo;
      /** What could be read. */
      readonly incident: Incident | undefined;
    }
  /** Another instance handles the incident, under another of its keys. */
  | { readonly kind: 'elsewhere'; readonly owner: AliasOwner; readonly incident: Incident }
);

/** A service may be unavailable for a working day: the pauses grow to half an hour and add up to about nine hours. */
const OUTAGE: RetryPolicy = { attempts: 26, firstMs: 5_000, longestMs: 1_800_000 };
/**
 * The event of an incident is sent before the API returns the incident, its alerts and its entities. They follow
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

/** Each update ends the pause, and no more than this many: one that no trigger sent does so, too. */
const MOST_ENDED_PAUSES = 20;

/**
 * Reads the incident from its service. The content of the message is not used, only the id. An update ends a pause.
 * @param updates received before. Those, and those that are received meanwhile, are recorded with their senders as soon as
 * their seals are verified: a sender must not decide, even if the incident cannot be read for hours.
 */
export function readIncident(scope: RunScope, updates: readonly SealedMessage[]): Process<ReadResult> {
  return new Reader(scope, updates).read();
}

class Reader {
  /** Failed attempts, by policy: an outage does not use up the patience for what is not there yet. */
  readonly #failed = new Map<RetryPolicy, number>();
  readonly #noted = new Set<string>();
  readonly #startedAt: number;
  /** As far as it could be read. */
  #incident: Incident | undefined;
  #isInformed = false;
  #endedPauses = 0;
  #received: readonly SealedMessage[];
  #isSealed = false;
  readonly #updates: Update[] = [];

  constructor(
    private readonly scope: RunScope,
    received: readonly SealedMessage[],
  ) {
    this.#startedAt = now(scope.ctx);
    this.#received = received;
  }

  *read(): Process<ReadResult> {
    const { ctx, waiting, start, origin, aliases, involvement, record } = this.scope;
    for (;;) {
      const own = ownChangesOf(record.file);
      const input = {
        ...{ origin, start, instanceId: ctx.df.instanceId, updates: this.#received },
        ...(own.length === 0 ? {} : { own }),
      };
      const result = this.#take(yield* waiting.call('readIncident', input), this.#received);
      if (result.ok) {
        this.#incident = result.value.incident;
        involvement.note(this.#incident.involved);
        this.#noteOrigin(this.#incident);
        this.#noteEnded(result.value.ended);
      }
      const owner = result.ok ? yield* aliases.ownerElsewhere(result.value.alias) : undefined;
      if (owner !== undefined && result.ok) {
        return { kind: 'elsewhere', ...this.#known, owner, incident: result.value.incident };
      }
      const obstacle = obstacleOf(result);
      if (obstacle === undefined && result.ok) return this.#read(result.value);
      if (obstacle === undefined) continue;
      const policy = obstacle.because === 'unavailable' ? OUTAGE : NOT_YET;
      const failed = (this.#failed.get(policy) ?? 0) + 1;
      this.#failed.set(policy, failed);
      const isFinal = obstacle.because === 'unavailable' && obstacle.error?.retry === 'no';
      if (isFinal || failed >= policy.attempts) {
        if (obstacle.because === 'none' && result.ok) return this.#read(result.value);
        return { kind: 'unreadable', ...this.#known, incident: this.#incident, ...endOf(obstacle) };
      }
      this.#note(obstacle, pausesLeft(failed, policy));
      yield* this.#pause(pauseAfter(failed, policy, obstacle.error));
    }
  }

  /** Sentinel says where Defender has the incident: if Sentinel no longer returns it, it is handled there. */
  #noteOrigin({ aliases = [] }: Incident): void {
    const { record, origin } = this.scope;
    const { otherOrigins: known = [] } = record.file;
    const inDefender = aliases.flatMap((alias) => defenderOriginOf(alias) ?? []);
    const otherOrigins = withOrigins(known, inDefender, origin);
    if (otherOrigins.length > known.length) record.addToNext({ changes: { otherOrigins } });
  }

  /** Others have changed what the responder had set: from now on it is theirs. */
  #noteEnded(ended: readonly string[] = []): void {
    const { record } = this.scope;
    const before = record.file.ownEnded ?? [];
    if (ended.length > 0) record.addToNext({ changes: { ownEnded: [...before, ...ended] } });
  }

  #read(read: IncidentRead): ReadResult {
    return { kind: 'read', read, ...this.#known };
  }

  get #known() {
    return { updates: this.#updates, isSealed: this.#isSealed };
  }

  /** Takes the updates. They are known even if the incident could not be read. */
  #take(
    answer: Result<ActivityOutput<'readIncident'>>,
    received: readonly SealedMessage[],
  ): Result<IncidentRead> {
    if (!answer.ok) return answer;
    const { value } = answer;
    this.scope.inbox.verified(received);
    this.#received = [];
    if (value.publishes) this.scope.lifecycle.begin();
    this.#isSealed ||= value.updates.length > 0;
    this.#updates.push(...recordUpdates(this.scope.record, value.updates));
    return 'failed' in value ? { ok: false, error: value.failed } : { ok: true, value };
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
    const { ctx, inbox } = this.scope;
    const until = Math.ceil((now(ctx) + pauseMs) / 1_000) * 1_000;
    const informAt = this.#startedAt + INFORM_AFTER_MS;
    const isEnded = () => inbox.hasUpdate && this.#endedPauses < MOST_ENDED_PAUSES;
    if (!this.#isInformed && informAt <= until) {
      yield* inbox.receive(isEnded, informAt);
      if (now(ctx) >= informAt) yield* this.#inform();
    }
    yield* inbox.receive(isEnded, until);
    if (!isEnded()) return;
    this.#endedPauses += 1;
    this.#received = inbox.takeUpdates();
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

function obstacleOf(result: Result<IncidentRead>): Obstacle | undefined {
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
