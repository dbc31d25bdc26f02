/** An incident that was merged into another one: its case hands over to the case of the target, and keeps it up to date. */
import type { CaseFile } from '../domain/case-file.js';
import type { ErrorInfo } from '../domain/errors.js';
import type { Incident } from '../domain/incident.js';
import { handedOverBy } from '../domain/merge.js';
import { pauseAfter, type RetryPolicy } from './retry.js';
import { type Process, until } from './scheduler.js';
import type { RunScope } from './scope.js';

/** Defender may be unavailable for a working day: the pauses add up to about nine hours. */
const OUTAGE: RetryPolicy = { attempts: 26, firstMs: 10_000, longestMs: 1_800_000 };
/** The target, and Defender's side of the merge, may appear minutes later: the pauses add up to half an hour. */
const NOT_YET: RetryPolicy = { attempts: 11, firstMs: 10_000, longestMs: 300_000 };
const NOT_YET_CODES = ['not-found', 'not-merged-yet'];

/**
 * Hands over what the case knows now. Returns why the target did not take over; undefined: it did. Without anything to hand
 * over, one attempt is enough: the target has events of its own.
 */
export function* handOver(scope: RunScope, incident: Incident): Process<ErrorInfo | undefined> {
  const { ctx, record, waiting, start, submission } = scope;
  const { aliases, mergedInto } = incident;
  const about = { start, instanceId: ctx.df.instanceId, aliases: aliases ?? [], submission };
  const target = mergedInto === undefined ? {} : { mergedInto };
  const input = { ...about, ...target, handedOver: handedOverBy(record.file) };
  const failures = new Map<RetryPolicy, number>();
  for (;;) {
    const result = yield* waiting.call('handOverMerged', input);
    if (result.ok) {
      const { instanceId, key } = result.value;
      if (record.file.mergedInto?.instanceId === instanceId) return undefined;
      const text = `The incident that it was merged into takes over: ${key} (${instanceId}).`;
      record.add({ text, changes: { mergedInto: result.value } });
      return undefined;
    }
    const { error } = result;
    const policy = NOT_YET_CODES.includes(error.code) ? NOT_YET : OUTAGE;
    const failed = (failures.get(policy) ?? 0) + 1;
    failures.set(policy, failed);
    if (error.retry === 'no' || failed >= policy.attempts || !hasHandled(record.file)) return error;
    yield* waiting.sleep(pauseAfter(failed, policy, error));
  }
}

/** Whether this run, or one before it, has asked or done anything. */
export function hasHandled({ approvals, effects, earlier = [], mergedFrom = [] }: CaseFile): boolean {
  const before = earlier.some((run) => run.effects.length > 0 || run.settled !== undefined);
  return approvals.length > 0 || effects.length > 0 || mergedFrom.length > 0 || before;
}

interface OfRun {
  readonly scope: RunScope;
  readonly isOver: boolean;
}

/** Hands over beside what still runs: a step that is under way, and an undo, change what the target must know. */
export class HandingOver {
  #incident: Incident | undefined;
  #requested = 0;
  #answered = 0;
  #isBusy = false;

  constructor(private readonly rounds: OfRun) {}

  /** The end of the run waits for it. */
  get isBusy(): boolean {
    return this.#isBusy || this.#requested !== this.#answered;
  }

  /** Hands over to the target of this version of the incident. Returns whether `run` is to be started. */
  begin(incident: Incident): boolean {
    this.#incident = incident;
    this.#requested += 1;
    return this.#requested === 1;
  }

  *run(): Process<void> {
    let said = '';
    const content = () => JSON.stringify(handedOverBy(this.rounds.scope.record.file));
    for (;;) {
      const { file } = this.rounds.scope.record;
      const isNew = () => this.rounds.scope.record.file !== file && content() !== said;
      yield* until(() => this.isBusy || isNew() || this.rounds.isOver);
      if (this.#incident === undefined || (!this.isBusy && !isNew())) return;
      this.#isBusy = true;
      this.#answered = this.#requested;
      said = content();
      const problem = yield* handOver(this.rounds.scope, this.#incident);
      if (problem !== undefined) noteNotHandedOver(this.rounds.scope, problem);
      this.#isBusy = false;
    }
  }
}

/** The end is not final: the next delivery, or a retry, hands over again. */
function noteNotHandedOver({ record }: RunScope, problem: ErrorInfo): void {
  record.add({
    text: `Its target did not take over: ${problem.message}`,
    changes: { unfinished: 'not-handed-over', error: problem },
  });
}
