/**
 * All waiting of the orchestration; no other file may wait. Processes request activities, timers and messages here. All
 * requests of one moment go to the host as one `Task.any`; the orchestration then waits for the first of all open tasks.
 * Code that races, holds or drops tasks in another way gets wrong results or loses decisions on the real host: see
 * docs/determinism.md.
 */
import type { AliasAnswer } from '../domain/alias.js';
import { INBOX_EVENT } from '../domain/approval.js';
import type { RelianceAnswer } from '../domain/reliance.js';
import type { SealedMessage } from '../domain/sealed.js';
import type { ActivityInput, ActivityName, ActivityOutput, Result } from './activities.js';
import {
  activityTask,
  aliasAnswer,
  aliasTask,
  type Context,
  dateAt,
  now,
  relianceAnswer,
  relianceTask,
  type Steps,
  settled,
  type Task,
  type TimerTask,
} from './durable.js';
import type { Process, WaitCondition } from './scheduler.js';

const DAY_MS = 86_400_000;
/**
 * Library and host both split timers of more than six days, each from its own current time. The host's time is behind
 * by up to SYNCHRONISE_EVERY_MS, so no timer is longer than four days for either of them.
 */
const LONGEST_TIMER_MS = 2 * DAY_MS;
const SYNCHRONISE_EVERY_MS = 2 * DAY_MS;

const NO_EVENT = 'never-sent';

/** Deadlines of minutes are rounded up to a common grid: timers that are due together cost one turn. */
const GRID_MS = 5 * 60_000;

/** Messages to entities, sent whenever no process can continue. */
export interface Outbox {
  readonly isEmpty: boolean;
  send(): void;
}

interface Timer {
  readonly task: TimerTask;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The requested time: a little earlier, or much later. */
  readonly nextCheckAt: number;
}

export class Waiting {
  readonly #ctx: Context;
  /** Signals to entities; they have no answer. */
  readonly #outgoing: (() => void)[] = [];
  /** A call to an entity is not yet scheduled. */
  #callsEntity = false;
  /** The host's time of the last sent messages: the one that their timestamps have. */
  #sentAt = Number.NEGATIVE_INFINITY;
  /** The host's current time: when it completed its last round. The library's time may be later. */
  #hostAt: number;
  /**
   * Whether the host has completed its last round. In every replay the host stamps messages to entities with its own
   * current time. An entity drops a message with an earlier timestamp than the last one, as a duplicate.
   */
  #isSynchronised = true;
  /** Tasks that processes have created, not yet passed to the host. */
  #fresh: Task[] = [];
  /** Tasks passed to the host, without a result yet. */
  #open: Task[] = [];
  /** The one open task for the inbox event. */
  #wait: Task | undefined;
  readonly #messages: unknown[] = [];
  /** Tasks that end the last round passed to the host: its new tasks and its timer. Empty after a task that was awaited alone. */
  #round: readonly Task[] = [];
  #timer: Timer | undefined;
  /** Timers of earlier rounds that determine the timestamps of sent messages. They are cancelled once they no longer do. */
  #datingTimers: Timer[] = [];
  /** When the host's time was last the same as the library's. */
  #synchronisedAt: number;

  constructor(ctx: Context) {
    this.#ctx = ctx;
    this.#synchronisedAt = now(ctx);
    this.#hostAt = now(ctx);
  }

  /** Runs a process to its end. The outbox is sent whenever no process can continue, and at the end. */
  *run<T>(main: Process<T>, outbox: Outbox): Steps<T> {
    for (let step = main.next(); ; step = main.next()) {
      if (step.done) {
        yield* this.#sendLast(outbox);
        return step.value;
      }
      while (!step.value.ready()) {
        if (!this.#maySend() && this.#hasToSend(outbox)) {
          yield* this.#synchronise();
          this.#collectSettled();
          continue;
        }
        this.#send(outbox);
        yield* this.#suspend(step.value);
      }
    }
  }

  /** Queues a signal to an entity; it is sent when that is safe. */
  queueSignal(send: () => void): void {
    this.#outgoing.push(send);
  }

