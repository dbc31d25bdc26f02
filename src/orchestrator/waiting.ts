/**
 * All waiting, and nothing else may wait: whoever races, keeps or forgets tasks in another way gets wrong results or
 * loses decisions on the real host. Four rules hold here: one event name; a new wait and a new timer each round, the
 * losing timer cancelled; a wait that was not answered is kept and looked at before a new one is made; a leg with a
 * deadline is a plain activity. docs/determinism.md tells why.
 */
import { INBOX_EVENT } from '../domain/approval.js';
import type { ActivityInput, ActivityName, ActivityOutput, Envelope } from './activities.js';
import {
  activityTask,
  type Context,
  dateAt,
  now,
  type Steps,
  settled,
  type Task,
  type TimerTask,
} from './durable.js';

/**
 * The library and the host split longer timers, each for itself; one that is cancelled after its first part makes
 * their ids differ. Longer waits are made of several of these. (Azure Storage splits from six days on.)
 */
const LONGEST_TIMER_MS = 5 * 86_400_000;

/** Sleeps by durable timers. */
export function* sleep(ctx: Context, ms: number): Steps<void> {
  const end = now(ctx) + ms;
  do yield timerAt(ctx, end);
  while (now(ctx) < end);
}

/** A timer of that time, or of as much of it as one timer may take. */
function timerAt(ctx: Context, at: number): TimerTask {
  return ctx.df.createTimer(dateAt(Math.min(at, now(ctx) + LONGEST_TIMER_MS)));
}

/** What was said to this instance, in an order that does not matter: messages carry their own sequence. */
export class Inbox {
  readonly #ctx: Context;
  readonly #unanswered: Task[] = [];
  readonly #arrived: unknown[] = [];

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** The next message, or undefined when none came until then (milliseconds since the epoch; a past time looks once). */
  *next(until: number): Steps<{ readonly message: unknown } | undefined> {
    const end = Math.max(until, now(this.#ctx) + 1);
    for (;;) {
      this.#look();
      if (this.#arrived.length > 0) return { message: this.#arrived.shift() };
      if (now(this.#ctx) >= end) return undefined;
      const timer = timerAt(this.#ctx, end);
      const wait = this.#ctx.df.waitForExternalEvent(INBOX_EVENT);
      this.#unanswered.push(wait);
      yield this.#ctx.df.Task.any([wait, timer]);
      if (!timer.isCompleted) timer.cancel();
    }
  }

  /** Whether something was said that `next` would give without waiting. */
  get hasMessage(): boolean {
    this.#look();
    return this.#arrived.length > 0;
  }

  #look(): void {
    for (const wait of this.#unanswered.filter((task) => task.isCompleted)) {
      this.#unanswered.splice(this.#unanswered.indexOf(wait), 1);
      this.#arrived.push(wait.result);
    }
  }
}

export interface Leg<N extends ActivityName> {
  readonly input: ActivityInput<N>;
  readonly deadlineMs: number;
}

/**
 * Runs one activity for each leg at once, each with its own deadline. A leg that is late is an error with code
 * `deadline-exceeded`; its activity goes on and its result is not looked at.
 */
export function* runLegs<N extends ActivityName>(
  ctx: Context,
  name: N,
  legs: readonly Leg<N>[],
): Steps<Envelope<ActivityOutput<N>>[]> {
  if (legs.length === 0) return [];
  const races = legs.map(({ input, deadlineMs }) => {
    const timer = timerAt(ctx, now(ctx) + deadlineMs);
    const work = activityTask(ctx, name, input);
    return { timer, work, deadlineMs, first: ctx.df.Task.any([work, timer]) };
  });
  yield ctx.df.Task.all(races.map((race) => race.first));
  for (const { timer } of races) if (!timer.isCompleted) timer.cancel();
  return races.map(({ work, deadlineMs }) =>
    isSettled(work) ? settled(name, work) : late(name, deadlineMs),
  );
}

function isSettled(task: Task): boolean {
  return task.isCompleted || task.isFaulted;
}

function late(name: string, deadlineMs: number): Envelope<never> {
  return {
    ok: false,
    error: {
      code: 'deadline-exceeded',
      message: `Activity ${name} did not answer within ${deadlineMs / 1000} s.`,
      blame: 'service',
      retry: 'read-first',
    },
  };
}
