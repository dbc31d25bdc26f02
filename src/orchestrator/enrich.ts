import type { IncidentRef } from '../actions/define.js';
import type { ErrorInfo } from '../domain/errors.js';
import type { Finding } from '../domain/finding.js';
import type { EnrichmentLeg } from './activities.js';
import type { Context, Steps } from './durable.js';
import { pauseAfter, type RetryPolicy } from './retry.js';
import { runLegs, sleep } from './waiting.js';

const RETRIES: RetryPolicy = { attempts: 3, firstMs: 2_000, longestMs: 30_000, patienceMs: 120_000 };

/**
 * Runs all enrichments at once, each with its deadline; those that met a passing fault run again, together, after a
 * durable pause. What still fails is a finding with status `failed`: unknown is not zero.
 */
export function* enrich(
  ctx: Context,
  incident: IncidentRef,
  legs: readonly EnrichmentLeg[],
): Steps<Finding[]> {
  const found = new Map<EnrichmentLeg, Finding>();
  let open = legs;
  for (let attempt = 1; open.length > 0; attempt++) {
    const again: { leg: EnrichmentLeg; error: ErrorInfo }[] = [];
    const results = yield* runLegs(
      ctx,
      'enrich',
      open.map((leg) => ({ input: { incident, leg }, deadlineMs: leg.deadlineMs })),
    );
    open.forEach((leg, i) => {
      const result = results[i];
      if (result === undefined) return;
      if (result.ok) {
        const { output, durationMs } = result.value;
        found.set(leg, { status: 'ok', ...named(leg), durationMs, output });
        return;
      }
      found.set(leg, failed(leg, result.error));
      if (worthRepeating(result.error, attempt)) again.push({ leg, error: result.error });
    });
    open = again.map(({ leg }) => leg);
    if (open.length > 0) {
      yield* sleep(ctx, Math.max(...again.map(({ error }) => pauseAfter(attempt, RETRIES, error))));
    }
  }
  return legs.flatMap((leg) => found.get(leg) ?? []);
}

function worthRepeating(error: ErrorInfo, attempt: number): boolean {
  const patience = RETRIES.patienceMs ?? 0;
  return (
    error.retry !== 'no' &&
    error.code !== 'deadline-exceeded' &&
    attempt < RETRIES.attempts &&
    pauseAfter(attempt, RETRIES, error) <= patience
  );
}

function named({ action, as, entityKey, target }: EnrichmentLeg) {
  return { action, as, entityKey, target };
}

function failed(leg: EnrichmentLeg, error: ErrorInfo): Finding {
  const durationMs = error.code === 'deadline-exceeded' ? leg.deadlineMs : 0;
  return { status: 'failed', ...named(leg), durationMs, error };
}
