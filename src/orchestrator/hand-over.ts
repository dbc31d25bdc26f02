/**
 * Another case takes over, and is kept up to date: that of the incident that this one was merged into, or that of its copy in the
 * other service if the own service no longer returns it.
 */
import type { AliasOwner } from '../domain/alias.js';
import type { CaseFile } from '../domain/case-file.js';
import type { ErrorInfo } from '../domain/errors.js';
import type { Incident } from '../domain/incident.js';
import { handedOverBy, hasHandled } from '../domain/merge.js';
import type { ActivityInput, ActivityOutput, Result } from './activities.js';
import { describeOwner } from './aliases.js';
import { pauseAfter, type RetryPolicy } from './retry.js';
import { type Process, until } from './scheduler.js';
import type { RunScope } from './scope.js';

/** A service may be unavailable for a working day: the pauses add up to about nine hours. */
const OUTAGE: RetryPolicy = { attempts: 26, firstMs: 10_000, longestMs: 1_800_000 };
/** The target, and Defender's side of the merge, may appear minutes later: the pauses add up to half an hour. */
const NOT_YET: RetryPolicy = { attempts: 11, firstMs: 10_000, longestMs: 300_000 };
const NOT_YET_CODES = ['not-found', 'not-merged-yet'];

/** Why another case takes over. `aliases`, `mergedInto`: other keys of the merged incident; key of its target, if it is named. */
export type Reason =
  | { readonly because: 'merged'; readonly aliases: readonly string[]; readonly mergedInto?: string }
  | { readonly because: 'gone' }
  /** Another instance handles the same incident, and must not repeat what was done here. */
  | { readonly because: 'elsewhere'; readonly owner: AliasOwner };

export function mergeOf({ aliases = [], mergedInto }: Incident): Reason {
  return { because: 'merged', aliases, ...(mergedInto === undefined ? {} : { mergedInto }) };
}

/** Error code if the incident has no other key, or no service returns it under one. */
const NO_COPY = 'no-copy';
export const hasNoCopy = ({ code }: ErrorInfo) => code === NO_COPY;

/**
 * Hands over what the case knows now. Returns why no other case took over; undefined: one did. A merged incident without anything
 * to hand over needs one attempt: the target has events of its own.
 * @param isStill returns false if the reason has passed
 */
export function* handOver(
  scope: RunScope,
  reason: Reason,
  isStill = () => true,
): Process<ErrorInfo | undefined> {
  const { record, waiting } = scope;
  const failures = new Map<RetryPolicy, number>();
  for (;;) {
    const result = yield* attempt(scope, reason, isStill);
    if (result.ok) {
      recordSuccessor(scope, reason, result.value);
      return undefined;
    }
    const { error } = result;
    const policy = NOT_YET_CODES.includes(error.code) ? NOT_YET : OUTAGE;
    const failed = (failures.get(policy) ?? 0) + 1;
    failures.set(policy, failed);
    const isWorthIt = reason.because !== 'merged' || hasHandled(record.file);
    if (error.retry === 'no' || failed >= policy.attempts || !isWorthIt) return error;
    yield* waiting.sleep(pauseAfter(failed, policy, error));
  }
}

function* attempt(
  scope: RunScope,
  reason: Reason,
  isStill: () => boolean,
): Process<Result<ActivityOutput<'handOverCase'>>> {
  const { ctx, record, waiting, start, submission, aliases } = scope;
  const { instanceId } = ctx.df;
  let to: ActivityInput<'handOverCase'>['to'];
  if (reason.because === 'merged') to = reason;
  else if (reason.because === 'elsewhere') to = reason;
  else {
    const others = record.file.otherOrigins ?? [];
    if (others.length === 0) return { ok: false, error: WITHOUT_COPY };
    if (aliases.successor === undefined) {
      const found = yield* waiting.call('findCopy', { start, instanceId, others });
      if (!found.ok) return found;
      if (!isStill()) return { ok: false, error: WITHOUT_COPY };
      yield* aliases.passOn(found.value);
    }
    if (aliases.successor === undefined) return { ok: false, error: UNCLEAR };
    to = { because: 'gone', owner: aliases.successor };
  }
  const handedOver = handedOverBy(record.file, reason.because);
  return yield* waiting.call('handOverCase', { start, instanceId, submission, handedOver, to });
}

