import type { ErrorInfo } from '../domain/errors.js';
import type { Finding } from '../domain/finding.js';
import { subjectWords } from '../domain/target.js';
import type { EnrichmentLeg } from './activities.js';
import { now } from './durable.js';
import type { IncidentHandling } from './handling.js';
import { type Process, together } from './process.js';
import { pauseAfter, type RetryPolicy, wasInterrupted } from './retry.js';

const RETRIES: RetryPolicy = { attempts: 3, firstMs: 2_000, longestMs: 30_000, patienceMs: 120_000 };
/** A service that did not answer in time once more will hardly do so a third time, and people wait. */
const MOST_TIMED_OUT = 2;
/** A leg that takes its worker with it must not go on doing so. */
const MOST_INTERRUPTED = 5;
/**
 * An attempt has its deadline inside of the activity. This is for what happens around it: a queue, or several times
 * that a host ends and its work comes back (a minute later, as host.json says).
 */
const PHASE_MS = 10 * 60_000;

/**
 * Runs all enrichments at once; one that met a passing fault runs again after a durable pause. What still fails is a
 * finding with status `failed`: unknown is not zero.
 */
export function* enrich(handling: IncidentHandling, legs: readonly EnrichmentLeg[]): Process<Finding[]> {
  const end = now(handling.ctx) + PHASE_MS;
  const found = new Map<EnrichmentLeg, Finding>();
  yield* together(
    legs.map(function* (leg) {
      found.set(leg, yield* find(handling, leg, end));
    }),
  );
  return legs.flatMap((leg) => found.get(leg) ?? []);
}

function* find({ ctx, waiting, ref }: IncidentHandling, leg: EnrichmentLeg, end: number): Process<Finding> {
  const failures: ErrorInfo[] = [];
  for (;;) {
    const result = yield* waiting.call('enrich', { incident: ref, leg }, end - now(ctx));
    if (result.ok) {
      const target = subjectWords(result.value.record, leg.target);
      return { status: 'ok', ...named(leg), ...result.value, target };
    }
    failures.push(result.error);
    const pause = pauseAfter(failures.length, RETRIES, result.error);
    if (!isWorthRepeating(failures, pause) || now(ctx) + pause >= end) {
      return { status: 'failed', ...named(leg), durationMs: 0, error: result.error };
    }
    yield* waiting.sleep(pause);
  }
}

function isWorthRepeating(failures: readonly ErrorInfo[], pauseMs: number): boolean {
  const interrupted = failures.filter(wasInterrupted).length;
  const timedOut = failures.filter(({ code }) => code === 'timed-out').length;
  return (
    failures.at(-1)?.retry !== 'no' &&
    failures.length - interrupted < RETRIES.attempts &&
    interrupted < MOST_INTERRUPTED &&
    timedOut < MOST_TIMED_OUT &&
    pauseMs <= (RETRIES.patienceMs ?? 0)
  );
}

function named({ action, as, entityKey, target }: EnrichmentLeg) {
  return { action, as, entityKey, target };
}
