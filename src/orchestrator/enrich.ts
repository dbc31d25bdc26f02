import type { ErrorInfo } from '../domain/errors.js';
import type { Finding } from '../domain/finding.js';
import {
  type ActivityOutput,
  type DecideInput,
  type EnrichmentResult,
  type EnrichmentTask,
  findingOf,
} from './activities.js';
import { pauseAfter, type RetryPolicy, wasInterrupted } from './retry.js';
import { type Process, runAll } from './scheduler.js';
import type { IncidentScope } from './scope.js';

const RETRIES: RetryPolicy = { attempts: 3, firstMs: 2_000, longestMs: 30_000, patienceMs: 120_000 };
/** After two timeouts a third attempt rarely succeeds, and analysts are waiting. */
const MOST_TIMED_OUT = 2;
/** A task that crashes its worker must not do so without limit. */
const MOST_INTERRUPTED = 5;
/** How often a task may not return in time. */
const MOST_DEADLINES_EXCEEDED = 3;
/**
 * Each enrichment task has its own deadline inside the activity. This one covers the time around it: a queue, or a host
 * that stops, whose activities are delivered again minutes later (host.json sets the intervals). It limits one attempt,
 * not all of them: a host that is down for hours costs one attempt.
 */
const ATTEMPT_MS = 5 * 60_000;

interface PendingTask {
  readonly task: EnrichmentTask;
  readonly failures: readonly ErrorInfo[];
}

export interface Enriched {
  readonly findings: Finding[];
  /** Set if no task had to be repeated: the same activity has then also decided. */
  readonly decided: ActivityOutput<'decide'> | undefined;
}

/**
 * Runs all enrichments in one activity. Tasks with a transient fault run again, together, after a durable pause. A task
 * that still fails becomes a finding with status `failed`: unknown is not zero.
 */
export function* enrich(
  scope: IncidentScope,
  tasks: readonly EnrichmentTask[],
  thenDecide: DecideInput,
): Process<Enriched> {
  const { waiting } = scope;
  let decided: Enriched['decided'];
  const found = new Map<EnrichmentTask, Finding>();
  let pending: readonly PendingTask[] = tasks.map((task) => ({ task, failures: [] }));
  while (pending.length > 0) {
    const retries: PendingTask[] = [];
    const pauses: number[] = [];
    const isAll = pending.length === tasks.length && pending.every(({ failures }) => failures.length === 0);
    const answers = yield* attempt(scope, pending, isAll ? thenDecide : undefined);
    decided = answers.decided;
    for (const [{ task, failures }, result] of answers.results) {
      found.set(task, findingOf(task, result));
      if (result.ok) continue;
      const { error } = result;
      const pause = pauseAfter(failures.length + 1, RETRIES, error);
      if (!isWorthRepeating([...failures, error], pause)) continue;
      retries.push({ task, failures: [...failures, error] });
      pauses.push(pause);
    }
    pending = retries;
    if (pending.length > 0) yield* waiting.sleep(Math.max(...pauses));
  }
  return { findings: tasks.flatMap((task) => found.get(task) ?? []), decided };
}

/** Runs all tasks in one activity; after an interruption each in its own, because one of them may crash the worker. */
function* attempt(
  { waiting, ref, involvement }: IncidentScope,
  pending: readonly PendingTask[],
  thenDecide: DecideInput | undefined,
): Process<{ results: [PendingTask, EnrichmentResult][]; decided: Enriched['decided'] }> {
  const isFirst = pending.every(({ failures }) => !failures.some(wasInterrupted));
  const groups = isFirst ? [pending] : pending.map((one) => [one]);
  const results: [PendingTask, EnrichmentResult][] = [];
  let decided: Enriched['decided'];
  yield* runAll(
    groups.map(function* (group) {
      const input = { incident: ref, tasks: group.map(({ task }) => task), thenDecide };
      const answer = yield* waiting.call('enrich', input, ATTEMPT_MS);
      if (answer.ok) {
        decided = answer.value.decided;
        involvement.noteRecords(answer.value.results.flatMap((one) => (one.ok ? one.record : [])));
      }
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
  message: 'The activity returned no result for this enrichment.',
  fault: 'responder',
  retry: 'no',
};

function isWorthRepeating(failures: readonly ErrorInfo[], pauseMs: number): boolean {
  const interrupted = failures.filter(wasInterrupted).length;
  const countOf = (wanted: string) => failures.filter(({ code }) => code === wanted).length;
  return (
    failures.at(-1)?.retry !== 'no' &&
    failures.length - interrupted < RETRIES.attempts &&
    interrupted < MOST_INTERRUPTED &&
    countOf('deadline-exceeded') < MOST_DEADLINES_EXCEEDED &&
    countOf('timed-out') < MOST_TIMED_OUT &&
    pauseMs <= (RETRIES.patienceMs ?? 0)
  );
}
