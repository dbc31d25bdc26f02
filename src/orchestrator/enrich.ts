import type { ErrorInfo } from '../domain/errors.js';
import type { Finding } from '../domain/finding.js';
import {
  type ActivityOutput,
  type DecideInput,
  type EnrichmentLeg,
  type EnrichmentResult,
  findingOf,
} from './activities.js';
import type { IncidentHandling } from './handling.js';
import { type Process, together } from './process.js';
import { pauseAfter, type RetryPolicy, wasInterrupted } from './retry.js';

const RETRIES: RetryPolicy = { attempts: 3, firstMs: 2_000, longestMs: 30_000, patienceMs: 120_000 };
/** A service that did not answer in time once more will hardly do so a third time, and people wait. */
const MOST_TIMED_OUT = 2;
/** What takes its worker with it must not go on doing so; what does not come back is waited for that often. */
const MOST_INTERRUPTED = 5;
const MOST_MISSED = 3;
/**
 * Each leg has its deadline inside of the activity. This is for what happens around it: a queue, or a host that ends and
 * whose work comes back a minute later, several times (host.json says when). It counts for one attempt, not for all: a
 * host that nobody starts for hours costs one.
 */
const ATTEMPT_MS = 5 * 60_000;

interface OpenLeg {
  readonly leg: EnrichmentLeg;
  readonly failures: readonly ErrorInfo[];
}

export interface Enriched {
  readonly findings: Finding[];
  /** Where nothing had to be repeated, the same activity has decided, too. */
  readonly decided: ActivityOutput<'decide'> | undefined;
}

/**
 * Runs all enrichments in one activity; those that met a passing fault run again, together, after a durable pause. What
 * still fails is a finding with status `failed`: unknown is not zero.
 */
export function* enrich(
  handling: IncidentHandling,
  legs: readonly EnrichmentLeg[],
  thenDecide: DecideInput,
): Process<Enriched> {
  const { waiting } = handling;
  let decided: Enriched['decided'];
  const found = new Map<EnrichmentLeg, Finding>();
  let open: readonly OpenLeg[] = legs.map((leg) => ({ leg, failures: [] }));
  while (open.length > 0) {
    const again: OpenLeg[] = [];
    const pauses: number[] = [];
    const isAll = open.length === legs.length && open.every(({ failures }) => failures.length === 0);
    const answers = yield* attempt(handling, open, isAll ? thenDecide : undefined);
    decided = answers.decided;
    for (const [{ leg, failures }, result] of answers.results) {
      found.set(leg, findingOf(leg, result));
      if (result.ok) continue;
      const { error } = result;
      const pause = pauseAfter(failures.length + 1, RETRIES, error);
      if (!isWorthRepeating([...failures, error], pause)) continue;
      again.push({ leg, failures: [...failures, error] });
      pauses.push(pause);
    }
    open = again;
    if (open.length > 0) yield* waiting.sleep(Math.max(...pauses));
  }
  return { findings: legs.flatMap((leg) => found.get(leg) ?? []), decided };
}

/** All in one activity; each in its own after an interruption, so that one cannot take the others with it for ever. */
function* attempt(
  { waiting, ref }: IncidentHandling,
  open: readonly OpenLeg[],
  thenDecide: DecideInput | undefined,
): Process<{ results: [OpenLeg, EnrichmentResult][]; decided: Enriched['decided'] }> {
  const isFirst = open.every(({ failures }) => !failures.some(wasInterrupted));
  const groups = isFirst ? [open] : open.map((one) => [one]);
  const results: [OpenLeg, EnrichmentResult][] = [];
  let decided: Enriched['decided'];
  yield* together(
    groups.map(function* (group) {
      const input = { incident: ref, legs: group.map(({ leg }) => leg), thenDecide };
      const answer = yield* waiting.call('enrich', input, ATTEMPT_MS);
      if (answer.ok) decided = answer.value.decided;
      group.forEach((one, i) => {
        const result = answer.ok ? answer.value.results[i] : answer;
        results.push([one, result ?? { ok: false, error: MISSING }]);
      });
    }),
  );
  return { results, decided };
}

const MISSING: ErrorInfo = {
  code: 'bad-activity-result',
  message: 'The enrichment came back without a result.',
  blame: 'responder',
  retry: 'no',
};

function isWorthRepeating(failures: readonly ErrorInfo[], pauseMs: number): boolean {
  const interrupted = failures.filter(wasInterrupted).length;
  const countOf = (wanted: string) => failures.filter(({ code }) => code === wanted).length;
  return (
    failures.at(-1)?.retry !== 'no' &&
    failures.length - interrupted < RETRIES.attempts &&
    interrupted < MOST_INTERRUPTED &&
    countOf('deadline-exceeded') < MOST_MISSED &&
    countOf('timed-out') < MOST_TIMED_OUT &&
    pauseMs <= (RETRIES.patienceMs ?? 0)
  );
}