function recordSuccessor(
  { record, aliases }: RunScope,
  { because }: Reason,
  { instanceId, key }: ActivityOutput<'handOverCase'>,
): void {
  if (record.file.handedOverTo?.instanceId === instanceId) return;
  const changes = { handedOverTo: { instanceId, key, because } };
  if (because === 'merged') {
    const text = `The incident that it was merged into takes over: ${key} (${instanceId}).`;
    record.add({ text, changes });
  } else if (because === 'gone' && aliases.successor !== undefined) {
    const text = `Its service no longer returns the incident. ${describeOwner(aliases.successor)}`;
    record.add({ text, changes });
  } else record.add({ changes });
}

const WITHOUT_COPY: ErrorInfo = {
  code: NO_COPY,
  message: 'The incident is known under one key only.',
  fault: 'service',
  retry: 'no',
};
const UNCLEAR: ErrorInfo = {
  code: 'alias-unclear',
  message: 'It is unknown which instance handles the same incident.',
  fault: 'responder',
  retry: 'later',
};

interface OfRun {
  readonly scope: RunScope;
  readonly isOver: boolean;
  /** The copy of the incident is handled now. */
  handledElsewhere(): void;
}

/** Hands over beside what still runs: a step that is under way, and an undo, change what the other case must know. */
export class HandingOver {
  #reason: Reason | undefined;
  #requested = 0;
  #answered = 0;
  #isBusy = false;

  constructor(private readonly rounds: OfRun) {}

  /** The end of the run waits for it. */
  get isBusy(): boolean {
    return this.#isBusy || this.#requested !== this.#answered;
  }

  /** It is not known yet whether the copy of the incident is handled instead: there is no outcome yet. */
  get isLookingForCopy(): boolean {
    return this.isBusy && this.#reason?.because === 'gone';
  }

  /** The reason has passed: the incident is returned again. */
  end(): void {
    this.#reason = undefined;
    this.#answered = this.#requested;
  }

  /** Hands over for this reason. Returns whether `run` is to be started. */
  begin(reason: Reason): boolean {
    this.#reason = reason;
    this.#requested += 1;
    return this.#requested === 1;
  }

  *run(): Process<void> {
    let said = '';
    const content = () => contentOf(this.rounds.scope.record.file);
    for (;;) {
      const { file } = this.rounds.scope.record;
      const isNew = () =>
        this.#reason !== undefined && this.rounds.scope.record.file !== file && content() !== said;
      yield* until(() => this.isBusy || isNew() || this.rounds.isOver);
      const reason = this.#reason;
      if (reason === undefined || (!this.isBusy && !isNew())) return;
      this.#isBusy = true;
      this.#answered = this.#requested;
      said = content();
      const problem = yield* handOver(this.rounds.scope, reason, () => this.#reason === reason);
      if (problem !== undefined) noteNotHandedOver(this.rounds.scope, reason, problem);
      else if (reason.because === 'gone') this.rounds.handledElsewhere();
      this.#isBusy = false;
    }
  }
}

const contentOf = (file: CaseFile): string => JSON.stringify(handedOverBy(file, 'merged'));

/** The end is not final: the next delivery, or a retry, hands over again. */
export function noteNotHandedOver({ record }: RunScope, { because }: Reason, problem: ErrorInfo): void {
  if (because === 'merged') {
    const text = `Its target did not take over: ${problem.message}`;
    record.add({ text, changes: { unfinished: 'not-handed-over', error: problem } });
  } else if (!hasNoCopy(problem))
    record.add({ text: `It could not be handed over to its other case: ${problem.message}` });
}
