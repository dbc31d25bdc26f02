/**
 * All waiting, and nothing else may wait. Processes ask here for activities, time and messages; what they ask for at
 * one moment goes to the host as one `Task.any`, and then the first of all that is open is waited for. Whoever races,
 * keeps or forgets tasks in another way gets wrong results or loses decisions on the real host; docs/determinism.md
 * says why.
 */
import { INBOX_EVENT } from '../domain/approval.js';
import type { RelianceAnswer } from '../domain/reliance.js';
import type { SealedMessage } from '../domain/sealed.js';
import type { ActivityInput, ActivityName, ActivityOutput, Envelope } from './activities.js';
import {
  activityTask,
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
import type { Pause, Process } from './process.js';

const DAY_MS = 86_400_000;
/**
 * Library and host cut timers of more than six days, each for itself and counted from its own present. The host's is
 * behind by up to MEET_EVERY_MS, so that no timer is longer than four days for either.
 */
const LONGEST_TIMER_MS = 2 * DAY_MS;
const MEET_EVERY_MS = 2 * DAY_MS;

const NO_EVENT = 'nobody-sends-this';

/** Deadlines of minutes end on a common mark: timers that are due together cost one turn. */
const MARK_MS = 5 * 60_000;

/** What is sent to entities whenever nothing can go on. */
export interface Outbox {
  readonly isEmpty: boolean;
  send(): void;
}

interface Timer {
  readonly task: TimerTask;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** When it was asked for: a little earlier, or much later. */
  readonly wakeAt: number;
}

export class Waiting {
  readonly #ctx: Context;
  /** Messages to entities that nobody answers. */
  readonly #outgoing: (() => void)[] = [];
  /** An entity is to be called. */
  #callsEntity = false;
  /** When the last messages were sent. */
  #sentAt = Number.NEGATIVE_INFINITY;
  /** Asked for by a process, not yet of the host. */
  #fresh: Task[] = [];
  /** Asked of the host, without an answer yet. */
  #open: Task[] = [];
  /** The one wait for a message that is open. */
  #wait: Task | undefined;
  readonly #messages: unknown[] = [];
  /** What ends the last round that the host was given: what was new in it, and its timer. Empty after what was asked alone. */
  #round: readonly Task[] = [];
  #timer: Timer | undefined;
  /** Timers of earlier rounds by which messages were dated: cancelled a moment later, when nothing is dated by them any more. */
  #dating: Timer[] = [];
  /** When the host had last come as far as the library. */
  #metAt: number;

  constructor(ctx: Context) {
    this.#ctx = ctx;
    this.#metAt = now(ctx);
  }

  /** Runs a process to its end. What is in the outbox is sent whenever nothing can go on, and at the end. */
  *run<T>(main: Process<T>, outbox: Outbox): Steps<T> {
    for (let step = main.next(); ; step = main.next()) {
      if (step.done) {
        yield* this.#sendLast(outbox);
        return step.value;
      }
      while (!step.value.ready()) {
        if (!this.#maySend() && this.#hasToSend(outbox)) {
          yield* this.#meet();
          this.#lookAround();
          continue;
        }
        this.#send(outbox);
        yield* this.#waitFor(step.value);
      }
    }
  }

  /** Sends a message to an entity, in time. */
  tell(send: () => void): void {
    this.#outgoing.push(send);
  }

  #hasToSend(outbox: Outbox): boolean {
    return !outbox.isEmpty || this.#outgoing.length > 0 || this.#callsEntity;
  }

  #send(outbox: Outbox): void {
    if (this.#hasToSend(outbox)) this.#sentAt = now(this.#ctx);
    outbox.send();
    for (const send of this.#outgoing.splice(0)) send();
    this.#callsEntity = false;
  }

  /** At the end no timer may be open, nor one be cancelled in the turn in which it dates a message. */
  *#sendLast(outbox: Outbox): Steps<void> {
    if (!this.#maySend() && this.#hasToSend(outbox)) yield* this.#meet();
    this.#send(outbox);
    this.#dropTimer();
    if (this.#dating.length > 0) yield* this.#meet();
    this.#cancelDating();
  }

  /**
   * Calls an activity. With `withinMs`, an answer that takes longer is an error with code `deadline-exceeded`: the
   * activity goes on, and its result is not looked at. That counts from now, a queue and a restart included, and is a
   * little longer where it is minutes.
   */
  *call<N extends ActivityName>(
    name: N,
    input: ActivityInput<N>,
    withinMs?: number,
  ): Process<Envelope<ActivityOutput<N>>> {
    const task = activityTask(this.#ctx, name, input);
    this.#fresh.push(task);
    const end = withinMs === undefined ? undefined : this.#deadline(withinMs);
    yield { ready: () => isSettled(task) || this.#isOver(end), wakeAt: end };
    return isSettled(task) ? settled(name, task) : late(name, withinMs ?? 0);
  }

  /** Asks who relies on an effect. */
  *askReliance(key: string, sealed: SealedMessage): Process<RelianceAnswer> {
    const task = relianceTask(this.#ctx, key, sealed);
    this.#fresh.push(task);
    this.#callsEntity = true;
    yield { ready: () => isSettled(task) };
    return relianceAnswer(task);
  }

  /** Waits until something is so, or until that time (milliseconds since the epoch). */
  *until(ready: () => boolean, at?: number): Process<void> {
    const either = () => ready() || this.#isOver(at);
    if (!either()) yield { ready: either, wakeAt: at };
  }

  *sleepUntil(at: number): Process<void> {
    yield* this.until(() => false, at);
  }

  /** Sleeps that long, or a little longer: until a whole second, so that several wake in one turn. */
  *sleep(ms: number): Process<void> {
    yield* this.sleepUntil(Math.ceil((now(this.#ctx) + ms) / 1_000) * 1_000);
  }

  /** The next message to this instance; undefined when `over` became true, or that time came, before there was one. */
  *nextMessage(over: () => boolean, at?: number): Process<{ readonly message: unknown } | undefined> {
    const ready = () => this.#messages.length > 0 || over() || this.#isOver(at);
    if (!ready()) yield { ready, wakeAt: at, hears: true };
    return this.#messages.length > 0 ? { message: this.#messages.shift() } : undefined;
  }

  #deadline(withinMs: number): number {
    const end = now(this.#ctx) + withinMs;
    return withinMs < MARK_MS ? end : Math.ceil(end / MARK_MS) * MARK_MS;
  }

  #isOver(at: number | undefined): boolean {
    return at !== undefined && now(this.#ctx) >= at;
  }

  *#waitFor({ wakeAt = Number.POSITIVE_INFINITY, hears = false }: Pause): Steps<void> {
    if (now(this.#ctx) > this.#sentAt) this.#cancelDating();
    const [only, ...others] = this.#fresh;
    const nothingElse = others.length === 0 && this.#open.length === 0 && !hears;
    if (now(this.#ctx) - this.#metAt >= MEET_EVERY_MS) yield* this.#meet();
    else if (only !== undefined && nothingElse && wakeAt === Number.POSITIVE_INFINITY) yield* this.#ask(only);
    else yield this.#firstOf(hears, wakeAt);
    this.#lookAround();
  }

  /** One task alone: library and host wait for the same. */
  *#ask(task: Task): Steps<void> {
    this.#dropTimer();
    this.#round = [];
    this.#fresh = this.#fresh.filter((one) => one !== task);
    try {
      yield task;
    } catch {
      // Whoever asked for it looks at the task.
    }
    this.#metAt = now(this.#ctx);
  }

  /**
   * In a replay the host does not wait where a timer was cancelled, and its present stays behind. It waits for this
   * timer, which is due at once however long nobody was there.
   */
  *#meet(): Steps<void> {
    const at = Math.min(now(this.#ctx), this.#metAt + MEET_EVERY_MS + LONGEST_TIMER_MS);
    yield* this.#ask(this.#ctx.df.createTimer(dateAt(at)));
  }

  /**
   * The first of all that is open. The host is asked only for what is new, with a timer: it would start once more what
   * it is given twice. Where something of an earlier round came first, cancelling that timer is what makes it go on.
   */
  #firstOf(hears: boolean, wakeAt: number): Task {
    const asks = this.#fresh.splice(0);
    this.#open.push(...asks);
    const wait = hears && this.#wait === undefined ? [this.#newWait()] : [];
    const isNew = asks.length + wait.length > 0 || this.#timer === undefined || wakeAt < this.#timer.wakeAt;
    const timer = isNew ? this.#newTimer(wakeAt) : (this.#timer?.task as TimerTask);
    const first = this.#ctx.df.Task.any(isNew ? [...asks, ...wait, timer] : [timer]);
    if (isNew) this.#round = [...asks, timer];
    else Reflect.set(first, 'alreadyScheduled', true);
    for (const task of [...this.#open, ...(this.#wait ? [this.#wait] : []), timer]) {
      Reflect.set(task, 'parent', first);
    }
    return first;
  }

  /**
   * A wait that ends no round for the host, which may give it an earlier message: of several waits it serves the last,
   * and it may have run ahead. Nobody sends the event that it is joined with.
   */
  #newWait(): Task {
    const { df } = this.#ctx;
    this.#wait = df.waitForExternalEvent(INBOX_EVENT);
    return df.Task.all([this.#wait, df.waitForExternalEvent(NO_EVENT)]);
  }

  /**
   * Whether the host has come as far as its last round. It dates messages to entities by its own present, in every replay
   * again, and an entity takes a message that is dated before the last one for a repetition: it would be lost.
   */
  #isMet(): boolean {
    return this.#round.length === 0 || this.#round.some(isSettled);
  }

  /**
   * The id of a call to an entity is made of the host's present, and its answer is found by that in every replay to come:
   * there must be no timer that may yet be cancelled.
   */
  #maySend(): boolean {
    return this.#callsEntity ? this.#round.length === 0 : this.#isMet();
  }

  #newTimer(wakeAt: number): TimerTask {
    this.#dropTimer();
    const present = now(this.#ctx);
    let at = Math.max(Math.min(wakeAt, present + LONGEST_TIMER_MS), present + 1);
    // Two open timers of one time look like one that is waited for in two rounds, which would be a fault.
    while (this.#dating.some((timer) => timer.at === at)) at += 1;
    const task = this.#ctx.df.createTimer(dateAt(at));
    this.#timer = { task, at, wakeAt };
    return task;
  }

  /** In a replay the host does not wait where a timer is cancelled; what it sent after that would have another date. */
  #dropTimer(): void {
    const timer = this.#timer;
    this.#timer = undefined;
    if (timer === undefined || timer.task.isCompleted) return;
    if (now(this.#ctx) > this.#sentAt || !this.#isMet()) timer.task.cancel();
    else this.#dating.push(timer);
  }

  #cancelDating(): void {
    for (const { task } of this.#dating.splice(0)) if (!task.isCompleted) task.cancel();
  }

  #lookAround(): void {
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

function late(name: string, withinMs: number): Envelope<never> {
  return {
    ok: false,
    error: {
      code: 'deadline-exceeded',
      message: `Activity ${name} did not answer within ${withinMs / 1000} s.`,
      blame: 'service',
      retry: 'read-first',
    },
  };
}