  #hasToSend(outbox: Outbox): boolean {
    return !outbox.isEmpty || this.#outgoing.length > 0 || this.#callsEntity;
  }

  #send(outbox: Outbox): void {
    if (this.#hasToSend(outbox)) this.#sentAt = this.#hostAt;
    outbox.send();
    for (const send of this.#outgoing.splice(0)) send();
    this.#callsEntity = false;
  }

  /** At the end no timer may be open, and none may be cancelled in a turn in which it determines a timestamp. */
  *#sendLast(outbox: Outbox): Steps<void> {
    if (!this.#maySend() && this.#hasToSend(outbox)) yield* this.#synchronise();
    this.#send(outbox);
    this.#dropTimer();
    if (this.#datingTimers.length > 0) yield* this.#synchronise();
    this.#cancelDatingTimers();
  }

  /**
   * Calls an activity. If the result takes longer than `withinMs`, returns an error with code `deadline-exceeded`; the
   * activity continues, and its result is ignored. The time counts from now and includes queues and restarts. Deadlines
   * of minutes are rounded up.
   */
  *call<N extends ActivityName>(
    name: N,
    input: ActivityInput<N>,
    withinMs?: number,
  ): Process<Result<ActivityOutput<N>>> {
    const task = activityTask(this.#ctx, name, input);
    this.#fresh.push(task);
    const end = withinMs === undefined ? undefined : this.#deadline(withinMs);
    yield { ready: () => isSettled(task) || this.#isOver(end), nextCheckAt: end };
    return isSettled(task) ? settled(name, task) : deadlineExceeded(name, withinMs ?? 0);
  }

  /** Calls the reliance entity of an effect. */
  *askReliance(key: string, sealed: SealedMessage): Process<RelianceAnswer> {
    return relianceAnswer(yield* this.#ask(relianceTask(this.#ctx, key, sealed)));
  }

  /** Calls the entity of an alias of the incident. */
  *claimAlias(alias: string, sealed: SealedMessage): Process<AliasAnswer> {
    return aliasAnswer(yield* this.#ask(aliasTask(this.#ctx, alias, sealed)));
  }

  *#ask(task: Task): Process<Task> {
    this.#fresh.push(task);
    this.#callsEntity = true;
    yield { ready: () => isSettled(task) };
    return task;
  }

  /** Waits until `ready` returns true, or until the time `at` (milliseconds since the epoch). */
  *until(ready: () => boolean, at?: number): Process<void> {
    const either = () => ready() || this.#isOver(at);
    if (!either()) yield { ready: either, nextCheckAt: at };
  }

  *sleepUntil(at: number): Process<void> {
    yield* this.until(() => false, at);
  }

  /** Sleeps at least that long, until a whole second: several processes then wake in one turn. */
  *sleep(ms: number, isEnded = () => false): Process<void> {
    yield* this.until(isEnded, Math.ceil((now(this.#ctx) + ms) / 1_000) * 1_000);
  }

  /** The next message to this instance; undefined if `shouldStop` returns true or the time `at` passes first. */
  *nextMessage(shouldStop: () => boolean, at?: number): Process<{ readonly message: unknown } | undefined> {
    const ready = () => this.#messages.length > 0 || shouldStop() || this.#isOver(at);
    if (!ready()) yield { ready, nextCheckAt: at, takesMessages: true };
    return this.#messages.length > 0 ? { message: this.#messages.shift() } : undefined;
  }

  #deadline(withinMs: number): number {
    const end = now(this.#ctx) + withinMs;
    return withinMs < GRID_MS ? end : Math.ceil(end / GRID_MS) * GRID_MS;
  }

  #isOver(at: number | undefined): boolean {
    return at !== undefined && now(this.#ctx) >= at;
  }

  *#suspend({ nextCheckAt = Number.POSITIVE_INFINITY, takesMessages = false }: WaitCondition): Steps<void> {
    if (this.#hostAt > this.#sentAt) this.#cancelDatingTimers();
    const [only, ...others] = this.#fresh;
    const nothingElse = others.length === 0 && this.#open.length === 0 && !takesMessages;
    if (now(this.#ctx) - this.#synchronisedAt >= SYNCHRONISE_EVERY_MS) yield* this.#synchronise();
    else if (only !== undefined && nothingElse && nextCheckAt === Number.POSITIVE_INFINITY)
      yield* this.#awaitAlone(only);
    else yield this.#firstOf(takesMessages, nextCheckAt);
    this.#collectSettled();
  }

  /** Awaits one task alone: library and host wait for the same task. */
  *#awaitAlone(task: Task): Steps<void> {
    this.#dropTimer();
    this.#round = [];
    this.#isSynchronised = true;
    this.#fresh = this.#fresh.filter((one) => one !== task);
    try {
      yield task;
    } catch {
      // The process that created the task reads its error.
    }
    this.#synchronisedAt = now(this.#ctx);
    this.#hostAt = now(this.#ctx);
  }

  /**
   * In a replay the host does not wait for a cancelled timer, and its current time stays behind. It does wait for this
   * timer, which is due at once, however long the host was down.
   */
  *#synchronise(): Steps<void> {
    const at = Math.min(now(this.#ctx), this.#synchronisedAt + SYNCHRONISE_EVERY_MS + LONGEST_TIMER_MS);
    yield* this.#awaitAlone(this.#ctx.df.createTimer(dateAt(at)));
  }

  /**
   * The first of all open tasks. The host gets the new tasks only, with a timer: it would start a task twice if it got it
   * twice. If a task of an earlier round completes first, cancelling that timer makes the host continue.
   */
  #firstOf(takesMessages: boolean, nextCheckAt: number): Task {
    const fresh = this.#fresh.splice(0);
    this.#open.push(...fresh);
    const wait = takesMessages && this.#wait === undefined ? [this.#newWait()] : [];
    const isNew =
      fresh.length + wait.length > 0 || this.#timer === undefined || nextCheckAt < this.#timer.nextCheckAt;
    const timer = isNew ? this.#newTimer(nextCheckAt) : (this.#timer?.task as TimerTask);
    const first = this.#ctx.df.Task.any(isNew ? [...fresh, ...wait, timer] : [timer]);
    if (isNew) {
      this.#round = [...fresh, timer];
      this.#isSynchronised = false;
    } else Reflect.set(first, 'alreadyScheduled', true);
    for (const task of [...this.#open, ...(this.#wait ? [this.#wait] : []), timer]) {
      Reflect.set(task, 'parent', first);
    }
    return first;
  }

  /**
   * A wait for a message that never ends a round of the host. The host may have run ahead and assign it an earlier
   * message: of several waits it serves the last. The event that it is joined with is never sent.
   */
  #newWait(): Task {
    const { df } = this.#ctx;
    this.#wait = df.waitForExternalEvent(INBOX_EVENT);
    return df.Task.all([this.#wait, df.waitForExternalEvent(NO_EVENT)]);
  }

  /**
   * The id of a call to an entity is derived from the host's current time, and every later replay finds the answer by
   * that id. So there must be no open timer that may be cancelled later.
   */
  #maySend(): boolean {
    return this.#callsEntity ? this.#round.length === 0 : this.#isSynchronised;
  }

  #newTimer(nextCheckAt: number): TimerTask {
    this.#dropTimer();
    const current = now(this.#ctx);
    let at = Math.max(Math.min(nextCheckAt, current + LONGEST_TIMER_MS), current + 1);
    // Two open timers of the same time look like one timer in two rounds, which is an error.
    while (this.#datingTimers.some((timer) => timer.at === at)) at += 1;
    const task = this.#ctx.df.createTimer(dateAt(at));
    this.#timer = { task, at, nextCheckAt };
    return task;
  }

  /** In a replay the host does not wait for a cancelled timer; messages sent after it would get another timestamp. */
  #dropTimer(): void {
    const timer = this.#timer;
    this.#timer = undefined;
    if (timer === undefined || timer.task.isCompleted) return;
    if (this.#hostAt > this.#sentAt || !this.#isSynchronised) timer.task.cancel();
    else this.#datingTimers.push(timer);
  }

  #cancelDatingTimers(): void {
    for (const { task } of this.#datingTimers.splice(0)) if (!task.isCompleted) task.cancel();
  }

  #collectSettled(): void {
    if (!this.#isSynchronised && this.#round.some(isSettled)) {
      this.#isSynchronised = true;
      this.#hostAt = now(this.#ctx);
    }
    this.#open = this.#open.filter((task) => !isSettled(task));
    if (this.#timer?.task.isCompleted) this.#timer = undefined;
    if (!this.#wait?.isCompleted) return;
    this.#messages.push(this.#wait.result);
    this.#wait = undefined;
  }
}

function isSettled(task: Task): boolean {
  return task.isCompleted || task.isFaulted;
}

function deadlineExceeded(name: string, withinMs: number): Result<never> {
  return {
    ok: false,
    error: {
      code: 'deadline-exceeded',
      message: `Activity ${name} did not answer within ${withinMs / 1000} s.`,
      fault: 'service',
      retry: 'check-before-retry',
    },
  };
}
