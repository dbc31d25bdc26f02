/**
 * A process is one linear sequence: it waits by yielding a condition. Several run concurrently in one orchestration.
 * Which one continues depends only on the history, so every replay is the same.
 */

/** A condition that a process waits for. */
export interface WaitCondition {
  /** Checked after every event; the process continues once it returns true. */
  readonly ready: () => boolean;
  /** When to check at the latest, in milliseconds since the epoch. */
  readonly nextCheckAt?: number | undefined;
  /** Whether to receive messages to the instance meanwhile. */
  readonly takesMessages?: boolean;
}

/** Called with `yield*` by another process, or started in a Group. */
export type Process<T> = Generator<WaitCondition, T, void>;

/** Waits until `ready` returns true. */
export function* until(ready: () => boolean): Process<void> {
  if (!ready()) yield { ready };
}

interface Member {
  readonly body: Process<void>;
  pause: WaitCondition;
}

/** Concurrent processes. More can be started while the group runs; it ends when all have ended. */
export class Group {
  #members: Member[] = [];

  constructor(processes: Iterable<Process<void>> = []) {
    for (const body of processes) this.start(body);
  }

  start(body: Process<void>): void {
    this.#members.push({ body, pause: { ready: () => true } });
  }

  /** An error in one process ends the group with that error. */
  *run(): Process<void> {
    for (;;) {
      this.#advance();
      if (this.#members.length === 0) return;
      const pauses = this.#members.map(({ pause }) => pause);
      const times = pauses.flatMap(({ nextCheckAt }) => nextCheckAt ?? []);
      yield {
        ready: () => this.#members.some(({ pause }) => pause.ready()),
        nextCheckAt: times.length === 0 ? undefined : Math.min(...times),
        takesMessages: pauses.some(({ takesMessages }) => takesMessages === true),
      };
    }
  }

  /** Runs processes until none is ready: one may cause what another waits for. */
  #advance(): void {
    for (;;) {
      const next = this.#members.find(({ pause }) => pause.ready());
      if (next === undefined) return;
      const step = next.body.next();
      if (step.done) this.#members = this.#members.filter((member) => member !== next);
      else next.pause = step.value;
    }
  }
}

/** Runs processes concurrently until all have ended. */
export function runAll(processes: Iterable<Process<void>>): Process<void> {
  return new Group(processes).run();
}

/** Runs processes one after the other, first come, first served. */
export class Mutex {
  readonly #waiting: object[] = [];

  /** How many processes run or wait for their turn. */
  get length(): number {
    return this.#waiting.length;
  }

  *runExclusive<T>(body: () => Process<T>): Process<T> {
    const ticket = {};
    this.#waiting.push(ticket);
    yield { ready: () => this.#waiting[0] === ticket };
    try {
      return yield* body();
    } finally {
      this.#waiting.shift();
    }
  }
}
